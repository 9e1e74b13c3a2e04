# shellcheck shell=bash
# What both steps of the action say to the runner. To be sourced; for bash 3.2 too, which macOS has.

# Ends the step with an annotation; what inputs say in it cannot be a command of its own.
die() {
  local text=$1
  text=${text//'%'/%25}
  text=${text//$'\r'/%0D}
  text=${text//$'\n'/%0A}
  printf '::error title=forcelint::%s\n' "$text"
  exit 2
}

# Sets an output of the step: a line of its own in a file, so no value may have two.
output() {
  case $2 in
    *$'\n'* | *$'\r'*) die "the output '$1' would have more than one line" ;;
  esac
  printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}
