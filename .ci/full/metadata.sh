#!/usr/bin/env bash
# What forcelint knows of Salesforce metadata, against Salesforce's own packages.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "the metadata schema is what its packages contain"
node xtask/schema/generate.mjs --check

step "the components of a project, by Salesforce's own library"
build_program
mkdir -p "$work/library"
# Its HTTP client asks for a newer Node than the rest of it; nothing here uses it.
echo '{ "private": true, "dependencies": { "@salesforce/source-deploy-retrieve": "13.7.0" }, "overrides": { "undici": "7.16.0" } }' \
  >"$work/library/package.json"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/library"
node .ci/check_components.mjs "$forcelint" "$work/library" testdata/{sample,gates,metadata-format,adopted} testdata/bad-input/{files,hostile}
