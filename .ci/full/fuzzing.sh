#!/usr/bin/env bash
# Each fuzz target for a few seconds; `fuzz/run 600` looks longer.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "fuzzing"
# A build with fewer optimizations is done sooner on a fresh machine, and finds the same.
CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_DEBUG=0 fuzz/run 15
