//! Rewrites a line of `.forceignore` into the source of a JavaScript regular expression.
//!
//! The order of the steps matters: each one also changes what earlier ones have written.

use crate::project::javascript_characters::{is_line_end, is_white_space};

/// A line that is a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Whether the line includes paths again.
    pub is_negative: bool,
    /// The source of the regular expression, in code units.
    pub source: Vec<u16>,
}

const BACKSLASH: u16 = b'\\' as u16;
const SLASH: u16 = b'/' as u16;
const CARET: u16 = b'^' as u16;

impl Pattern {
    /// Whether a line has a pattern: it is not a comment, not blank, and does not end with a single
    /// backslash.
    pub(super) fn is_in(line: &[u16]) -> bool {
        let is_comment = line.first() == Some(&u16::from(b'#'));
        let is_blank = line.iter().all(|&unit| is_white_space(unit));
        let ends_open = line.ends_with(&[BACKSLASH])
            && line
                .len()
                .checked_sub(2)
                .is_none_or(|at| line[at] != BACKSLASH);
        !is_comment && !is_blank && !ends_open
    }

    /// The pattern in a line that has one.
    pub(super) fn of(line: &[u16]) -> Self {
        let is_negative = line[0] == u16::from(b'!');
        let line = if is_negative { &line[1..] } else { line };
        let starts = |text: &str| line.starts_with(&units(text));
        let line = if starts("\\!") || starts("\\#") {
            &line[1..]
        } else {
            line
        };
        Self {
            is_negative,
            source: rewrite(line),
        }
    }
}

fn rewrite(pattern: &[u16]) -> Vec<u16> {
    let text = match pattern.strip_prefix(&[0xFEFF]) {
        Some(rest) => rest.to_vec(),
        None => pattern.to_vec(),
    };
    let text = without_trailing_spaces(text);
    let text = with_plain_spaces(&text);
    let text = with_escaped_operators(&text);
    let text = replaced(&text, "?", "[^/]");
    let text = match text.strip_prefix(&[SLASH]) {
        Some(rest) => [&[CARET], rest].concat(),
        None => text,
    };
    let text = replaced(&text, "/", "\\/");
    let text = with_leading_globstar(text);
    let text = with_start(text, pattern);
    let text = with_globstars(&text);
    let text = with_stars(&text);
    let text = with_unescaped_operators(&text);
    let text = replaced(&text, "\\\\", "\\");
    let text = with_classes(&text);
    let text = with_end(text);
    with_trailing_star(text)
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The text with all occurrences of `from` replaced.
fn replaced(text: &[u16], from: &str, to: &str) -> Vec<u16> {
    let (from, to) = (units(from), units(to));
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(&first) = rest.first() {
        if let Some(after) = rest.strip_prefix(from.as_slice()) {
            result.extend(&to);
            rest = after;
        } else {
            result.push(first);
            rest = &rest[1..];
        }
    }
    result
}

/// The number of backslashes at the end.
fn trailing_backslashes(text: &[u16]) -> usize {
    text.iter()
        .rev()
        .take_while(|&&unit| unit == BACKSLASH)
        .count()
}

/// Removes spaces at the end. After an escaping backslash, one space is kept instead of it.
fn without_trailing_spaces(mut text: Vec<u16>) -> Vec<u16> {
    let spaces = text
        .iter()
        .rev()
        .take_while(|&&unit| is_white_space(unit))
        .count();
    if spaces > 0 {
        text.truncate(text.len() - spaces);
        if trailing_backslashes(&text) % 2 == 1 {
            text.pop();
            text.push(u16::from(b' '));
        }
    }
    text
}

/// Replaces escaped white space with a space.
fn with_plain_spaces(text: &[u16]) -> Vec<u16> {
    let mut result = Vec::with_capacity(text.len());
    for &unit in text {
        if is_white_space(unit) && result.ends_with(&[BACKSLASH]) {
            if trailing_backslashes(&result) % 2 == 1 {
                result.pop();
            }
            result.push(u16::from(b' '));
        } else {
            result.push(unit);
        }
    }
    result
}

/// Whether a code unit is an operator of regular expressions that lines cannot use.
fn is_operator(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|byte| b"$.|*+(){^".contains(&byte))
}

fn with_escaped_operators(text: &[u16]) -> Vec<u16> {
    let mut result = Vec::with_capacity(text.len() * 2);
    for &unit in text {
        if unit == BACKSLASH || is_operator(unit) {
            result.push(BACKSLASH);
        }
        result.push(unit);
    }
    result
}

/// `**/` at the start matches all folders.
fn with_leading_globstar(text: Vec<u16>) -> Vec<u16> {
    let carets = text.iter().take_while(|&&unit| unit == CARET).count();
    match text[carets..].strip_prefix(units(r"\*\*\/").as_slice()) {
        Some(rest) => [&units(r"^(?:.*\/)?"), rest].concat(),
        None => text,
    }
}

/// A pattern with a slash that is not its last character is relative to the folder of the file.
fn with_start(text: Vec<u16>, pattern: &[u16]) -> Vec<u16> {
    if text.first().is_none_or(|&first| first == CARET) {
        return text;
    }
    let inner = pattern.split_last().map_or(pattern, |(_, inner)| inner);
    let start = if inner.contains(&SLASH) {
        "^"
    } else {
        r"(?:^|\/)"
    };
    [units(start), text].concat()
}

/// `/**` before a slash or at the end.
fn with_globstars(text: &[u16]) -> Vec<u16> {
    let globstar = units(r"\/\*\*");
    let slash = units(r"\/");
    let mut result = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let after = text[at..].strip_prefix(globstar.as_slice());
        match after {
            Some(after) if after.is_empty() || after.starts_with(&slash) => {
                let inside = if after.is_empty() {
                    r"\/.+"
                } else {
                    r"(?:\/[^\/]+)*"
                };
                result.extend(units(inside));
                at += globstar.len();
            }
            _ => {
                result.push(text[at]);
                at += 1;
            }
        }
    }
    result
}

/// Stars that are not at the end. Several in a row are one.
fn with_stars(text: &[u16]) -> Vec<u16> {
    let star = units(r"\*");
    let mut result = Vec::with_capacity(text.len());
    let mut at = 0;
    // Whether the text before is not an escaping backslash.
    let mut may_begin = true;
    while at < text.len() {
        let count = text[at..]
            .chunks(2)
            .take_while(|pair| **pair == star[..])
            .count();
        let is_followed = |count: usize| {
            let next = text.get(at + 2 * count);
            next.is_some_and(|&next| !is_line_end(next))
        };
        // The last star is kept if nothing follows it.
        let replaceable = if is_followed(count) {
            count
        } else {
            count.saturating_sub(1)
        };
        if may_begin && replaceable > 0 {
            result.extend(units(r"[^\/]*"));
            at += 2 * replaceable;
            // What follows directly is not preceded by another character.
            may_begin = false;
        } else {
            may_begin = text[at] != BACKSLASH;
            result.push(text[at]);
            at += 1;
        }
    }
    result
}

/// Operators that the line escapes.
fn with_unescaped_operators(text: &[u16]) -> Vec<u16> {
    let mut result = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let is_escaped = text[at..].starts_with(&[BACKSLASH; 3])
            && text.get(at + 3).is_some_and(|&unit| is_operator(unit));
        result.push(text[at]);
        at += if is_escaped { 3 } else { 1 };
    }
    result
}

/// Classes of characters, such as `[a-z]`. They cannot contain a slash.
fn with_classes(text: &[u16]) -> Vec<u16> {
    let (open, close) = (u16::from(b'['), u16::from(b']'));
    let mut result = Vec::with_capacity(text.len());
    let mut at = 0;
    // The last closing bracket or slash that was searched for.
    let mut end = 0;
    while at < text.len() {
        let is_escaped = text[at] == BACKSLASH && text.get(at + 1) == Some(&open);
        let inside = at + 1 + usize::from(is_escaped);
        if !is_escaped && text[at] != open {
            result.push(text[at]);
            at += 1;
            continue;
        }
        let rest = &text[inside..];
        if end < inside {
            let length = rest.iter().position(|&unit| unit == close || unit == SLASH);
            end = length.map_or(usize::MAX, |length| inside + length);
        }
        let length = (end < text.len()).then(|| end - inside);
        if length.is_some_and(|length| rest[length] == SLASH) {
            result.push(text[at]);
            at += 1;
            continue;
        }
        let is_closed = length.is_some();
        let inner = &rest[..length.unwrap_or(rest.len())];
        let backslashes = trailing_backslashes(inner);
        let range = &inner[..inner.len() - backslashes];
        if is_escaped {
            result.extend(units(r"\["));
            result.extend(range);
            result.extend(vec![BACKSLASH; backslashes - backslashes % 2]);
            result.extend(is_closed.then_some(close));
        } else if is_closed && backslashes.is_multiple_of(2) {
            result.push(open);
            result.extend(without_invalid_ranges(range));
            result.extend(vec![BACKSLASH; backslashes]);
            result.push(close);
        } else {
            result.extend([open, close]);
        }
        at = inside + inner.len() + usize::from(is_closed);
    }
    result
}

/// Removes ranges such as `z-a`.
fn without_invalid_ranges(range: &[u16]) -> Vec<u16> {
    let is_end = |unit: u16| (u16::from(b'0')..=u16::from(b'z')).contains(&unit);
    let mut result = Vec::with_capacity(range.len());
    let mut rest = range;
    while let Some(&first) = rest.first() {
        match *rest {
            [from, middle, to, ..] if middle == u16::from(b'-') && is_end(from) && is_end(to) => {
                if from <= to {
                    result.extend([from, middle, to]);
                }
                rest = &rest[3..];
            }
            _ => {
                result.push(first);
                rest = &rest[1..];
            }
        }
    }
    result
}

/// A pattern that ends with a slash matches only folders.
fn with_end(mut text: Vec<u16>) -> Vec<u16> {
    match text.last() {
        None => {}
        Some(&last) if last == u16::from(b'*') => {}
        Some(&SLASH) => text.push(u16::from(b'$')),
        Some(_) => text.extend(units(r"(?=$|\/$)")),
    }
    text
}

/// A star at the end. After a slash, it matches at least one character.
fn with_trailing_star(mut text: Vec<u16>) -> Vec<u16> {
    if !text.ends_with(&units(r"\*")) {
        return text;
    }
    text.truncate(text.len() - 2);
    let is_name = text.ends_with(&[CARET]) || text.ends_with(&units(r"\/"));
    text.extend(units(if is_name { "[^/]+" } else { "[^/]*" }));
    text.extend(units(r"(?=$|\/$)"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(line: &str) -> Option<String> {
        let line = units(line);
        let pattern = Pattern::is_in(&line).then(|| Pattern::of(&line))?;
        let not = if pattern.is_negative { "!" } else { "" };
        Some(format!(
            "{not}{}",
            String::from_utf16(&pattern.source).unwrap()
        ))
    }

    /// The expected sources were printed by the library.
    #[test]
    fn sources_are_those_of_the_library() {
        for (line, expected) in SOURCES {
            // JavaScript prints an escaped slash outside a class.
            let source = source(line).map(|it| it.replace("[^/]", r"[^\/]"));
            let expected = expected.map(|it| it.replace("[^/]", r"[^\/]"));
            assert_eq!(source, expected, "{line:?}");
        }
    }

    const SOURCES: &[(&str, Option<&str>)] = &[
        ("# x", None),
        ("  ", None),
        ("a\\", None),
        ("\\", None),
        ("a\\\\", Some("(?:^|\\/)a\\\\(?=$|\\/$)")),
        ("\u{feff}# x", Some("(?:^|\\/)# x(?=$|\\/$)")),
        ("\u{feff}!a", Some("(?:^|\\/)!a(?=$|\\/$)")),
        ("!", Some("!")),
        ("a", Some("(?:^|\\/)a(?=$|\\/$)")),
        ("a/", Some("(?:^|\\/)a\\/$")),
        ("/a", Some("^a(?=$|\\/$)")),
        ("a/b", Some("^a\\/b(?=$|\\/$)")),
        ("**/a", Some("^(?:.*\\/)?a(?=$|\\/$)")),
        ("a/**", Some("^a\\/.+(?=$|\\/$)")),
        ("a/**/b", Some("^a(?:\\/[^\\/]+)*\\/b(?=$|\\/$)")),
        ("a**b", Some("(?:^|\\/)a[^\\/]*b(?=$|\\/$)")),
        ("**", Some("(?:^|\\/)[^\\/]*[^/]*(?=$|\\/$)")),
        ("***", Some("(?:^|\\/)[^\\/]*[^/]*(?=$|\\/$)")),
        ("*", Some("(?:^|\\/)[^/]*(?=$|\\/$)")),
        ("a*", Some("(?:^|\\/)a[^/]*(?=$|\\/$)")),
        ("/*", Some("^[^/]+(?=$|\\/$)")),
        ("a/*", Some("^a\\/[^/]+(?=$|\\/$)")),
        ("!a*b", Some("!(?:^|\\/)a[^\\/]*b(?=$|\\/$)")),
        ("a ", Some("(?:^|\\/)a(?=$|\\/$)")),
        ("a\\ ", Some("(?:^|\\/)a (?=$|\\/$)")),
        ("a\\\\ ", Some("(?:^|\\/)a\\\\(?=$|\\/$)")),
        ("a\\  b", Some("(?:^|\\/)a  b(?=$|\\/$)")),
        ("a?b", Some("(?:^|\\/)a[^\\/]b(?=$|\\/$)")),
        ("[!x]y", Some("(?:^|\\/)[!x]y(?=$|\\/$)")),
        ("[^x]", Some("(?:^|\\/)[\\^x](?=$|\\/$)")),
        ("[z-a]", Some("(?:^|\\/)[](?=$|\\/$)")),
        ("[a", Some("(?:^|\\/)[](?=$|\\/$)")),
        ("[a/b]", Some("^[a\\/b](?=$|\\/$)")),
        ("\\[a]", Some("(?:^|\\/)\\[a](?=$|\\/$)")),
        ("[a\\]b]", Some("(?:^|\\/)[]b](?=$|\\/$)")),
        ("a\\*", Some("(?:^|\\/)a[^/]*(?=$|\\/$)")),
        ("\\*a", Some("(?:^|\\/)\\*a(?=$|\\/$)")),
        ("\\!a", Some("(?:^|\\/)!a(?=$|\\/$)")),
        ("\\#a", Some("(?:^|\\/)#a(?=$|\\/$)")),
        ("{a,b}", Some("(?:^|\\/)\\{a,b}(?=$|\\/$)")),
        ("a\\default", Some("(?:^|\\/)a\\default(?=$|\\/$)")),
        ("a//b", Some("^a\\/\\/b(?=$|\\/$)")),
        ("./a", Some("^\\.\\/a(?=$|\\/$)")),
        ("[é-ü]", Some("(?:^|\\/)[é-ü](?=$|\\/$)")),
        ("**a/**/", Some("^[^\\/]*a(?:\\/[^\\/]+)*\\/$")),
        ("a/**b", Some("^a\\/[^\\/]*b(?=$|\\/$)")),
        ("/**", Some("^[^\\/]*[^/]*(?=$|\\/$)")),
        ("/", Some("^(?=$|\\/$)")),
        ("\\\\*", Some("(?:^|\\/)\\[^\\/]*(?=$|\\/$)")),
        ("a\\\\*b", Some("(?:^|\\/)a\\\\*b(?=$|\\/$)")),
        ("x/*.cls", Some("^x\\/[^\\/]*\\.cls(?=$|\\/$)")),
    ];
}
