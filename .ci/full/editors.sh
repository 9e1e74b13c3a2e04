#!/usr/bin/env bash
# The language server in Neovim, and the VS Code extension.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"
build_program

step "language server in Neovim"
need nvim neovim
python3 .ci/check_neovim.py "$forcelint"

step "VS Code extension: types, packages, and tests of the packed extension"
release_archive
npm ci --silent --no-audit --no-fund --ignore-scripts --prefix editors/vscode
npm run --silent --prefix editors/vscode check
node editors/vscode/package.mjs "$work/archives" "$work/extension" >"$work/packing.log" || { cat "$work/packing.log"; exit 1; }
python3 .ci/check_vscode.py "$work/extension"
