//! The automata of the built-in rules' patterns, read where they lie in the binary.
//!
//! In: a pattern, and texts. Out: whether it matches. The build script makes them (`automata`). They
//! are tables of our own and not those of `regex-automata`, which looks at every transition of an
//! automaton before it may be used: a fifth of a run over one file.

include!(concat!(env!("OUT_DIR"), "/built_in_automata.rs"));

/// No text goes on to a match from this state.
const DEAD: u16 = 0;

/// The pattern has matched.
const MATCH: u16 = 1;

/// Where a text begins.
const START: u16 = 2;

/// A pattern as states and what leads from one to the next.
#[derive(Debug)]
pub(crate) struct Automaton {
    /// The class of each byte, of those that all states take for the same.
    classes: &'static [u8; 256],
    /// A row for each state, with the next state for each class and, last, for the end of the text;
    /// two bytes each, the lower first.
    table: &'static [u8],
    /// Numbers in a row.
    row: usize,
}

impl Automaton {
    /// The one that was made of this pattern.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let known = AUTOMATA.binary_search_by(|(known, _)| (*known).cmp(pattern));
        let (classes, table) = AUTOMATA[known.ok()?].1.split_first_chunk()?;
        let row = usize::from(*classes.iter().max()?) + 2;
        Some(Self {
            classes,
            table,
            row,
        })
    }

    /// Whether the pattern matches somewhere in `text`.
    pub(super) fn is_match(&self, text: &str) -> bool {
        let mut state = START;
        for &byte in text.as_bytes() {
            state = self.next(state, usize::from(self.classes[usize::from(byte)]));
            if state <= MATCH {
                return state == MATCH;
            }
        }
        self.next(state, self.row - 1) == MATCH
    }

    fn next(&self, state: u16, class: usize) -> u16 {
        let at = (usize::from(state) * self.row + class) * 2;
        // The build script wrote a row for every state that stands in a row.
        self.table
            .get(at..at + 2)
            .map_or(DEAD, |next| u16::from_le_bytes([next[0], next[1]]))
    }
}
