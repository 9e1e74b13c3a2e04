#!/usr/bin/env bash
# The parser against expat; fixes by git, by another parser, and when the run is killed.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"
build_program

step "the parser, against expat"
python3 .ci/check_parser.py "$forcelint"

step "fixes that are killed, overtaken or out of disk space"
python3 .ci/check_faults.py "$forcelint"

step "fixes, by git and by another XML parser"
for project in sample gates metadata-format; do
  python3 .ci/check_fixes.py "$forcelint" "testdata/$project"
done
