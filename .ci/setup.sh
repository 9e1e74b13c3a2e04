# shellcheck shell=bash disable=SC2034 # the scripts that source this file use its variables
# Shared code of the CI scripts. Each script sources this file, so that it can run by itself or as a part of `.ci/run`.
#
# It provides the folder `$work`, the path `$forcelint` of a debug build, and the functions below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Each part of CI compiles once, so incremental data would only fill the disk.
export RUST_BACKTRACE=0 CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0

if [ -z "${CI_WORK-}" ]; then
  CI_WORK=$(mktemp -d)
  export CI_WORK
  trap 'rm -rf "$CI_WORK"' EXIT
fi
work=$CI_WORK
forcelint=$PWD/target/debug/forcelint

step() { printf '\n== %s\n' "$1"; }

# Dependencies of the tests turn on features of other crates, so `cargo build` would compile many crates again.
build_program() { cargo test --no-run --locked --quiet; }

# need PROGRAM PACKAGE...: installs the packages if the program is missing.
need() { command -v "$1" >/dev/null || debian_packages "${@:2}"; }

debian_packages() {
  local sudo=
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get -qq update
  DEBIAN_FRONTEND=noninteractive $sudo apt-get -qq install --no-install-recommends "$@"
}

# python_packages PACKAGE...: installs the packages into `$work/venv`.
python_packages() {
  [ -d "$work/venv" ] || python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# release_program: sets `$program` to a static program, built like in the release workflow but without LTO, like in the
# profile `profiling`, because `check_speed.py` counts its instructions. `.ci/slow` builds it with LTO.
release_program() {
  if [ ! -f "$work/program" ]; then
    CARGO_PROFILE_RELEASE_LTO=${CARGO_PROFILE_RELEASE_LTO-false} \
      CARGO_PROFILE_RELEASE_CODEGEN_UNITS=${CARGO_PROFILE_RELEASE_CODEGEN_UNITS-16} \
      bash .github/release/build.sh "$(uname -m)-unknown-linux-gnu" >"$work/program.unfinished"
    mv "$work/program.unfinished" "$work/program"
  fi
  program=$PWD/$(cat "$work/program")
}

# release_archive: sets `$program` and `$archive`, and fills `$work/archives` and `$work/wheels`. The name of the
# archive has the target of releases, although the program is built for another one: not every toolchain has musl.
release_archive() {
  release_program
  if [ ! -f "$work/archive" ]; then
    python3 .github/release/archive.py "$(uname -m)-unknown-linux-musl" "$program" "$work/archives" >"$work/archive.unfinished"
    CARGO_PROFILE_RELEASE_LTO=${CARGO_PROFILE_RELEASE_LTO-false} \
      CARGO_PROFILE_RELEASE_CODEGEN_UNITS=${CARGO_PROFILE_RELEASE_CODEGEN_UNITS-16} \
      bash .github/release/wheel.sh "$(uname -m)-unknown-linux-gnu" "$work/wheels" "$work/archives" ""
    mv "$work/archive.unfinished" "$work/archive"
  fi
  archive=$(cat "$work/archive")
}
