#!/usr/bin/env bash
# pre-commit, the GitHub Action, and the examples for other CI systems.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"
need jq jq
release_archive
python_packages pre-commit==4.7.0 PyYAML==6.0.3

step "pre-commit"
"$work/venv/bin/python" .ci/check_pre_commit.py . "$work/wheels"

step "GitHub Action and examples for other CI systems"
"$work/venv/bin/python" .ci/check_action.py . "$program"
"$work/venv/bin/python" .ci/check_examples.py . "$program"
