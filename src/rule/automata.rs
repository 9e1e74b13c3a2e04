//! The regular expressions of the built-in rules as automata that are read where they lie in the
//! binary: building one when it is needed took longer than parsing ten files. Part of the build
//! script.
//!
//! In: patterns. Out: Rust source of a table with the bytes of each automaton, in the form that
//! `src/rule/automaton.rs` tells. A pattern with Unicode in it has none there, nor has one that is
//! large: it is built when it is needed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

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
        let file = out.join(format!("{at}.automaton"));
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
        .ok()?;
    written(&automaton)
}

/// The bytes of an automaton: the class of each byte, and the rows. States 0 and 1 are those in which
/// nothing can match any more, and in which the pattern has matched; 2 is the start.
fn written(automaton: &impl Automaton) -> Option<Vec<u8>> {
    let anywhere = start::Config::new().anchored(Anchored::No);
    let mut states = vec![automaton.start_state(&anywhere).ok()?];
    let mut numbers = HashMap::from([(states[0], 2_u16)]);
    let mut rows: Vec<Vec<u16>> = Vec::new();
    while let Some(&state) = states.get(rows.len()) {
        let mut number = |next: StateID| {
            if automaton.is_match_state(next) {
                return Some(1);
            }
            if automaton.is_dead_state(next) {
                return Some(0);
            }
            if let Some(&known) = numbers.get(&next) {
                return Some(known);
            }
            let new = u16::try_from(states.len() + 2).ok()?;
            states.push(next);
            numbers.insert(next, new);
            Some(new)
        };
        let mut row: Vec<u16> = (0..=u8::MAX)
            .map(|byte| number(automaton.next_state(state, byte)))
            .collect::<Option<_>>()?;
        row.push(number(automaton.next_eoi_state(state))?);
        rows.push(row);
    }
    // Bytes after which every state goes on to the same one are of one class.
    let mut classes: BTreeMap<Vec<u16>, u8> = BTreeMap::new();
    let mut firsts = Vec::new();
    let mut bytes = Vec::new();
    for byte in 0..=255 {
        let column: Vec<u16> = rows.iter().map(|row| row[byte]).collect();
        let new = u8::try_from(classes.len()).ok()?;
        bytes.push(*classes.entry(column).or_insert_with(|| {
            firsts.push(byte);
            new
        }));
    }
    firsts.push(256);
    let ends = [vec![0; 257], vec![1; 257]];
    for row in ends.iter().chain(&rows) {
        bytes.extend(firsts.iter().flat_map(|&at| row[at].to_le_bytes()));
    }
    Some(bytes)
}
