//! Lines of `.forceignore` without wildcards, which are most lines of large files. Looking up a name is
//! cheaper than a regular expression.

use std::collections::HashMap;

use super::code_units::{to_char, to_uppercase};
use super::rewrite::Pattern;
use crate::project::javascript_characters::is_line_end;

/// Lines without wildcards, by what they match.
#[derive(Debug, Default)]
pub(super) struct Literals {
    /// Lines that match a whole path.
    paths: HashMap<String, LastLines>,
    /// Lines that match the last name of a path.
    names: HashMap<String, LastLines>,
    /// As `names`, if no folder above has a line end in its name (`**/a`).
    names_below: HashMap<String, LastLines>,
}

/// The last line with a text, if any.
#[derive(Debug, Default)]
struct LastLines {
    for_all: Option<usize>,
    for_folders: Option<usize>,
}

impl Literals {
    /// Adds a line, which is after all previous ones. Returns whether it has no wildcards.
    pub(super) fn add(&mut self, line: usize, pattern: &Pattern) -> bool {
        let Some((by_text, text, is_for_folders)) = self.parse(&pattern.source) else {
            return false;
        };
        let last = by_text.entry(text).or_default();
        match is_for_folders {
            true => last.for_folders = Some(line),
            false => last.for_all = Some(line),
        }
        true
    }

    /// The map for a regular expression, its text, and whether it only matches folders.
    fn parse(&mut self, source: &[u16]) -> Option<(&mut HashMap<String, LastLines>, String, bool)> {
        let prefix = |text: &str| source.strip_prefix(&*units(text));
        let mut is_path = false;
        let (by_text, rest) = if let Some(rest) = prefix(r"(?:^|\/)") {
            (&mut self.names, rest)
        } else if let Some(rest) = prefix(r"^(?:.*\/)?") {
            (&mut self.names_below, rest)
        } else {
            is_path = true;
            (&mut self.paths, prefix("^")?)
        };
        let (rest, is_for_folders) = match rest.strip_suffix(&*units(r"(?=$|\/$)")) {
            Some(rest) => (rest, false),
            None => (rest.strip_suffix(&*units(r"\/$"))?, true),
        };
        let text = literal(rest)?;
        (is_path || !text.contains('/')).then_some((by_text, text, is_for_folders))
    }

    /// The last line that matches a folded path.
    pub(super) fn last_match(&self, path: &str) -> Option<usize> {
        let (whole, is_folder) = match path.strip_suffix('/') {
            Some(folder) => (folder, true),
            None => (path, false),
        };
        let (folders, name) = whole.rsplit_once('/').unwrap_or(("", whole));
        let found = [
            self.paths.get(whole),
            self.names.get(name),
            self.names_below
                .get(name)
                .filter(|_| !folders.encode_utf16().any(is_line_end)),
        ];
        let lines = found.into_iter().flatten();
        lines
            .map(|it| it.for_all.max(it.for_folders.filter(|_| is_folder)))
            .max()
            .flatten()
    }
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The only text that a regular expression matches, folded. `None` if it may match others.
fn literal(source: &[u16]) -> Option<String> {
    let mut text = String::with_capacity(source.len());
    let mut rest = source.iter();
    while let Some(&unit) = rest.next() {
        let unit = match u8::try_from(unit) {
            // Only an escaped punctuation character matches itself.
            Ok(b'\\') => *rest.next().filter(|&&unit| is_punctuation(unit))?,
            Ok(b'^' | b'$' | b'.' | b'*' | b'+' | b'?' | b'(' | b')' | b'[' | b'{' | b'|') => {
                return None;
            }
            _ => unit,
        };
        text.push(to_char(to_uppercase(unit)));
    }
    (!text.is_empty()).then_some(text)
}

fn is_punctuation(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_punctuation() && byte != b'_')
}
