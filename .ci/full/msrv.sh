#!/usr/bin/env bash
# Compiles the program with the oldest supported Rust, `rust-version` in Cargo.toml.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
step "oldest supported Rust, $version"
if ! command -v rustup >/dev/null; then
  echo "skipped: rustup is not installed, so Rust $version cannot be installed"
  exit 0
fi
rustup toolchain list | grep -q "^$version-" || rustup toolchain install "$version" --profile minimal
# In a shared target folder, each toolchain would compile everything again.
rustup run "$version" cargo check --package forcelint --locked --quiet --target-dir target/msrv
