#!/usr/bin/env bash
# Creates the commit and the tag of a release. The commit adds the checksums of the archives to the action.
#
# Argument: the folder with the archives. The checkout has to be at the commit that they were built from. Writes SHA256SUMS
# to that folder. Pushes nothing, and keeps the checksums of earlier releases.
set -euo pipefail
archives=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
known=.github/action/checksums.txt

[ -z "$(git status --porcelain)" ] || { echo "the checkout has uncommitted changes" >&2; exit 1; }
for target in x86_64-unknown-linux-musl.tar.gz aarch64-unknown-linux-musl.tar.gz x86_64-apple-darwin.tar.gz \
  aarch64-apple-darwin.tar.gz x86_64-pc-windows-msvc.zip; do
  [ -f "$archives/forcelint-$version-$target" ] || { echo "forcelint-$version-$target is missing" >&2; exit 1; }
done
if grep -q "  forcelint-$version-" "$known"; then
  echo "$known already has archives of $version" >&2
  exit 1
fi

(cd "$archives" && sha256sum -- *.tar.gz *.zip >SHA256SUMS)
cat "$archives/SHA256SUMS" >>"$known"
git add "$known"
git commit --quiet --message "forcelint $version

Adds the checksums of the archives, which the action compares downloads with. The archives were built from the parent commit."
git tag --annotate --message "forcelint $version" "v$version"
echo "v$version"
