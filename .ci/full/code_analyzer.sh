#!/usr/bin/env bash
# The npm package for ESLint and Salesforce Code Analyzer, in the real programs.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

release_archive
node packaging/npm/build.mjs "$work/archives" "$work/packages" >"$work/packing.log" || { cat "$work/packing.log"; exit 1; }
mkdir -p "$work/code_analyzer"
cp .ci/code_analyzer/package.json .ci/code_analyzer/package-lock.json "$work/code_analyzer"
npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$work/code_analyzer"

step "findings and fixes in ESLint, compared with the command line"
node .ci/check_eslint.mjs "$work/packages" "$work/code_analyzer"

step "findings in Salesforce Code Analyzer and its MCP provider, compared with the command line"
node .ci/check_code_analyzer.mjs "$work/packages" "$work/code_analyzer"
