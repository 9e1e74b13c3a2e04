#!/usr/bin/env bash
# Builds the program of a release for a target, and prints its path. On Linux the program is static, so it runs on any
# distribution.
#
# Argument: the target. rustup has to have its standard library.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
target=$1

# musl is always linked statically. For glibc, it has to be requested.
case $target in
  *-linux-*) export RUSTFLAGS="-C target-feature=+crt-static" ;;
esac
cargo build --release --locked --target "$target" >&2

case $target in
  *windows*) program=target/$target/release/forcelint.exe ;;
  *) program=target/$target/release/forcelint ;;
esac
case $target in
  *-linux-*)
    if needed=$(objdump -p "$program" | grep NEEDED); then
      echo "$program is not static: $needed" >&2
      exit 1
    fi
    ;;
esac
printf '%s\n' "$program"
