//! The regular expressions of the built-in rules as automata that are read where they lie in the
//! binary: building one when it is needed took longer than parsing ten files. Part of the build
//! script.
//!
//! In: patterns. Out: Rust source of a table with the bytes of each automaton, for
//! `src/rule/pattern.rs`. A pattern with Unicode in it has none there, nor has one that is large: it
//! is built when it is needed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use regex_automata::MatchKind;
use regex_automata::dfa::{StartKind, dense};
use regex_automata::util::syntax;

use crate::words::Words;

/// Larger ones are not worth their place.
const MAX_BYTES: usize = 48 * 1024;

/// The Rust source of the table, by pattern. The automata are files in `out`.
pub fn table(patterns: &BTreeSet<String>, out: &Path) -> String {
    let mut code = String::from(
        "/// Patterns of built-in rules, in their order, with the automaton of each.\n\
         static AUTOMATA: &[(&str, &[u8])] = &[\n",
    );
    let needed = patterns
        .iter()
        .filter(|pattern| pattern.is_ascii() && Words::of(pattern).is_none());
    for (at, pattern) in needed.enumerate() {
        let Some(bytes) = automaton(pattern).filter(|bytes| bytes.len() <= MAX_BYTES) else {
            continue;
        };
        let file = out.join(format!("{at}.dfa"));
        fs::write(&file, bytes).expect("the build folder can be written");
        writeln!(code, "    ({pattern:?}, include_bytes!({file:?})),")
            .expect("a string takes any text");
    }
    code + "];\n"
}

/// By the syntax that `src/rule/pattern.rs` gives patterns.
fn automaton(pattern: &str) -> Option<Vec<u8>> {
    // With the first match the rest of the pattern is done with, which keeps automata small; to
    // make them as small as they can be takes the build script a second.
    let config = dense::Config::new()
        .match_kind(MatchKind::LeftmostFirst)
        .start_kind(StartKind::Unanchored)
        .minimize(true)
        .accelerate(false)
        .dfa_size_limit(Some(4 * 1024 * 1024))
        .determinize_size_limit(Some(4 * 1024 * 1024));
    let automaton = dense::Builder::new()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(config)
        .build(pattern)
        .ok()?
        .to_sparse()
        .ok()?;
    let is_little = env::var("CARGO_CFG_TARGET_ENDIAN").as_deref() != Ok("big");
    Some(match is_little {
        true => automaton.to_bytes_little_endian(),
        false => automaton.to_bytes_big_endian(),
    })
}
