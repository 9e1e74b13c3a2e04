#!/usr/bin/env bash
# Instructions of the release program: machines of CI are too noisy for times. `.ci/slow` measures times.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "instructions, against those of the last time"
need valgrind valgrind libc6-dbg
release_program
cargo build --release --manifest-path benches/speed/Cargo.toml --locked --quiet
python3 .ci/check_speed.py "$program" benches/speed/target/release/forcelint-speed
