//! Regular expressions of rules.
//!
//! They use the engine of the `regex` crate, configured for short texts: metadata values are short, and
//! most of the time of a check of one file went into tables that only pay off for long texts.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};

use regex_automata::meta::{self, BuildError, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;

/// A regular expression, compiled when it is first needed.
pub struct Pattern {
    text: String,
    compiled: OnceLock<Result<Regex, String>>,
    matches: AtomicU32,
    /// With a lazy DFA, for a pattern that is matched often.
    compiled_for_many: OnceLock<Option<Regex>>,
}

/// A lazy DFA pays off after about as many matches with a short text.
const MANY: u32 = 500;

/// The largest memory of a lazy DFA in one thread. A pattern that needs more is matched without one.
const MAX_CACHE_BYTES: usize = 1 << 18;

/// The patterns in use, because many rules use the same ones.
static IN_USE: LazyLock<Mutex<HashMap<String, Weak<Pattern>>>> = LazyLock::new(Mutex::default);

// The compiled state changes while other threads use the pattern.
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl Pattern {
    /// The pattern with this text, shared by all rules that use it.
    pub(super) fn shared(text: &str) -> Arc<Self> {
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = in_use.get(text).and_then(Weak::upgrade) {
            return pattern;
        }
        if in_use.len() == in_use.capacity() {
            in_use.retain(|_, pattern| pattern.strong_count() > 0);
        }
        let pattern = Arc::new(Self {
            text: text.to_owned(),
            compiled: OnceLock::new(),
            matches: AtomicU32::new(0),
            compiled_for_many: OnceLock::new(),
        });
        in_use.insert(text.to_owned(), Arc::downgrade(&pattern));
        pattern
    }

    fn compiled(&self) -> &Result<Regex, String> {
        self.compiled.get_or_init(|| {
            build(&self.text, config(WhichCaptures::Implicit)).map_err(|error| reason(&error))
        })
    }

    /// The syntax error of the pattern, if it has one.
    pub(super) fn error(&self) -> Option<&str> {
        self.compiled().as_ref().err().map(String::as_str)
    }

    /// Whether the pattern matches somewhere in `text`. An invalid pattern matches nothing, but a rule
    /// file with one is rejected when it is loaded.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        if self.matches.load(Ordering::Relaxed) < MANY {
            self.matches.fetch_add(1, Ordering::Relaxed);
        } else if let Some(regex) = self.compiled_for_many() {
            return regex.is_match(text);
        }
        self.compiled()
            .as_ref()
            .is_ok_and(|regex| regex.is_match(text))
    }

    fn compiled_for_many(&self) -> Option<&Regex> {
        let compiled = self.compiled_for_many.get_or_init(|| {
            let config = config(WhichCaptures::Implicit)
                .hybrid(true)
                .hybrid_cache_capacity(MAX_CACHE_BYTES);
            build(&self.text, config).ok()
        });
        compiled.as_ref()
    }
}

/// A regular expression with one group, which takes a part of a text.
pub struct Capture {
    text: String,
    compiled: OnceLock<Result<Regex, String>>,
}

/// Longer texts have no part to take. The keys that connect components are names and URLs.
const MAX_CAPTURED_BYTES: usize = 4096;

impl Capture {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            compiled: OnceLock::new(),
        }
    }

    fn compiled(&self) -> &Result<Regex, String> {
        self.compiled.get_or_init(|| {
            let regex =
                build(&self.text, config(WhichCaptures::All)).map_err(|error| reason(&error))?;
            match regex.captures_len() {
                2 => Ok(regex),
                groups => Err(format!(
                    "it needs exactly one group in parentheses, but has {}",
                    groups - 1
                )),
            }
        })
    }

    /// The error of the pattern, if it has one.
    pub(super) fn error(&self) -> Option<&str> {
        self.compiled().as_ref().err().map(String::as_str)
    }

    /// What the group matches in `text`.
    pub(crate) fn part_of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let regex = self.compiled().as_ref().ok()?;
        if text.len() > MAX_CAPTURED_BYTES {
            return None;
        }
        let mut captures = regex.create_captures();
        regex.captures(text, &mut captures);
        text.get(captures.get_group(1)?.range())
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Capture").field(&self.text).finish()
    }
}

impl PartialEq for Capture {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Capture {}

fn reason(error: &BuildError) -> String {
    let Some(syntax) = error.syntax_error() else {
        return error.to_string();
    };
    // The error also quotes the pattern, which the report of the rule file shows anyway.
    let text = syntax.to_string();
    let reason = text.lines().last().unwrap_or_default();
    reason.trim_start_matches("error: ").to_owned()
}

/// Compiles with the syntax and the linear time of the `regex` crate. ASCII patterns match bytes unless
/// they enable Unicode with `(?u)`, because Unicode tables are the largest part of an automaton.
fn build(text: &str, config: meta::Config) -> Result<Regex, BuildError> {
    let syntax = syntax::Config::new().unicode(!text.is_ascii()).utf8(false);
    Regex::builder()
        .syntax(syntax)
        .configure(config)
        .build(text)
}

/// For few matches with short texts.
fn config(captures: WhichCaptures) -> meta::Config {
    Regex::config()
        .hybrid(false)
        .dfa(false)
        .onepass(false)
        .utf8_empty(false)
        .auto_prefilter(false)
        .which_captures(captures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_matches_give_the_same_answers() {
        let texts = [
            "",
            "https://a.example",
            "LOCALHOST",
            "localho\u{17f}t",
            "\u{fe}\n",
            "a\r\nb",
        ];
        for text in [
            "(?i)^localhost$",
            "(?iu)^localhost$",
            "(?m)^b$",
            "\u{fe}$",
            "^.*$",
            "[^a]b",
        ] {
            let pattern = Pattern::shared(text);
            let answers = || texts.map(|text| pattern.is_match(text));
            let first = answers();
            let again = (0..MANY).map(|_| answers());
            assert!({ again }.all(|answers| answers == first), "{text}");
            assert!(pattern.compiled_for_many.get().is_some(), "{text}");
        }
    }
}
