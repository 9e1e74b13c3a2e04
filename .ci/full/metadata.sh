#!/usr/bin/env bash
# forcelint's metadata schema and components, compared with Salesforce's npm packages.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

# The versions of xtask/schema/generate.mjs. metadata.txt contains them, too, so the first step fails for other versions.
mkdir -p "$work/library"
# The HTTP client of the library requires a newer Node than the library. It is not used here.
cat >"$work/library/package.json" <<'JSON'
{
  "private": true,
  "dependencies": { "@salesforce/source-deploy-retrieve": "13.7.0", "@salesforce/types": "1.9.0" },
  "overrides": { "undici": "7.16.0" }
}
JSON
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/library"
build_program

step "metadata schema is up to date"
FORCELINT_SCHEMA_PACKAGES=$work/library/node_modules/@salesforce cargo test --locked --quiet --test schema -- --ignored

step "history of the metadata schema is up to date"
node xtask/schema/history.mjs --check

step "replacements, compared with Salesforce's library"
node .ci/check_replacements.mjs "$forcelint" "$work/library"

step "components of projects, compared with Salesforce's library"
node .ci/check_components.mjs "$forcelint" "$work/library" testdata/{sample,gates,metadata-format,adopted} testdata/bad-input/{files,hostile}

step "manifest of what rules read, resolved with Salesforce's library"
node .ci/check_manifest.mjs "$forcelint" "$work/library"

step "decomposed components and their fixes, composed with Salesforce's library"
node .ci/check_decomposed.mjs "$work/library" "$forcelint"

step ".forceignore, compared with Salesforce's library"
node .ci/check_forceignore.mjs "$forcelint" "$work/library"
