#!/usr/bin/env bash
# Reports, tested with programs that read them.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"
build_program

step "SARIF with Microsoft's validator"
npm install --silent --no-audit --no-fund --prefix "$work/npm" @microsoft/sarif-multitool-linux@5.7.0
multitool=$work/npm/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
chmod +x "$multitool"
for project in testdata/*/; do
  name=$(basename "$project")
  "$forcelint" check --quiet --min-severity info --format "sarif=$work/$name.sarif" "$project" || true
  "$multitool" validate "$work/$name.sarif" --rule-kind "Sarif;Ghas;Ado" --level "Error;Warning;Note" \
    -o "$work/$name.validated.sarif" --log ForceOverwrite >"$work/multitool.log" 2>&1 || cat "$work/multitool.log"
  python3 .ci/read_validation.py "$work/$name.validated.sarif"
done

step "JUnit with the schema of Jenkins's plugin, Markdown with GitHub's parser"
python_packages lxml==6.1.3 cmarkgfm==2025.10.22 pyte==0.8.2
"$work/venv/bin/python" .ci/check_formats.py "$forcelint" tests/schemas/junit-10.xsd testdata/*/

step "HTML report in a browser"
need chromium chromium fonts-dejavu-core
python3 .ci/check_html.py "$forcelint" testdata/*/

step "hostile names, values and texts on a terminal and in a CI log"
"$work/venv/bin/python" .ci/check_hostile.py "$forcelint"
