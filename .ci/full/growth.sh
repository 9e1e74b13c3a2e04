#!/usr/bin/env bash
# Measures how CPU time and memory grow with everything that a repository can have many of. It compares a project with one
# four times as large, so it needs no reference.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "growth of the cost, with the limit 1.2 for the exponent"
release_program
cargo build --release --manifest-path benches/speed/Cargo.toml --locked --quiet
FORCELINT=$program benches/speed/target/release/forcelint-speed --growth
