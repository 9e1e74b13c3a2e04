#!/usr/bin/env bash
# Fetches two large public repositories for `--phases`, each at a commit, so that everyone measures the same files.
set -euo pipefail
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/target/speed/repositories

fetch() {
  local repository=$folder/$1 url=$2 commit=$3
  [ -d "$repository" ] && return
  git init --quiet "$repository.unfinished"
  git -C "$repository.unfinished" fetch --quiet --depth 1 "$url" "$commit"
  git -C "$repository.unfinished" -c advice.detachedHead=false checkout --quiet FETCH_HEAD
  mv "$repository.unfinished" "$repository"
}

mkdir -p "$folder"
fetch NPSP https://github.com/SalesforceFoundation/NPSP.git 19646faa907c11d3283da80efa645a99b3018ed4
fetch EDA https://github.com/SalesforceFoundation/EDA.git e593957756d629b4b0a8d8114889ac58f5943173
