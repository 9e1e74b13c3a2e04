#!/usr/bin/env bash
# Each fuzz target for a few seconds. `fuzz/run 600` runs them for ten minutes.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "fuzzing"
# Fewer optimizations make the build faster on a fresh machine, and find the same failures.
CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_DEBUG=0 fuzz/run 15
