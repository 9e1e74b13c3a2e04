//! Translates one part of a glob, between two slashes, to a regular expression, as the npm library
//! `minimatch` 9.0.9 does.

use crate::project::javascript_characters::is_space;

/// The part has syntax that is not translated: extended patterns in extended patterns, and classes such
/// as `[:alpha:]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Untranslated;

/// A part of a glob.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Translated {
    /// The name is this text.
    Text(String),
    /// The name matches this regular expression of JavaScript.
    Regex(String),
}

const NO_DOT: &str = "(?!\\.)";
const NO_TRAVERSAL: &str = "(?!(?:^|/)\\.\\.?(?:$|/))";
const ANY: &str = "[^/]";
const STAR: &str = "[^/]*?";
const STAR_NOT_EMPTY: &str = "[^/]+?";

/// Text, or an extended pattern such as `!(a|b)`.
enum Piece {
    Text(String),
    Extended {
        kind: char,
        alternatives: Vec<Vec<String>>,
        is_empty: bool,
    },
}

/// Translates a part.
///
/// # Errors
/// If the syntax is not supported.
pub(super) fn translate(part: &str) -> Result<Translated, Untranslated> {
    let mut pieces = pieces(part)?;
    let extended = |piece: &Piece| matches!(piece, Piece::Extended { .. });
    let is_magic_by_kind = pieces.iter().any(extended);
    fill_negations(&mut pieces)?;
    let mut source = String::new();
    let mut is_magic = is_magic_by_kind;
    let last = pieces.len().saturating_sub(1);
    let mut only_negations = true;
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                let (text, magic) = regex_of(text, true)?;
                source.push_str(&text);
                is_magic |= magic;
                only_negations = false;
            }
            Piece::Extended {
                kind,
                alternatives,
                is_empty,
            } => {
                let at_start = at == 0 || only_negations;
                let regex = extended_regex(*kind, alternatives, *is_empty, at_start, at == last)?;
                source.push_str(&regex);
                only_negations &= *kind == '!';
            }
        }
    }
    let mut start = "";
    if let Some(Piece::Text(first)) = pieces.first() {
        let only_dots = pieces.len() == 1 && matches!(first.as_str(), "." | "..");
        start = if only_dots {
            ""
        } else {
            start_of(&source, false)
        };
    }
    Ok(match is_magic {
        true => Translated::Regex(format!("^{start}{source}$")),
        false => Translated::Text(unescaped(&source)),
    })
}

/// What to put before a pattern so that it does not match `.` and `..`, or names that start with a dot.
fn start_of(source: &str, dot_allowed: bool) -> &'static str {
    let may_be_dot = |at: usize| matches!(source.as_bytes().get(at), Some(b'[' | b'.'));
    if (dot_allowed && may_be_dot(0))
        || (source.starts_with("\\.") && may_be_dot(2))
        || (source.starts_with("\\.\\.") && may_be_dot(4))
    {
        NO_TRAVERSAL
    } else if !dot_allowed && may_be_dot(0) {
        NO_DOT
    } else {
        ""
    }
}

/// Splits a part into text and extended patterns.
fn pieces(part: &str) -> Result<Vec<Piece>, Untranslated> {
    let chars: Vec<char> = part.chars().collect();
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut scanner = Scanner::default();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        let starts = scanner.is_outside(c, at)
            && matches!(c, '!' | '?' | '+' | '*' | '@')
            && chars.get(at) == Some(&'(');
        if !starts {
            text.push(c);
            continue;
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        let (piece, next) = extended(&chars, c, at + 1)?;
        pieces.push(piece);
        at = next;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

/// Finds characters outside escapes and classes.
#[derive(Default)]
struct Scanner {
    escaping: bool,
    /// The index after the `[` of the class, and whether the class is negated.
    class: Option<(usize, bool)>,
}

impl Scanner {
    /// Whether the character, which ends at index `end`, is outside escapes and classes.
    fn is_outside(&mut self, c: char, end: usize) -> bool {
        if self.escaping || c == '\\' {
            self.escaping = !self.escaping;
            return false;
        }
        if let Some((start, negated)) = self.class {
            if end == start + 1 {
                if matches!(c, '^' | '!') {
                    self.class = Some((start, true));
                }
            } else if c == ']' && !(end == start + 2 && negated) {
                self.class = None;
            }
            return false;
        }
        if c == '[' {
            self.class = Some((end, false));
            return false;
        }
        true
    }
}

/// Reads an extended pattern, whose content starts at index `at`.
fn extended(chars: &[char], kind: char, at: usize) -> Result<(Piece, usize), Untranslated> {
    let mut alternatives = Vec::new();
    let mut text = String::new();
    let mut scanner = Scanner::default();
    let mut at = at;
    let as_list = |text: String| if text.is_empty() { vec![] } else { vec![text] };
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        if !scanner.is_outside(c, at) {
            text.push(c);
            continue;
        }
        match c {
            '!' | '?' | '+' | '*' | '@' if chars.get(at) == Some(&'(') => return Err(Untranslated),
            '|' => alternatives.push(as_list(std::mem::take(&mut text))),
            ')' => {
                let is_empty = text.is_empty();
                alternatives.push(as_list(text));
                let piece = Piece::Extended {
                    kind,
                    alternatives,
                    is_empty,
                };
                return Ok((piece, at));
            }
            c => text.push(c),
        }
    }
    // Without a `)`, it is something else.
    Err(Untranslated)
}

/// A negation also excludes what follows it: the text after it is added to its alternatives.
fn fill_negations(pieces: &mut [Piece]) -> Result<(), Untranslated> {
    for at in 0..pieces.len() {
        let (before, after) = pieces.split_at_mut(at + 1);
        let Some(Piece::Extended {
            kind: '!',
            alternatives,
            ..
        }) = before.last_mut()
        else {
            continue;
        };
        for piece in after {
            match piece {
                Piece::Text(text) => alternatives.iter_mut().for_each(|it| it.push(text.clone())),
                Piece::Extended { .. } => return Err(Untranslated),
            }
        }
    }
    Ok(())
}

fn extended_regex(
    kind: char,
    alternatives: &[Vec<String>],
    is_empty: bool,
    at_start: bool,
    at_end: bool,
) -> Result<String, Untranslated> {
    let body = |dot_allowed: bool| -> Result<String, Untranslated> {
        let mut all = Vec::new();
        for alternative in alternatives {
            let regex = alternative_regex(alternative, kind, at_start, at_end, dot_allowed)?;
            if !(at_start && at_end && regex.is_empty()) {
                all.push(regex);
            }
        }
        Ok(all.join("|"))
    };
    let mut inside = body(false)?;
    if at_start && at_end && inside.is_empty() && kind != '!' {
        return Err(Untranslated);
    }
    let no_dot = if at_start { NO_DOT } else { "" };
    if kind == '!' {
        return Ok(match is_empty {
            true => format!("{no_dot}{STAR_NOT_EMPTY}"),
            false => format!("(?:(?!(?:{inside})){no_dot}{STAR})"),
        });
    }
    let is_repeated = matches!(kind, '*' | '+');
    let with_dots = if is_repeated {
        body(true)?
    } else {
        String::new()
    };
    let has_two = is_repeated && with_dots != inside && !with_dots.is_empty();
    if has_two {
        inside = format!("(?:{inside})(?:{with_dots})*?");
    }
    let end = match kind {
        '@' => "",
        '?' => "?",
        '+' if has_two => "",
        '*' if has_two => "?",
        '+' => "+",
        _ => "*",
    };
    Ok(format!("(?:{inside}){end}"))
}

fn alternative_regex(
    texts: &[String],
    kind: char,
    at_start: bool,
    at_end: bool,
    dot_allowed: bool,
) -> Result<String, Untranslated> {
    let is_end = kind == '!' || at_end;
    let mut source = String::new();
    for text in texts {
        source.push_str(&regex_of(text, at_start && is_end)?.0);
    }
    let mut start = "";
    if let (true, Some(first)) = (at_start, texts.first()) {
        let only_dots = texts.len() == 1 && matches!(first.as_str(), "." | "..");
        start = if only_dots {
            ""
        } else {
            start_of(&source, dot_allowed)
        };
    }
    let end = if kind == '!' { "(?:$|\\/)" } else { "" };
    Ok(format!("{start}{source}{end}"))
}

/// The regular expression of text with `*`, `?` and classes, and whether it has any.
fn regex_of(text: &str, no_empty: bool) -> Result<(String, bool), Untranslated> {
    let chars: Vec<char> = text.chars().collect();
    let only_stars = chars.iter().all(|&c| c == '*');
    let mut regex = String::new();
    let mut is_magic = false;
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        match c {
            '\\' => match chars.get(at) {
                None => regex.push_str("\\\\"),
                Some(&escaped) => {
                    at += 1;
                    if escaped == '|' {
                        // It keeps its meaning in the regular expression.
                        return Err(Untranslated);
                    }
                    if "().*{}+?[]^$\\!".contains(escaped) {
                        regex.push('\\');
                    }
                    regex.push(escaped);
                }
            },
            '[' => match class(&chars, at - 1)? {
                Some((class, next, magic)) => {
                    regex.push_str(&class);
                    is_magic |= magic;
                    at = next;
                }
                None => regex.push_str("\\["),
            },
            '*' => {
                while chars.get(at) == Some(&'*') {
                    at += 1;
                }
                regex.push_str(if no_empty && only_stars {
                    STAR_NOT_EMPTY
                } else {
                    STAR
                });
                is_magic = true;
            }
            '?' => {
                regex.push_str(ANY);
                is_magic = true;
            }
            c => escape_into(&mut regex, c),
        }
    }
    Ok((regex, is_magic))
}

fn escape_into(regex: &mut String, c: char) {
    if "-[]{}()*+?.,\\^$|#".contains(c) || is_space(c) {
        regex.push('\\');
    }
    regex.push(c);
}

/// The class that starts at index `start`, the index after it, and whether it is more than one
/// character. `None` if the class has no end.
fn class(chars: &[char], start: usize) -> Result<Option<(String, usize, bool)>, Untranslated> {
    let mut ranges: Vec<(char, Option<char>)> = Vec::new();
    let mut from: Option<char> = None;
    let (mut negated, mut escaping, mut any) = (false, false, false);
    let mut at = start + 1;
    let end = loop {
        let Some(&c) = chars.get(at) else {
            return Ok(None);
        };
        if matches!(c, '!' | '^') && at == start + 1 {
            negated = true;
            at += 1;
            continue;
        }
        if c == ']' && any && !escaping {
            break at + 1;
        }
        any = true;
        if c == '\\' && !escaping {
            escaping = true;
            at += 1;
            continue;
        }
        if c == '[' && !escaping && chars.get(at + 1) == Some(&':') {
            return Err(Untranslated);
        }
        if u32::from(c) > 0xFFFF {
            return Err(Untranslated);
        }
        escaping = false;
        if let Some(first) = from.take() {
            match c.cmp(&first) {
                std::cmp::Ordering::Greater => ranges.push((first, Some(c))),
                std::cmp::Ordering::Equal => ranges.push((c, None)),
                std::cmp::Ordering::Less => {}
            }
            at += 1;
        } else if chars[at + 1..].starts_with(&['-', ']']) {
            ranges.push((c, None));
            ranges.push(('-', None));
            at += 2;
        } else if chars.get(at + 1) == Some(&'-') {
            from = Some(c);
            at += 2;
        } else {
            ranges.push((c, None));
            at += 1;
        }
    };
    if ranges.is_empty() {
        // The class matches nothing, and neither does the glob.
        return Ok(Some(("$.".to_owned(), chars.len(), true)));
    }
    if let ([(only, None)], false) = (&ranges[..], negated) {
        let mut text = String::new();
        escape_into(&mut text, *only);
        return Ok(Some((text, end, false)));
    }
    Ok(Some((class_regex(&ranges, negated), end, true)))
}

fn class_regex(ranges: &[(char, Option<char>)], negated: bool) -> String {
    // The library does not escape `^` either.
    let escaped = |c: char| match c {
        '[' | ']' | '\\' | '-' => format!("\\{c}"),
        _ => c.to_string(),
    };
    let range = |&(first, last): &(char, Option<char>)| match last {
        Some(last) => format!("{}-{}", escaped(first), escaped(last)),
        None => escaped(first),
    };
    let ranges: String = ranges.iter().map(range).collect();
    format!("[{}{ranges}]", if negated { "^" } else { "" })
}

/// Removes the backslashes before escaped characters.
fn unescaped(source: &str) -> String {
    let mut text = String::new();
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    text
}
