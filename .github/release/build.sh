#!/usr/bin/env bash
# Builds the program of a release for a target, and prints its path. On Linux it depends on no library: any Linux runs it.
#
# In: the target, whose standard library rustup has.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
target=$1

# glibc is left out of the program only when asked for; musl always is in it.
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
