#!/usr/bin/env bash
# Downloads the release of forcelint for this runner, compares its SHA-256 with checksums.txt, and unpacks it.
#
# Input: VERSION (default: the version of this action), DOWNLOAD_URL (the address of the releases), and the runner's
# RUNNER_OS, RUNNER_ARCH, RUNNER_TEMP and RUNNER_TOOL_CACHE. Output: the outputs `program` (its path) and `version`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=.github/action/messages.sh
. "$here/messages.sh"

version=${VERSION:-}
if [ -z "$version" ]; then
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../../Cargo.toml" | head -n 1)
fi
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] ||
  die "the input 'version' is '$version'; use an exact version such as 1.2.3"
[[ $DOWNLOAD_URL =~ ^https?://[^[:space:]]+$ ]] ||
  die "the input 'download-url' is '$DOWNLOAD_URL'; it must start with https://"

case ${RUNNER_OS:-}/${RUNNER_ARCH:-} in
  Linux/X64) target=x86_64-unknown-linux-musl ;;
  Linux/ARM64) target=aarch64-unknown-linux-musl ;;
  macOS/X64) target=x86_64-apple-darwin ;;
  macOS/ARM64) target=aarch64-apple-darwin ;;
  Windows/X64) target=x86_64-pc-windows-msvc ;;
  # Windows on ARM runs x64 programs.
  Windows/ARM64) target=x86_64-pc-windows-msvc ;;
  *) die "no release is available for ${RUNNER_OS:-an unknown system} on ${RUNNER_ARCH:-an unknown machine}; build one with cargo install forcelint" ;;
esac
name=forcelint-$version-$target
case $target in
  *windows*) archive=$name.zip program=forcelint.exe ;;
  *) archive=$name.tar.gz program=forcelint ;;
esac

expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  ${archive//./\\.}\$/\1/p" "$here/checksums.txt")
[ "${#expected}" -eq 64 ] ||
  die "this version of the action has no checksum of $archive; use the action at the tag v$version or a later one"

sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1"
  else
    shasum -a 256 <"$1"
  fi | cut -c 1-64
}

# Self-hosted runners may have the archive from an earlier job. Verify it like a download.
kept=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/forcelint/$archive
if [ ! -f "$kept" ] || [ "$(sha256 "$kept")" != "$expected" ]; then
  mkdir -p "$(dirname "$kept")"
  url=${DOWNLOAD_URL%/}/v$version/$archive
  curl --fail --location --proto '=https,http' --retry 3 --silent --show-error --output "$kept.part" "$url" ||
    die "$url could not be downloaded"
  actual=$(sha256 "$kept.part")
  if [ "$actual" != "$expected" ]; then
    rm -f "$kept.part"
    die "$url has the SHA-256 $actual instead of $expected: it is not the released archive, and was not run"
  fi
  mv "$kept.part" "$kept"
fi

unpacked=$RUNNER_TEMP/forcelint-unpacked
rm -rf "$unpacked"
mkdir -p "$unpacked"
case $archive in
  *.zip) unzip -q "$kept" -d "$unpacked" ;;
  # From stdin, because GNU tar treats the part before a colon in a Windows path as a host name.
  *) tar -xz -C "$unpacked" <"$kept" ;;
esac
output program "$unpacked/$name/$program"
output version "$version"
