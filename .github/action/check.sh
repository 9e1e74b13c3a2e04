#!/usr/bin/env bash
# Runs forcelint with the inputs of the action, and passes its reports to GitHub.
#
# Input: PROGRAM, the action's inputs in variables of the same names, and the runner's GITHUB_* variables. Output:
# annotations and the log on stdout, the job summary, and the outputs `exit-status`, `findings` and `sarif-file`. Exits
# with the status of forcelint.
# shellcheck disable=SC2153 # the variables come from action.yml
set -euo pipefail
unset CDPATH
# shellcheck source=.github/action/messages.sh
. "$(dirname "${BASH_SOURCE[0]}")/messages.sh"

is_on() {
  case $2 in
    true) return 0 ;;
    false) return 1 ;;
    *) die "the input '$1' is '$2'; use true or false" ;;
  esac
}

# The commit that a pull request is compared with.
base_of_pull_request() {
  if [ "${GITHUB_REF#refs/pull/}" != "$GITHUB_REF" ] && [ "$(git rev-parse HEAD)" = "$GITHUB_SHA" ]; then
    # HEAD is the merge commit of the pull request. Its first parent is the base.
    git rev-parse --quiet --verify 'HEAD^2^{commit}' >/dev/null ||
      git fetch --quiet --no-tags --depth=2 origin "$GITHUB_SHA" || true
    if git rev-parse --quiet --verify 'HEAD^2^{commit}' >/dev/null; then
      printf 'HEAD^1'
      return
    fi
  fi
  if git merge-base HEAD "refs/remotes/origin/$GITHUB_BASE_REF" >/dev/null 2>&1; then
    printf 'refs/remotes/origin/%s' "$GITHUB_BASE_REF"
  fi
}

arguments=(check)

# Adds an option if its input has a value.
add() {
  if [ -n "$2" ]; then
    arguments+=("$1=$2")
  fi
}

# Calls a command with each nonblank line of a text.
each_line() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [ -n "$line" ]; then
      "$2" "$line"
    fi
  done <<<"$1"
}
# shellcheck disable=SC2329 # each_line calls it
add_report() { add --format "$1"; }
# shellcheck disable=SC2329
add_path() { arguments+=("$1"); }

cd -- "$WORKING_DIRECTORY" || die "the input 'working-directory' names '$WORKING_DIRECTORY', which is not a folder"

add --config "$CONFIG"
add --select "$SELECT"
add --ignore "$IGNORE"
add --baseline "$BASELINE"
add --min-severity "$MIN_SEVERITY"
add --fail-on "$FAIL_ON"
if is_on only-changed "$ONLY_CHANGED"; then
  if [ -n "${GITHUB_BASE_REF:-}" ]; then
    base=$(base_of_pull_request)
    [ -n "$base" ] || die "the base commit of the pull request is not in this clone, and could not be fetched; use 'fetch-depth: 2' for \
actions/checkout, or 'fetch-depth: 0' if it checks out the branch itself"
    add --since "$base"
  else
    echo "only-changed: this is not a pull request, so all findings are reported."
  fi
fi

if is_on annotations "$ANNOTATIONS"; then
  add --format github
else
  add --format concise
fi
json=$RUNNER_TEMP/forcelint.json
summary=$RUNNER_TEMP/forcelint-summary.md
sarif=$SARIF_FILE
if is_on sarif-upload "$SARIF_UPLOAD" && [ -z "$sarif" ]; then
  sarif=$RUNNER_TEMP/forcelint.sarif
fi
rm -f "$json" "$summary"
add --format "json=$json"
if is_on summary "$SUMMARY"; then
  add --format "markdown=$summary"
fi
if [ -n "$sarif" ]; then
  # Remove the report of an earlier step: if this run writes none, the old one must not be uploaded.
  if [ -f "$sarif" ]; then
    rm -- "$sarif"
  fi
  add --format "sarif=$sarif"
fi
each_line "$REPORTS" add_report
# After `--`, an argument that starts with a dash is a path.
arguments+=(--)
each_line "$PATHS" add_path

status=0
"$PROGRAM" "${arguments[@]}" || status=$?
output exit-status "$status"

# The first "findings" object has the numbers by severity. It comes before any text of scanned files.
count=0
if [ -f "$json" ]; then
  numbers=$(grep -o '"findings":{[^}]*}' "$json" | head -n 1 | grep -o '[0-9]\{1,\}' || true)
  for number in $numbers; do
    count=$((count + number))
  done
  output findings "$count"
fi
if [ -n "$sarif" ] && [ -f "$sarif" ]; then
  case $sarif in
    /* | [A-Za-z]:*) output sarif-file "$sarif" ;;
    *) output sarif-file "$WORKING_DIRECTORY/$sarif" ;;
  esac
fi
if [ -f "$summary" ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$summary" >>"$GITHUB_STEP_SUMMARY"
fi
if [ "$status" -gt 1 ]; then
  die "forcelint could not complete the run (exit status $status); see the log"
fi
exit "$status"
