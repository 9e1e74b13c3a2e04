# shellcheck shell=bash
# Errors and outputs of the action's steps. Source this file. It supports bash 3.2, the version on macOS.

# Ends the step with an annotation. Text of inputs in it is escaped, so that it cannot be a workflow command.
die() {
  local text=$1
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  text=${text//$'\n'/%0A}
  printf '::error title=forcelint::%s\n' "$text"
  exit 2
}

# Sets an output of the step. The file has one line per output, so a value must not have line breaks.
output() {
  case $2 in
    *$'\n'* | *$'\r'*) die "the output '$1' would have more than one line" ;;
  esac
  printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}
