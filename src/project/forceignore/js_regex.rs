//! Translates a JavaScript regular expression, without flag `u` and ignoring case, for the `regex` crate.
//!
//! The result matches text that was folded by `code_units`. It takes linear time, which JavaScript does
//! not. Syntax errors are those of JavaScript (ECMAScript, Annex B).

use std::fmt::Write as _;
use std::sync::OnceLock;

use super::code_units::{is_line_end, is_white_space, to_char, to_uppercase};

/// Why a source cannot be translated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Untranslatable {
    /// JavaScript rejects it.
    SyntaxError,
    /// It refers to a group (`\1`).
    BackReference,
}

/// The expression in the syntax of the `regex` crate.
pub(super) fn translate(source: &[u16]) -> Result<String, Untranslatable> {
    let mut translation = Translation {
        source,
        at: 0,
        result: String::with_capacity(source.len() * 2),
        open_groups: 0,
        captures: 0,
        is_repeatable: false,
    };
    while let Some(unit) = translation.next() {
        translation.term(unit)?;
    }
    match translation.open_groups {
        0 => Ok(translation.result),
        _ => Err(Untranslatable::SyntaxError),
    }
}

struct Translation<'s> {
    source: &'s [u16],
    at: usize,
    result: String,
    open_groups: usize,
    captures: usize,
    /// Whether a quantifier may follow.
    is_repeatable: bool,
}

/// What an escape or a character in a class means.
enum Atom {
    Unit(u16),
    /// `\d`, `\w`, `\s`, or the opposite.
    Set(fn(u16) -> bool, bool),
}

impl Translation<'_> {
    fn next(&mut self) -> Option<u16> {
        let unit = self.source.get(self.at).copied();
        self.at += usize::from(unit.is_some());
        unit
    }

    /// Skips `text` if it is next.
    fn skip(&mut self, text: &str) -> bool {
        let is_next = self.source[self.at..].starts_with(&text.encode_utf16().collect::<Vec<_>>());
        if is_next {
            self.at += text.len();
        }
        is_next
    }

    fn term(&mut self, unit: u16) -> Result<(), Untranslatable> {
        let was_repeatable = std::mem::replace(&mut self.is_repeatable, true);
        match ascii(unit) {
            '^' | '$' => {
                self.result.push(ascii(unit));
                self.is_repeatable = false;
            }
            '|' => {
                self.result.push('|');
                self.is_repeatable = false;
            }
            '(' => self.open_group(),
            ')' => {
                self.result.push(')');
                let open = self.open_groups.checked_sub(1);
                self.open_groups = open.ok_or(Untranslatable::SyntaxError)?;
            }
            '*' | '+' | '?' => self.repeat(was_repeatable, &ascii(unit).to_string())?,
            '{' => match self.counts() {
                Some(counts) => self.repeat(was_repeatable, &counts)?,
                None => self.push_unit(unit),
            },
            '.' => self.push_set(|unit| !is_line_end(unit)),
            '[' => self.class()?,
            '\\' => self.escape()?,
            _ => self.push_unit(unit),
        }
        Ok(())
    }

    fn open_group(&mut self) {
        // Nothing follows the lookahead at the end, so that it can be a group.
        if !self.skip("?:") && !self.skip("?=") {
            self.captures += 1;
        }
        self.result.push_str("(?:");
        self.open_groups += 1;
        self.is_repeatable = false;
    }

    fn repeat(&mut self, was_repeatable: bool, quantifier: &str) -> Result<(), Untranslatable> {
        if !was_repeatable {
            return Err(Untranslatable::SyntaxError);
        }
        self.result.push_str(quantifier);
        // Whether as few as possible are matched first does not matter here.
        if self.skip("?") {
            self.result.push('?');
        }
        self.is_repeatable = false;
        Ok(())
    }

    /// The rest of a quantifier such as `{2,3}`.
    fn counts(&mut self) -> Option<String> {
        let length = self.source[self.at..]
            .iter()
            .position(|&unit| ascii(unit) == '}')?;
        let text: String = self.source[self.at..][..length]
            .iter()
            .map(|&unit| ascii(unit))
            .collect();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let is_valid = match text.split_once(',') {
            None => is_number(&text),
            Some((low, high)) => is_number(low) && (high.is_empty() || is_number(high)),
        };
        is_valid.then(|| {
            self.at += length + 1;
            format!("{{{text}}}")
        })
    }

    fn escape(&mut self) -> Result<(), Untranslatable> {
        let next = self.source.get(self.at).copied().map(ascii);
        match next {
            None => return Err(Untranslatable::SyntaxError),
            Some(boundary @ ('b' | 'B')) => {
                self.at += 1;
                let _ = write!(self.result, "(?-u:\\{boundary})");
                self.is_repeatable = false;
            }
            Some(digit @ '1'..='9') if self.captures > 0 && usize_of(digit) <= self.captures => {
                return Err(Untranslatable::BackReference);
            }
            Some(_) => match self.escaped() {
                Atom::Unit(unit) => self.push_unit(unit),
                Atom::Set(contains, expected) => {
                    self.push_set(move |unit| contains(unit) == expected)
                }
            },
        }
        Ok(())
    }

    /// What follows a backslash.
    fn escaped(&mut self) -> Atom {
        let Some(unit) = self.next() else {
            return Atom::Unit(u16::from(b'\\'));
        };
        let unit = match ascii(unit) {
            'd' => return Atom::Set(is_digit, true),
            'D' => return Atom::Set(is_digit, false),
            'w' => return Atom::Set(is_word, true),
            'W' => return Atom::Set(is_word, false),
            's' => return Atom::Set(is_white_space, true),
            'S' => return Atom::Set(is_white_space, false),
            'f' => 0x0C,
            'n' => 0x0A,
            'r' => 0x0D,
            't' => 0x09,
            'v' => 0x0B,
            'c' => match self.source.get(self.at).copied().map(ascii) {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    self.at += 1;
                    letter as u16 % 32
                }
                // A backslash, before the letter.
                _ => {
                    self.at -= 1;
                    u16::from(b'\\')
                }
            },
            'x' => self.hexadecimal(2).unwrap_or(unit),
            'u' => self.hexadecimal(4).unwrap_or(unit),
            '0'..='7' => self.octal(),
            _ => unit,
        };
        Atom::Unit(unit)
    }

    fn hexadecimal(&mut self, length: usize) -> Option<u16> {
        let digits = self.source.get(self.at..self.at + length)?;
        let digits: String = digits.iter().map(|&unit| ascii(unit)).collect();
        let is_valid = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let value = u16::from_str_radix(&digits, 16).ok().filter(|_| is_valid);
        self.at += value.map_or(0, |_| length);
        value
    }

    /// An octal number of at most 255, whose first digit was read.
    fn octal(&mut self) -> u16 {
        let mut value = self.source[self.at - 1] - u16::from(b'0');
        while let Some(digit) = self.source.get(self.at).copied().map(ascii)
            && ('0'..='7').contains(&digit)
            && value < 32
        {
            value = value * 8 + usize_of(digit) as u16;
            self.at += 1;
        }
        value
    }

    fn class(&mut self) -> Result<(), Untranslatable> {
        let is_negated = self.skip("^");
        let mut set = ClassSet::default();
        while let Some(atom) = self.class_atom()? {
            // A hyphen is literal before `]`.
            let is_range = self.source[self.at..].starts_with(&[u16::from(b'-')])
                && self
                    .source
                    .get(self.at + 1)
                    .is_some_and(|&unit| ascii(unit) != ']');
            if !is_range {
                set.add_atom(&atom);
                continue;
            }
            self.at += 1;
            let Some(last) = self.class_atom()? else {
                return Err(Untranslatable::SyntaxError);
            };
            match (&atom, &last) {
                (Atom::Unit(first), Atom::Unit(last)) if first > last => {
                    return Err(Untranslatable::SyntaxError);
                }
                (Atom::Unit(first), Atom::Unit(last)) => set.add_range(*first, *last),
                _ => {
                    set.add_atom(&atom);
                    set.add_atom(&Atom::Unit(u16::from(b'-')));
                    set.add_atom(&last);
                }
            }
        }
        set.write(is_negated, &mut self.result);
        Ok(())
    }

    /// The next character or set in a class. `None` at its end.
    fn class_atom(&mut self) -> Result<Option<Atom>, Untranslatable> {
        let unit = self.next().ok_or(Untranslatable::SyntaxError)?;
        Ok(match ascii(unit) {
            ']' => None,
            '\\' => match self.source.get(self.at).copied().map(ascii) {
                None => return Err(Untranslatable::SyntaxError),
                Some('b') => {
                    self.at += 1;
                    Some(Atom::Unit(0x08))
                }
                // In a class, a digit or an underscore can follow `\c`.
                Some('c') if self.is_control_in_class() => {
                    let unit = self.source[self.at + 1];
                    self.at += 2;
                    Some(Atom::Unit(unit % 32))
                }
                Some(_) => Some(self.escaped()),
            },
            _ => Some(Atom::Unit(unit)),
        })
    }

    fn is_control_in_class(&self) -> bool {
        let next = self.source.get(self.at + 1).copied().map(ascii);
        next.is_some_and(|next| next == '_' || next.is_ascii_digit())
    }

    fn push_unit(&mut self, unit: u16) {
        push_literal(to_uppercase(unit), &mut self.result);
    }

    fn push_set(&mut self, contains: impl Fn(u16) -> bool) {
        let mut set = ClassSet::default();
        set.add_matching(contains);
        set.write(false, &mut self.result);
    }
}

/// The code units of a class, in uppercase.
#[derive(Default)]
struct ClassSet {
    /// Pairs of first and last.
    ranges: Vec<(u16, u16)>,
}

impl ClassSet {
    fn add_atom(&mut self, atom: &Atom) {
        match atom {
            Atom::Unit(unit) => self.add_range(*unit, *unit),
            Atom::Set(contains, expected) => self.add_matching(|unit| contains(unit) == *expected),
        }
    }

    /// Adds a range and the uppercase of its code units. The lowercase does no harm: no text has it.
    fn add_range(&mut self, first: u16, last: u16) {
        self.ranges.push((first, last));
        let cased = cased_units();
        let from = cased.partition_point(|(unit, _)| *unit < first);
        for &(unit, upper) in &cased[from..] {
            if unit > last {
                break;
            }
            match self.ranges.last_mut() {
                _ if (first..=last).contains(&upper) => {}
                Some((_, end)) if end.checked_add(1) == Some(upper) => *end = upper,
                _ => self.ranges.push((upper, upper)),
            }
        }
    }

    fn add_matching(&mut self, contains: impl Fn(u16) -> bool) {
        let mut first = None;
        for unit in 0..=u16::MAX {
            match (contains(unit), first) {
                (true, None) => first = Some(unit),
                (false, Some(from)) => {
                    self.ranges.push((from, unit - 1));
                    first = None;
                }
                _ => {}
            }
        }
        self.ranges.extend(first.map(|from| (from, u16::MAX)));
    }

    fn write(&self, is_negated: bool, result: &mut String) {
        if self.ranges.is_empty() {
            // Nothing, or anything.
            result.push_str(if is_negated { r"(?s:.)" } else { "[a&&b]" });
            return;
        }
        result.push_str(if is_negated { "[^" } else { "[" });
        for &(first, last) in &self.ranges {
            // The characters for surrogates are at the end.
            for (first, last) in split_at_surrogates(first, last).into_iter().flatten() {
                let _ = write!(result, "\\x{{{:x}}}", u32::from(to_char(first)));
                if first < last {
                    let _ = write!(result, "-\\x{{{:x}}}", u32::from(to_char(last)));
                }
            }
        }
        result.push(']');
    }
}

/// The code units that differ from their uppercase, which follows them.
fn cased_units() -> &'static [(u16, u16)] {
    static CASED: OnceLock<Vec<(u16, u16)>> = OnceLock::new();
    CASED.get_or_init(|| {
        let pairs = (0..=u16::MAX).map(|unit| (unit, to_uppercase(unit)));
        pairs.filter(|(unit, upper)| unit != upper).collect()
    })
}

/// The parts of a range before, in and after the surrogates.
fn split_at_surrogates(first: u16, last: u16) -> [Option<(u16, u16)>; 3] {
    [(0, 0xD7FF), (0xD800, 0xDFFF), (0xE000, u16::MAX)].map(|(from, to)| {
        let (first, last) = (first.max(from), last.min(to));
        (first <= last).then_some((first, last))
    })
}

fn push_literal(unit: u16, result: &mut String) {
    let character = to_char(unit);
    if character.is_ascii_alphanumeric() || matches!(character, '_' | '/') {
        result.push(character);
    } else {
        let _ = write!(result, "\\x{{{:x}}}", u32::from(character));
    }
}

/// The code unit as an ASCII character; U+0000 if it is not one. No syntax uses that.
fn ascii(unit: u16) -> char {
    u8::try_from(unit)
        .ok()
        .filter(u8::is_ascii)
        .map_or('\0', char::from)
}

fn usize_of(digit: char) -> usize {
    digit.to_digit(10).unwrap_or(0) as usize
}

fn is_digit(unit: u16) -> bool {
    ascii(unit).is_ascii_digit()
}

fn is_word(unit: u16) -> bool {
    ascii(unit).is_ascii_alphanumeric() || ascii(unit) == '_'
}
