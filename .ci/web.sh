#!/usr/bin/env bash
# The page in the browser, in Chromium. `.ci/slow` runs it: compiling the module takes more than five minutes.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/setup.sh"
build_program

step "page in the browser: build"
need chromium chromium fonts-dejavu-core
# Without the target in the toolchain, `cargo xtask web` compiles the standard library with these packages.
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] && [ ! -d /usr/lib/rustlib/src/rust/library ]; then
  need rustc-web rustc-web rust-web-src
fi
cargo xtask web
npm run --silent --prefix web check

step "page in the browser: findings, fixes, downloads, hostile files, no requests, accessibility"
mkdir -p "$work/web"
cp .ci/web/package.json .ci/web/package-lock.json "$work/web"
npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$work/web"
node .ci/check_web.mjs "$forcelint" target/web/page/index.html "$work/web"
