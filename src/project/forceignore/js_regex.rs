//! Translates a JavaScript regular expression, without flag `u` and ignoring case, for the `regex` crate.
//!
//! The result matches text that was folded by `code_units`. It takes linear time, which JavaScript does
//! not. Syntax errors are those of JavaScript (ECMAScript, Annex B).

use std::fmt::Write as _;
use std::sync::OnceLock;

use super::code_units::{to_char, to_uppercase};
use crate::project::javascript_characters::{LINE_END, WHITE_SPACE};

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

/// A byte of a character that is not a line end. U+2028 is E2 80 A8, and U+2029 is E2 80 A9.
const ANY_BYTE: &str = r"(?-u:[^\n\r\xE2]|\xE2[^\x80]|\xE2\x80[^\xA8\xA9])";

/// `\d`
const DIGIT: &[(u16, u16)] = &[(0x30, 0x39)];

/// `\w`
const WORD: &[(u16, u16)] = &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];

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
    Set(&'static [(u16, u16)], bool),
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
            '.' => self.any_character(),
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
        let rest = &self.source[self.at..];
        let is_count = |unit: u16| ascii(unit).is_ascii_digit() || ascii(unit) == ',';
        let length = rest.iter().position(|&unit| !is_count(unit))?;
        if ascii(rest[length]) != '}' {
            return None;
        }
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
                Atom::Set(set, expected) => self.push_set(set, expected),
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
            'd' => return Atom::Set(DIGIT, true),
            'D' => return Atom::Set(DIGIT, false),
            'w' => return Atom::Set(WORD, true),
            'W' => return Atom::Set(WORD, false),
            's' => return Atom::Set(WHITE_SPACE, true),
            'S' => return Atom::Set(WHITE_SPACE, false),
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
        if is_negated && self.is_repeated() && set.is_ascii() {
            self.result.push_str("(?-u:");
            set.write(is_negated, &mut self.result);
            self.result.push(')');
        } else {
            set.write(is_negated, &mut self.result);
        }
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

    /// Whether a repetition follows, which can match bytes. They are faster to compile than characters.
    /// The text before and after the repetition ends and begins with whole characters, so that the
    /// repeated bytes are whole characters, too.
    fn is_repeated(&self) -> bool {
        matches!(
            self.source.get(self.at).copied().map(ascii),
            Some('*' | '+')
        )
    }

    /// `.`
    fn any_character(&mut self) {
        match self.is_repeated() {
            true => self.result.push_str(ANY_BYTE),
            false => self.push_set(LINE_END, false),
        }
    }

    fn push_unit(&mut self, unit: u16) {
        push_literal(to_uppercase(unit), &mut self.result);
    }

    fn push_set(&mut self, ranges: &[(u16, u16)], expected: bool) {
        let mut set = ClassSet::default();
        set.add_set(ranges, expected);
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
            Atom::Set(ranges, expected) => self.add_set(ranges, *expected),
        }
    }

    /// Adds a range and the uppercase of its code units. The lowercase does no harm: no text has it.
    fn add_range(&mut self, first: u16, last: u16) {
        self.ranges.push((first, last));
        if last < 128 {
            let (from, to) = (first.max(u16::from(b'a')), last.min(u16::from(b'z')));
            if from <= to {
                self.ranges.push((to_uppercase(from), to_uppercase(to)));
            }
            return;
        }
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

    /// Adds sorted ranges, or what is not in them. They contain each letter in uppercase, too.
    fn add_set(&mut self, ranges: &[(u16, u16)], expected: bool) {
        if expected {
            self.ranges.extend(ranges);
            return;
        }
        let mut next = 0;
        for &(first, last) in ranges {
            if next < first {
                self.ranges.push((next, first - 1));
            }
            next = last + 1;
        }
        self.ranges.push((next, u16::MAX));
    }

    fn is_ascii(&self) -> bool {
        !self.ranges.is_empty() && self.ranges.iter().all(|&(_, last)| last < 128)
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
