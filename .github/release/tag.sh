#!/usr/bin/env bash
# Makes the commit and the tag of a release: what was built, and the checksums of its archives for the action.
#
# In: the folder with the archives; the checkout is at the commit that they were built from. Out: the tag, and
# SHA256SUMS beside the archives. Pushes nothing. The checksums of earlier releases stay.
set -euo pipefail
archives=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
known=.github/action/checksums.txt

[ -z "$(git status --porcelain)" ] || { echo "the checkout has changes that were not built" >&2; exit 1; }
for target in x86_64-unknown-linux-musl.tar.gz aarch64-unknown-linux-musl.tar.gz x86_64-apple-darwin.tar.gz \
  aarch64-apple-darwin.tar.gz x86_64-pc-windows-msvc.zip; do
  [ -f "$archives/forcelint-$version-$target" ] || { echo "forcelint-$version-$target is missing" >&2; exit 1; }
done
if grep -q "  forcelint-$version-" "$known"; then
  echo "$known knows archives of $version already" >&2
  exit 1
fi

(cd "$archives" && sha256sum -- *.tar.gz *.zip >SHA256SUMS)
cat "$archives/SHA256SUMS" >>"$known"
git add "$known"
git commit --quiet --message "forcelint $version

The checksums of its archives, with which the action compares downloads. They were built from the commit before."
git tag --annotate --message "forcelint $version" "v$version"
echo "v$version"
