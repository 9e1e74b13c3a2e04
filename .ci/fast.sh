#!/usr/bin/env bash
# Format, lints, documentation, tests, and what users see first.
# shellcheck source=.ci/setup.sh
source "$(dirname "$0")/setup.sh"

step "format"
cargo fmt --check
cargo fmt --check --manifest-path benches/speed/Cargo.toml

# clippy also reports what is newer than `rust-version` in Cargo.toml (`clippy::incompatible_msrv`).
step "clippy"
cargo clippy --all-targets --locked -- -D warnings
cargo clippy --manifest-path benches/speed/Cargo.toml --locked --quiet -- -D warnings

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked --quiet

step "the README's first command finds what the sample project has"
build_program
status=0
"$forcelint" check testdata/sample || status=$?
[ "$status" -eq 1 ]

step "tests"
cargo test --locked

if [ -f ../shared/corpus/EXPECTED.tsv ]; then
  step "the corpus, against EXPECTED.tsv"
  python3 .ci/check_corpus.py "$forcelint" ../shared/corpus
  python3 .ci/check_fixes.py "$forcelint" ../shared/corpus
fi

if command -v mdbook >/dev/null; then
  step "the docs as a book"
  mdbook build docs --dest-dir "$work/book"
fi
