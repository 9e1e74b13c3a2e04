#!/usr/bin/env bash
# Format, lints, documentation, tests, and the first command of the README.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/setup.sh"

step "format"
cargo fmt --check
cargo fmt --check --manifest-path benches/speed/Cargo.toml

# clippy also reports use of features newer than `rust-version` in Cargo.toml (`clippy::incompatible_msrv`).
step "clippy"
cargo clippy --all-targets --locked -- -D warnings
cargo clippy --manifest-path benches/speed/Cargo.toml --locked --quiet -- -D warnings

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked --quiet

step "first command of the README"
build_program
status=0
"$forcelint" check testdata/sample || status=$?
[ "$status" -eq 1 ]

# The test of completions in zsh fails without it if $CI is set.
step "tests"
need zsh zsh
cargo test --locked

if [ -f ../shared/corpus/EXPECTED.tsv ]; then
  step "corpus: findings and fixes, compared with EXPECTED.tsv"
  python3 .ci/check_corpus.py "$forcelint" ../shared/corpus
  python3 .ci/check_fixes.py "$forcelint" ../shared/corpus
fi

if command -v mdbook >/dev/null; then
  step "mdBook"
  mdbook build docs --dest-dir "$work/book"
fi
