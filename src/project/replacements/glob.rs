//! Globs of `replacements`, which match as in the npm library `minimatch` 9.0.9.

use super::glob_braces::expand_braces;
use super::glob_part::{Translated, translate};
use super::regex_program::Program;
use super::regex_search::is_match;

/// A glob.
#[derive(Debug)]
pub(super) struct Glob {
    /// Without braces. The glob matches if one of them does.
    patterns: Vec<Vec<Part>>,
}

/// forcelint cannot determine what a glob matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnknownGlob;

/// A part between slashes.
#[derive(Debug)]
enum Part {
    /// `**`: any number of folders.
    Folders,
    Text(String),
    /// A common kind of part. The library has a fast test for it, which differs from the regular
    /// expression in details.
    Fast(Fast),
    Regex(Box<Program>),
}

#[derive(Debug)]
enum Fast {
    /// `*`
    Any,
    /// `*.xml`
    EndsWith(String),
    /// `??.xml`: the length of the name in UTF-16, and its end.
    Length(usize, String),
    /// `*.*`
    HasDot,
    /// `.*`
    StartsWithDot,
}

/// The length of a longer pattern is an error in the library.
const MAX_UNITS: usize = 64 * 1024;
/// The library stops after this number of nested `**`.
const MAX_NESTED: usize = 200;

impl Glob {
    pub(super) fn new(glob: &str) -> Result<Self, UnknownGlob> {
        if glob.len() > MAX_UNITS {
            return Err(UnknownGlob);
        }
        let globs = expand_braces(glob).map_err(|_| UnknownGlob)?;
        let patterns: Result<Vec<_>, _> = globs.iter().map(|it| pattern(it)).collect();
        Ok(Self {
            patterns: patterns?,
        })
    }

    /// Whether the glob matches an absolute path with `/` between its parts.
    pub(super) fn matches(&self, path: &str) -> Result<bool, UnknownGlob> {
        let names = split_at_slashes(path);
        for pattern in &self.patterns {
            if matches_pattern(&names, pattern)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Splits at slashes. Several of them count as one.
fn split_at_slashes(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    let all: Vec<&str> = path.split('/').collect();
    for (at, part) in all.iter().enumerate() {
        if !part.is_empty() || at == 0 || at + 1 == all.len() {
            parts.push(part);
        }
    }
    parts
}

fn pattern(glob: &str) -> Result<Vec<Part>, UnknownGlob> {
    let mut parts: Vec<&str> = Vec::new();
    for part in split_at_slashes(glob) {
        let before = parts.last().copied();
        match (part, before) {
            ("**", Some("**")) => {}
            ("..", Some(before)) if !matches!(before, "" | ".." | "." | "**") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if parts.is_empty() {
        parts.push("");
    }
    parts.into_iter().map(Part::new).collect()
}

impl Part {
    fn new(part: &str) -> Result<Self, UnknownGlob> {
        match part {
            "**" => return Ok(Self::Folders),
            "" => return Ok(Self::Text(String::new())),
            _ => {}
        }
        let regex = match translate(part).map_err(|_| UnknownGlob)? {
            Translated::Text(text) => return Ok(Self::Text(text)),
            Translated::Regex(regex) => regex,
        };
        if let Some(fast) = Fast::new(part) {
            return Ok(Self::Fast(fast));
        }
        let program = Program::new(&regex).map_err(|_| UnknownGlob)?;
        Ok(Self::Regex(Box::new(program)))
    }

    fn matches(&self, name: &str) -> Result<bool, UnknownGlob> {
        match self {
            Self::Folders => Ok(false),
            Self::Text(text) => Ok(text == name),
            Self::Fast(fast) => Ok(fast.matches(name)),
            Self::Regex(program) => is_match(program, name).map_err(|_| UnknownGlob),
        }
    }
}

impl Fast {
    fn new(part: &str) -> Option<Self> {
        let is_plain = |text: &str| !text.contains(['+', '@', '!', '?', '*', '[', '(']);
        let after_stars = part.trim_start_matches('*');
        let has_stars = after_stars.len() < part.len();
        if has_stars && after_stars.is_empty() {
            return Some(Self::Any);
        }
        if has_stars && is_plain(after_stars) {
            return Some(Self::EndsWith(after_stars.to_owned()));
        }
        let after_marks = part.trim_start_matches('?');
        if after_marks.len() < part.len() && is_plain(after_marks) {
            let length = part.encode_utf16().count();
            return Some(Self::Length(length, after_marks.to_owned()));
        }
        let only_stars = |text: &str| !text.is_empty() && text.bytes().all(|b| b == b'*');
        if has_stars && after_stars.strip_prefix('.').is_some_and(only_stars) {
            return Some(Self::HasDot);
        }
        part.strip_prefix('.')
            .is_some_and(only_stars)
            .then_some(Self::StartsWithDot)
    }

    fn matches(&self, name: &str) -> bool {
        let is_visible = !name.starts_with('.');
        match self {
            Self::Any => !name.is_empty() && is_visible,
            Self::EndsWith(end) => is_visible && name.ends_with(end.as_str()),
            Self::Length(length, end) => {
                is_visible && name.encode_utf16().count() == *length && name.ends_with(end.as_str())
            }
            Self::HasDot => is_visible && name.contains('.'),
            Self::StartsWithDot => !is_visible && !matches!(name, "." | ".."),
        }
    }
}

/// Whether a name may be one of the folders that `**` matches.
fn is_skippable(name: &str) -> bool {
    !name.starts_with('.')
}

fn matches_pattern(names: &[&str], pattern: &[Part]) -> Result<bool, UnknownGlob> {
    let is_folders = |part: &Part| matches!(part, Part::Folders);
    let (Some(first), Some(last)) = (
        pattern.iter().position(is_folders),
        pattern.iter().rposition(is_folders),
    ) else {
        return matches_names(names, pattern);
    };
    let (head, tail) = (&pattern[..first], &pattern[last + 1..]);
    if names.len() < head.len() || !matches_names(&names[..head.len()], head)? {
        return Ok(false);
    }
    let names = &names[head.len()..];
    let Some(end) = matches_tail(names, tail)? else {
        return Ok(false);
    };
    let has_tail = end < names.len();
    if first == last {
        let skipped = &names[..end];
        let can_skip = skipped.iter().all(|name| is_skippable(name));
        return Ok(can_skip && (has_tail || !skipped.is_empty()));
    }
    let sections: Vec<&[Part]> = pattern[first + 1..last]
        .split(|part| is_folders(part))
        .collect();
    let found = match_sections(names, end, &sections, 0, 0, has_tail)?;
    Ok(found == Some(true))
}

/// The number of names before those that the end of the pattern matches.
fn matches_tail(names: &[&str], tail: &[Part]) -> Result<Option<usize>, UnknownGlob> {
    if tail.is_empty() {
        return Ok(Some(names.len()));
    }
    let Some(start) = names.len().checked_sub(tail.len()) else {
        return Ok(None);
    };
    if matches_names(&names[start..], tail)? {
        return Ok(Some(start));
    }
    // A path can end with a slash.
    if names.last() != Some(&"") || start == 0 {
        return Ok(None);
    }
    Ok(matches_names(&names[start - 1..], tail)?.then_some(start - 1))
}

/// Whether the sections between several `**` match, in order, the first of them at `start` or later.
/// `None` if they do not, but could if the sections before them matched elsewhere.
fn match_sections(
    names: &[&str],
    end: usize,
    sections: &[&[Part]],
    section: usize,
    start: usize,
    has_tail: bool,
) -> Result<Option<bool>, UnknownGlob> {
    let Some(parts) = sections.get(section) else {
        let rest = &names[start..];
        let can_skip = rest.iter().all(|name| is_skippable(name));
        return Ok(Some(can_skip && (has_tail || !rest.is_empty())));
    };
    // The library reserves the length of the first sections, not of the following ones.
    let others = &sections[..sections.len() - 1 - section];
    let reserved: usize = others.iter().map(|parts| parts.len()).sum();
    let mut at = start;
    while at + reserved + parts.len() <= end {
        let next = at + parts.len();
        if section < MAX_NESTED && matches_names(&names[at..next], parts)? {
            let found = match_sections(names, end, sections, section + 1, next, has_tail)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        if !is_skippable(names[at]) {
            return Ok(Some(false));
        }
        at += 1;
    }
    Ok(None)
}

/// Whether each name matches a part. The last name can be empty, after a slash.
fn matches_names(names: &[&str], parts: &[Part]) -> Result<bool, UnknownGlob> {
    for (name, part) in names.iter().zip(parts) {
        if !part.matches(name)? {
            return Ok(false);
        }
    }
    let extra = names.len() as isize - parts.len() as isize;
    Ok(extra == 0 || (extra == 1 && names.last() == Some(&"")))
}
