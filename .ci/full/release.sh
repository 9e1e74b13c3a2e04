#!/usr/bin/env bash
# A release by the scripts of its workflow, up to what would be published: static program, archive, wheel, npm packages,
# crate, tag.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "a release: static program, archive, wheel, npm packages, crate, tag"
release_archive
node packaging/npm/build.mjs "$work/archives" "$work/packages"
node .ci/check_npm.mjs "$work/packages"
bash .ci/check_release "$archive"
# `cargo package` would build what it packs in a folder of its own; here the build is shared.
packed=target/package/$("$program" --version | tr ' ' -)
rm -rf "$packed"
cargo package --package forcelint --locked --allow-dirty --quiet --no-verify
# With the current time (-m): cargo takes files with the fixed time of a crate for those that it compiled last time.
tar -xzmf "$packed.crate" -C target/package
cargo check --locked --quiet --manifest-path "$packed/Cargo.toml" --target-dir target
python3 -m venv "$work/wheel"
"$work/wheel/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$work/wheels" forcelint
[ "$("$work/wheel/bin/forcelint" --version)" = "$("$program" --version)" ]
