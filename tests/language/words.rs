//! The list of phrases, and the search for them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::blocks::Block;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    word: Vec<Word>,
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    phrase: String,
    unless: Option<String>,
    instead: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    text: String,
    file: Option<String>,
    reason: String,
}

struct Rule {
    phrase: Regex,
    unless: Option<Regex>,
    instead: String,
}

pub struct Words {
    rules: Vec<Rule>,
    exceptions: Vec<Exception>,
}

/// The list in `words.toml`.
pub static WORDS: LazyLock<Words> = LazyLock::new(Words::load);

impl Words {
    fn load() -> Words {
        let list = include_str!("words.toml");
        let list: List = toml::from_str(list).unwrap_or_else(|error| panic!("{error}"));
        let rules = list.word.into_iter().map(|word| Rule {
            phrase: compile(&format!(
                r"\b{{start-half}}(?:{})\b{{end-half}}",
                word.phrase.replace(' ', r"\s+")
            )),
            unless: word.unless.map(|it| compile(&it.replace(' ', r"\s+"))),
            instead: word.instead,
        });
        Words {
            rules: rules.collect(),
            exceptions: list.exception,
        }
    }

    /// The hits in these texts, as `file:line: phrase → replacement`.
    pub fn hits(&self, blocks: &[Block]) -> Vec<String> {
        let mut hits = Vec::new();
        for block in blocks {
            let allowed: Vec<Range<usize>> = self
                .exceptions
                .iter()
                .flat_map(|exception| exception.ranges(block))
                .collect();
            let found = self.rules.iter().flat_map(|rule| {
                let found = rule.matches(&block.text);
                found.map(move |range| (range, rule))
            });
            let mut found: Vec<_> = found
                .filter(|(range, _)| !allowed.iter().any(|it| contains(it, range)))
                .collect();
            // Overlapping hits are reported once.
            found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
            let mut end = 0;
            for (range, rule) in found {
                if range.start < end {
                    continue;
                }
                end = range.end;
                let line = block.line + block.text[..range.start].matches('\n').count();
                let words: Vec<&str> = block.text[range].split_whitespace().collect();
                let phrase = words.join(" ");
                hits.push(format!(
                    "{}:{line}: {phrase} → {}",
                    block.file, rule.instead
                ));
            }
        }
        hits
    }

    /// Exceptions that are not needed or have no reason.
    pub fn unused_exceptions(&self, blocks: &[Block]) -> Vec<String> {
        let is_used = |exception: &Exception| {
            let mut ranges = blocks.iter().flat_map(|block| {
                let ranges = exception.ranges(block).into_iter();
                ranges.map(move |range| (block, range))
            });
            ranges.any(|(block, range)| {
                let mut found = self.rules.iter().flat_map(|rule| rule.matches(&block.text));
                found.any(|it| contains(&range, &it))
            })
        };
        let unused = self.exceptions.iter();
        unused
            .filter(|it| it.reason.is_empty() || !is_used(it))
            .map(|it| it.text.clone())
            .collect()
    }
}

impl Rule {
    fn matches<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let found = self.phrase.find_iter(text);
        found
            .filter(|it| {
                let unless = self.unless.as_ref();
                !unless.is_some_and(|unless| unless.is_match(it.as_str()))
            })
            .map(|it| it.range())
    }
}

impl Exception {
    fn ranges(&self, block: &Block) -> Vec<Range<usize>> {
        if self.file.as_ref().is_some_and(|file| *file != block.file) {
            return Vec::new();
        }
        let found = block.text.match_indices(&self.text);
        found.map(|(at, text)| at..at + text.len()).collect()
    }
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn compile(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .build()
        .unwrap_or_else(|error| panic!("{error}"))
}
