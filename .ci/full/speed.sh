#!/usr/bin/env bash
# Counts instructions of the release program, because times vary too much on CI machines. `.ci/slow` measures times.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "instructions, compared with the reference"
need valgrind valgrind libc6-dbg
release_program
cargo build --release --manifest-path benches/speed/Cargo.toml --locked --quiet
python3 .ci/check_speed.py "$program" benches/speed/target/release/forcelint-speed
