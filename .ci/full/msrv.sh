#!/usr/bin/env bash
# The program with the oldest Rust that `rust-version` in Cargo.toml promises.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
step "the oldest supported Rust, $version"
if ! command -v rustup >/dev/null; then
  echo "skipped: rustup is not installed, so Rust $version cannot be installed beside the toolchain in use"
  exit 0
fi
rustup toolchain list | grep -q "^$version-" || rustup toolchain install "$version" --profile minimal
# Each toolchain would compile again what another one has left in the same folder.
rustup run "$version" cargo check --package forcelint --locked --quiet --target-dir target/msrv
