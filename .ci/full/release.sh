#!/usr/bin/env bash
# The release workflow without publishing: static program, archive, wheel, npm packages, crate, tag.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "release: static program, archive, wheel, npm packages, crate, tag"
release_archive
need ruby ruby
node packaging/npm/build.mjs "$work/archives" "$work/packages"
node .ci/check_npm.mjs "$work/packages"
bash .ci/check_release "$archive"
# `cargo package` would compile the crate in a separate folder. Here it uses the shared target folder.
packed=target/package/$("$program" --version | tr ' ' -)
rm -rf "$packed"
cargo package --package forcelint --locked --allow-dirty --quiet --no-verify
# With the current time (-m): files in a crate have a fixed time, so cargo would not compile changed files again.
tar -xzmf "$packed.crate" -C target/package
cargo check --locked --quiet --manifest-path "$packed/Cargo.toml" --target-dir target
python3 -m venv "$work/wheel"
"$work/wheel/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$work/wheels" forcelint
[ "$("$work/wheel/bin/forcelint" --version)" = "$("$program" --version)" ]
