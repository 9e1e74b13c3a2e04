//! Regular expressions of rules.
//!
//! In: a pattern, and short texts. Out: whether it matches. Most patterns are a few words between
//! anchors (`^(AuthorApex|ViewSetup)$`), for which no automaton is needed; those of the other
//! patterns of built-in rules are made at build time. In a run over one file building them took as
//! long as everything else together.

use std::sync::OnceLock;

use regex_automata::meta::{BuildError, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;

use super::automaton::Automaton;
use super::words::Words;

/// A regular expression, compiled when it is first needed.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Compiled>,
}

/// What a pattern is looked for with.
#[derive(Debug)]
enum Compiled {
    Words(Words),
    Automaton(Automaton),
    Regex(Box<Regex>),
    /// The pattern is none.
    Nothing,
}

impl Compiled {
    fn of(text: &str) -> Self {
        if let Some(words) = Words::of(text) {
            return Self::Words(words);
        }
        if let Some(automaton) = Automaton::of(text) {
            return Self::Automaton(automaton);
        }
        compile(text).map_or(Self::Nothing, |regex| Self::Regex(Box::new(regex)))
    }
}

impl Pattern {
    /// A pattern that is not looked at yet.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            compiled: OnceLock::new(),
        }
    }

    /// Why the pattern cannot be used, if so.
    pub fn error(&self) -> Option<String> {
        if Words::of(&self.text).is_some() || Automaton::of(&self.text).is_some() {
            return None;
        }
        let error = compile(&self.text).err()?;
        let Some(syntax) = error.syntax_error() else {
            return Some(error.to_string());
        };
        // A picture of the pattern stands above the reason.
        let text = syntax.to_string();
        let reason = text.lines().last().unwrap_or_default();
        Some(reason.trim_start_matches("error: ").to_owned())
    }

    /// Whether it matches somewhere in `text`. A pattern that does not compile matches nothing;
    /// rule files with one are turned away when they are loaded.
    pub fn is_match(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Compiled::of(&self.text));
        match compiled {
            Compiled::Words(words) => words.is_match(text),
            Compiled::Automaton(automaton) => automaton.is_match(text),
            Compiled::Regex(regex) => regex.is_match(text),
            Compiled::Nothing => false,
        }
    }
}

/// The syntax and the linear time of the `regex` crate, whose engine this is, but without the
/// automata that it builds for long texts, and without Unicode unless the pattern has it or asks by
/// `(?u)`: values of metadata are short, and building all of that took most of a run over one file.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::built_in::BUILT_IN;

    /// Every pattern of a built-in rule, as its file has it.
    fn built_in_patterns() -> Vec<String> {
        let mut patterns = Vec::new();
        for rule in BUILT_IN {
            let table: toml::Table = rule.toml().parse().unwrap();
            texts(&toml::Value::Table(table), "", &mut patterns);
        }
        assert!(patterns.len() > 200);
        patterns
    }

    fn texts(value: &toml::Value, key: &str, found: &mut Vec<String>) {
        match value {
            toml::Value::Table(table) => {
                for (key, value) in table {
                    texts(value, key, found);
                }
            }
            toml::Value::Array(values) => values.iter().for_each(|it| texts(it, key, found)),
            toml::Value::String(text) if matches!(key, "matches" | "except" | "component") => {
                found.push(text.clone());
            }
            _ => {}
        }
    }

    #[test]
    fn many_patterns_are_words() {
        let patterns = built_in_patterns();
        let words = patterns.iter().filter(|it| Words::of(it).is_some()).count();
        assert!(words * 2 > patterns.len(), "{words} of {}", patterns.len());
    }

    #[test]
    fn what_is_more_than_words_is_left_to_the_regex() {
        for pattern in [
            "a|b",
            "^a|b$",
            "(?x) a",
            "a.b",
            "a*",
            "(a)|(b)",
            "[ab]",
            "a$b",
            "(?:a)",
            "((a))",
            "a\\d",
            "(?i)(?x)a",
            "(a|b)(c)",
            "^(?i)a",
            "é",
        ] {
            assert!(Words::of(pattern).is_none(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn words_match_as_the_regex_does(
            flag in prop_oneof![Just(""), Just("(?i)")],
            start in prop_oneof![Just(""), Just("^")],
            words in prop::collection::vec("[abAB./-]{0,3}", 1..4),
            bracket: bool,
            end in prop_oneof![Just(""), Just("$")],
            text in "[abABé./\n-]{0,6}",
        ) {
            let words: Vec<String> = words.iter().map(|it| it.replace('.', "\\.")).collect();
            let words = if bracket { format!("({})", words.join("|")) } else { words[0].clone() };
            let pattern = format!("{flag}{start}{words}{end}");
            let by_words = Words::of(&pattern).expect("these are words").is_match(&text);
            prop_assert_eq!(by_words, compile(&pattern).unwrap().is_match(&text), "{}", pattern);
        }

        #[test]
        fn built_in_patterns_match_as_the_regex_does(
            pattern in prop::sample::select(built_in_patterns()),
            cut in 0usize..8,
            end in "[a-z]{0,1}",
        ) {
            let by_regex = compile(&pattern).unwrap();
            // Texts that are near to what the pattern is about.
            let bare = pattern.replace("(?i)", "");
            for part in bare.split(['(', ')', '|', '^', '$']) {
                let text = format!("{}{end}", part.get(cut.min(part.len())..).unwrap_or(part));
                for text in [text.to_ascii_lowercase(), text] {
                    let ours = Pattern::new(pattern.clone()).is_match(&text);
                    prop_assert_eq!(ours, by_regex.is_match(&text), "{} on {}", pattern, text);
                }
            }
        }
    }
}
