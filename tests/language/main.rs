//! The language of texts and comments: phrases in `words.toml` must not appear in them.
//!
//! Each kind of text has its own test.

mod blocks;
mod planted;
mod rust;
mod texts;
mod words;

use std::path::Path;

use blocks::Block;
use words::WORDS;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Fails with one line per phrase: file, line, phrase and what to write instead.
fn check(kind: &str, blocks: &[Block]) {
    assert!(!blocks.is_empty(), "{kind}: found no texts");
    let hits = WORDS.hits(blocks);
    println!("{kind}: {} hits", hits.len());
    assert!(
        hits.is_empty(),
        "\n{}\n\n{} hits in {kind}; see tests/language/words.toml",
        hits.join("\n"),
        hits.len()
    );
}

#[test]
fn documentation() {
    check("the documentation", &texts::documentation(root()));
}

#[test]
fn packages() {
    check("packages and integrations", &texts::packages(root()));
}

#[test]
fn generated_pages() {
    check("generated pages", &texts::generated(root()));
}

#[test]
fn rules() {
    check("rules", &texts::rules(root()));
}

#[test]
fn help() {
    check("the help", &texts::help());
}

#[test]
fn strings() {
    check("strings", &texts::source(root()).strings);
}

#[test]
fn comments() {
    check("comments", &texts::source(root()).comments);
}

#[test]
fn names_of_functions() {
    check("names of functions", &texts::source(root()).names);
}

#[test]
fn exceptions_have_a_reason_and_are_needed() {
    let source = texts::source(root());
    let blocks = [
        texts::documentation(root()),
        texts::packages(root()),
        texts::generated(root()),
        texts::rules(root()),
        texts::help(),
        source.strings,
        source.comments,
        source.names,
    ]
    .concat();
    assert_eq!(WORDS.unused_exceptions(&blocks), Vec::<String>::new());
}
