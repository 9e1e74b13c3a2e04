//! Regular expressions of rules.
//!
//! The engine is that of the `regex` crate, configured for short texts: values of metadata are
//! short, and building what only pays for long texts took most of a run over one file.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use regex_automata::meta::{BuildError, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;

/// A regular expression, compiled when it is first needed.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

/// The patterns of built-in rules: many rules ask about the same things in the same words.
static BUILT_IN: LazyLock<Mutex<HashMap<String, Arc<Pattern>>>> = LazyLock::new(Mutex::default);

impl Pattern {
    /// A pattern of a built-in rule, the same for every rule that has it.
    pub(super) fn built_in(text: &str) -> Arc<Self> {
        let mut known = BUILT_IN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = known.get(text) {
            return Arc::clone(pattern);
        }
        let pattern = Arc::new(Self::new(text));
        known.insert(text.to_owned(), Arc::clone(&pattern));
        pattern
    }

    /// A pattern that is compiled when it is first needed.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            compiled: OnceLock::new(),
        }
    }

    /// Why the pattern is not a regular expression, if it is not.
    pub fn error(&self) -> Option<String> {
        let error = compile(&self.text).err()?;
        let Some(syntax) = error.syntax_error() else {
            return Some(error.to_string());
        };
        // The pattern is shown above the reason.
        let text = syntax.to_string();
        let reason = text.lines().last().unwrap_or_default();
        Some(reason.trim_start_matches("error: ").to_owned())
    }

    /// Whether it matches somewhere in `text`. A pattern that does not compile matches nothing, but
    /// rule files with one are rejected when they are loaded.
    pub fn is_match(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| compile(&self.text).ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

/// Compiles with the syntax and the linear time of the `regex` crate. ASCII patterns match bytes,
/// unless they ask for Unicode by `(?u)`: the tables of Unicode are most of an automaton.
fn compile(text: &str) -> Result<Regex, BuildError> {
    let config = Regex::config()
        .hybrid(false)
        .dfa(false)
        .onepass(false)
        .utf8_empty(false)
        .auto_prefilter(false)
        .which_captures(WhichCaptures::Implicit);
    let syntax = syntax::Config::new().unicode(!text.is_ascii()).utf8(false);
    Regex::builder()
        .syntax(syntax)
        .configure(config)
        .build(text)
}
