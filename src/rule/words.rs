//! Regular expressions that are nothing but words.
//!
//! In: a pattern and texts. Out: whether it matches, without an automaton. Part of the build script
//! too, which makes automata of the others.

/// A pattern that is nothing but words: `(?i)`, `^`, one word or several in brackets, `$`, all but
/// the words optional.
#[derive(Debug)]
pub(super) struct Words {
    words: Vec<String>,
    any_case: bool,
    at_start: bool,
    at_end: bool,
}

impl Words {
    /// Reads a pattern; `None` for one that needs more than words.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let (any_case, rest) = match pattern.strip_prefix("(?i)") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (at_start, rest) = match rest.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (at_end, rest) = match rest.strip_suffix('$') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let inside = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        let words = match inside {
            Some(inside) => inside.split('|').map(word).collect::<Option<_>>()?,
            None => vec![word(rest)?],
        };
        Some(Self {
            words,
            any_case,
            at_start,
            at_end,
        })
    }

    /// Whether it matches somewhere in `text`.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.words.iter().any(|word| self.has(text, word))
    }

    fn has(&self, text: &str, word: &str) -> bool {
        let (text, word) = (text.as_bytes(), word.as_bytes());
        let is_word = |part: &[u8]| match self.any_case {
            true => part.eq_ignore_ascii_case(word),
            false => part == word,
        };
        let Some(room) = text.len().checked_sub(word.len()) else {
            return false;
        };
        match (self.at_start, self.at_end) {
            (true, true) => is_word(text),
            (true, false) => is_word(&text[..word.len()]),
            (false, true) => is_word(&text[room..]),
            (false, false) => (0..=room).any(|at| is_word(&text[at..at + word.len()])),
        }
    }
}

/// The text that a part of a pattern stands for, if each of its characters stands for itself.
fn word(part: &str) -> Option<String> {
    let mut word = String::new();
    let mut characters = part.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            '\\' => characters.next().filter(|it| matches!(it, '.' | '-')),
            plain => Some(plain)
                .filter(|it| it.is_ascii_alphanumeric() || " _-:/@,;=%&<>\"'".contains(*it)),
        };
        word.push(literal?);
    }
    Some(word)
}
