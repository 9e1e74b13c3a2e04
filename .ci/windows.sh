#!/usr/bin/env bash
# Builds the program and its tests for Windows, and runs them with Wine. `.ci/slow windows` starts it.
#
# It uses Debian's compiler with the source of its standard library, because not every machine can install a target
# with rustup. Programs that tests start (git, zsh, node) do not exist in Wine. `windows/check_tests.py` lists each test
# that did not run or did not pass, and compares them with `windows/not_passed.toml`. The workflow runs all tests on
# Windows and macOS.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/setup.sh"

target=x86_64-pc-windows-gnu

step "tools for Windows"
need x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64-win32
need wine wine wine64
[ -d /usr/lib/rustlib/src/rust/library ] || debian_packages rustc-web rust-web-src

# `-Zbuild-std` is unstable.
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
# Debug information would need several gigabytes.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$PWD/target/windows
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
build=(--target "$target" "-Zbuild-std=std,panic_unwind,panic_abort,test" --locked)

step "build for Windows"
cargo test --no-run "${build[@]}"

step "tests with Wine"
export WINEPREFIX=$work/wine WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
wine wineboot --init
wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f
x86_64-w64-mingw32-gcc -shared -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" \
  .ci/windows/bcryptprimitives.c -ladvapi32
# Some tests fail, which `check_tests.py` compares with the list.
cargo test --no-fail-fast --tests "${build[@]}" >"$work/windows.log" 2>&1 || true
wineserver --kill || true
python3 .ci/windows/check_tests.py "$work/windows.log" .ci/windows/not_passed.toml
