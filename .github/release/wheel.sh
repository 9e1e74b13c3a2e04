#!/usr/bin/env bash
# Builds the wheel for a target from what build.sh compiled, and writes forcelint's bill of materials to the archives.
#
# Arguments: the target, the folder for the wheel, the folder of the archives, more platform tags for the wheel (or an empty
# string), and options of maturin. Writes the wheel, and forcelint-VERSION-TARGET.cdx.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
target=$1 more_tags=$4
mkdir -p "$2" "$3"
into=$(cd "$2" && pwd)
archives=$(cd "$3" && pwd)
shift 4
tools=$(mktemp -d)
# maturin includes license files only from the folder of the project.
licenses=(packaging/pypi/LICENSE packaging/pypi/THIRD-PARTY-NOTICES.txt)
trap 'rm -rf "$tools" "${licenses[@]}"' EXIT
cp LICENSE "${licenses[0]}"
python3 .github/release/notices.py "$target" >"${licenses[1]}"
python3 -m venv "$tools"
programs=$tools/bin
[ -d "$programs" ] || programs=$tools/Scripts
"$programs/pip" install --quiet --disable-pip-version-check maturin==1.16.0 wheel==0.47.0

case $target in
  *-linux-*) export RUSTFLAGS="-C target-feature=+crt-static" ;;
esac
(cd packaging/pypi && "$programs/maturin" build --release --locked --target "$target" --out "$into" "$@")
wheel=$(ls "$into"/forcelint-*.whl)
if [ -n "$more_tags" ]; then
  "$programs/wheel" tags --remove --platform-tag "+$more_tags" "$wheel" >/dev/null
  wheel=$(ls "$into"/forcelint-*.whl)
fi

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
"$programs/python" - "$wheel" "$archives/forcelint-$version-$target.cdx.json" <<'PYTHON'
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    [name] = [name for name in wheel.namelist() if name.endswith("/sboms/forcelint.cyclonedx.json")]
    with open(sys.argv[2], "wb") as file:
        file.write(wheel.read(name))
PYTHON
