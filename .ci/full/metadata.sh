#!/usr/bin/env bash
# What forcelint knows of Salesforce metadata, against Salesforce's own packages.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

# The versions that xtask/schema/generate.mjs names. metadata.txt names them too, so others fail the first step.
mkdir -p "$work/library"
# Its HTTP client asks for a newer Node than the rest of it; nothing here uses it.
cat >"$work/library/package.json" <<'JSON'
{
  "private": true,
  "dependencies": { "@salesforce/source-deploy-retrieve": "13.7.0", "@salesforce/types": "1.9.0" },
  "overrides": { "undici": "7.16.0" }
}
JSON
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/library"
build_program

step "the metadata schema is what its packages contain"
FORCELINT_SCHEMA_PACKAGES=$work/library/node_modules/@salesforce cargo test --locked --quiet --test schema -- --ignored

step "the components of a project, by Salesforce's own library"
node .ci/check_components.mjs "$forcelint" "$work/library" testdata/{sample,gates,metadata-format,adopted} testdata/bad-input/{files,hostile}
