#!/usr/bin/env bash
# The XML parser compared with expat. Fixes compared with git and another parser, and killed runs.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"
build_program

step "parser, compared with expat"
python3 .ci/check_parser.py "$forcelint"

step "fixes in killed runs, with changed files and without disk space"
python3 .ci/check_faults.py "$forcelint"

step "fixes, compared with git and another XML parser"
for project in sample gates metadata-format; do
  python3 .ci/check_fixes.py "$forcelint" "testdata/$project"
done
