#!/usr/bin/env bash
# The plugin for the Salesforce CLI, in the real CLI.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

release_archive
node packaging/npm/build.mjs "$work/archives" "$work/packages" >"$work/packing.log" || { cat "$work/packing.log"; exit 1; }
mkdir -p "$work/sf_plugin"
cp .ci/sf_plugin/package.json .ci/sf_plugin/package-lock.json "$work/sf_plugin"
npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$work/sf_plugin"

step "projects, and an org on this machine, in the Salesforce CLI, compared with the command line"
node .ci/check_sf_plugin.mjs "$work/packages" "$work/sf_plugin"
