//! Parses regular expressions of JavaScript, as `new RegExp(pattern, "g")` does.
//!
//! Rust's `regex` has no lookarounds and no backreferences, and gives `\d`, `\w`, `\z`, `[[:alpha:]]` and
//! others a different meaning. The syntax here is that of ECMAScript 2026 without the `u` flag, with
//! Annex B. Rare parts of it are not supported: octal and control escapes, and flags in groups.

use crate::project::javascript_characters::{LINE_END, WHITE_SPACE};

/// A part of a regular expression. Text is a sequence of UTF-16 code units, as in JavaScript.
#[derive(Debug)]
pub(super) enum Node {
    Class(Class),
    Start,
    End,
    Boundary {
        negated: bool,
    },
    Capture(usize, Box<Node>),
    BackReference(usize),
    Look {
        node: Box<Node>,
        behind: bool,
        negated: bool,
    },
    Alternatives(Vec<Node>),
    Sequence(Vec<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: u32,
        greedy: bool,
        /// The first and the last group inside, which each iteration resets.
        captures: (usize, usize),
    },
}

/// A set of code units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Class {
    ranges: Vec<(u16, u16)>,
    negated: bool,
}

impl Class {
    fn of(ranges: &[(u16, u16)]) -> Self {
        Self {
            ranges: ranges.to_vec(),
            negated: false,
        }
    }

    fn unit(unit: u16) -> Self {
        Self::of(&[(unit, unit)])
    }

    fn negate(mut self) -> Self {
        self.negated = !self.negated;
        self
    }

    #[inline]
    pub(super) fn contains(&self, unit: u16) -> bool {
        let inside = |&(first, last): &(u16, u16)| first <= unit && unit <= last;
        self.ranges.iter().any(inside) != self.negated
    }

    /// The only code unit of the class.
    pub(super) fn single(&self) -> Option<u16> {
        match self.ranges[..] {
            [(first, last)] if first == last && !self.negated => Some(first),
            _ => None,
        }
    }

    /// Adds the units of another class, which is not negated or else complete.
    fn extend(&mut self, other: &Self) {
        if !other.negated {
            self.ranges.extend(&other.ranges);
            return;
        }
        let mut sorted = other.ranges.clone();
        sorted.sort_unstable();
        let mut next = 0;
        for (first, last) in sorted {
            if next < u32::from(first) {
                self.ranges.push((next as u16, first - 1));
            }
            next = next.max(u32::from(last) + 1);
        }
        if next <= u32::from(u16::MAX) {
            self.ranges.push((next as u16, u16::MAX));
        }
    }
}

const DIGITS: [(u16, u16); 1] = [(0x30, 0x39)];
const WORD: [(u16, u16); 4] = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];
/// Whether `\w` matches the code unit.
pub(super) fn is_word(unit: u16) -> bool {
    WORD.iter()
        .any(|&(first, last)| first <= unit && unit <= last)
}

/// A parsed regular expression.
#[derive(Debug)]
pub(super) struct Parsed {
    pub node: Node,
    /// The number of groups.
    pub groups: usize,
    /// The names of groups.
    pub names: Vec<(String, usize)>,
}

/// JavaScript rejects the expression, or it has syntax that is not supported here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsupported;

const MAX_UNITS: usize = 10_000;
const MAX_DEPTH: usize = 50;
const INFINITE: u32 = u32::MAX;

/// Parses a regular expression.
///
/// # Errors
/// If it is not valid in JavaScript, not supported, or too long.
pub(super) fn parse(pattern: &str) -> Result<Parsed, Unsupported> {
    let units: Vec<u16> = pattern.encode_utf16().collect();
    if units.len() > MAX_UNITS {
        return Err(Unsupported);
    }
    let (total, names) = groups(&units)?;
    let mut parser = Parser {
        units: &units,
        at: 0,
        depth: 0,
        opened: 0,
        total,
        names: &names,
    };
    let node = parser.alternatives()?;
    match parser.at == units.len() {
        true => Ok(Parsed {
            node,
            groups: total,
            names,
        }),
        // An unmatched `)`.
        false => Err(Unsupported),
    }
}

/// The number of groups and their names. They must be known before the pattern is parsed, because a
/// backreference can come before its group.
fn groups(units: &[u16]) -> Result<(usize, Vec<(String, usize)>), Unsupported> {
    let mut names: Vec<(String, usize)> = Vec::new();
    let (mut count, mut in_class, mut at) = (0, false, 0);
    while at < units.len() {
        match units[at] {
            BACKSLASH => at += 1,
            OPEN_BRACKET => in_class = true,
            CLOSE_BRACKET => in_class = false,
            OPEN_PAREN if !in_class => {
                let rest = &units[at + 1..];
                let is_named = rest.starts_with(&[QUESTION, LESS])
                    && !matches!(rest.get(2), Some(&EQUALS | &EXCLAMATION));
                if is_named {
                    let name: Vec<u16> = rest[2..]
                        .iter()
                        .copied()
                        .take_while(|&unit| unit != GREATER)
                        .collect();
                    let name = String::from_utf16(&name).map_err(|_| Unsupported)?;
                    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                    if !is_plain || names.iter().any(|(known, _)| *known == name) {
                        return Err(Unsupported);
                    }
                    names.push((name, count + 1));
                }
                count += usize::from(is_named || rest.first() != Some(&QUESTION));
            }
            _ => {}
        }
        at += 1;
    }
    Ok((count, names))
}

const fn unit(c: char) -> u16 {
    c as u16
}
const BACKSLASH: u16 = unit('\\');
const OPEN_BRACKET: u16 = unit('[');
const CLOSE_BRACKET: u16 = unit(']');
const OPEN_PAREN: u16 = unit('(');
const QUESTION: u16 = unit('?');
const LESS: u16 = unit('<');
const GREATER: u16 = unit('>');
const EQUALS: u16 = unit('=');
const EXCLAMATION: u16 = unit('!');

struct Parser<'p> {
    units: &'p [u16],
    at: usize,
    depth: usize,
    /// The groups that have been opened so far.
    opened: usize,
    total: usize,
    names: &'p [(String, usize)],
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        let unit = *self.units.get(self.at)?;
        // Half of a pair is an ordinary character.
        Some(char::from_u32(u32::from(unit)).unwrap_or('\u{FFFD}'))
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c) && c != '\u{FFFD}';
        self.at += usize::from(found);
        found
    }

    fn take_all(&mut self, text: &str) -> bool {
        let units: Vec<u16> = text.encode_utf16().collect();
        let found = self.units[self.at..].starts_with(&units);
        self.at += if found { units.len() } else { 0 };
        found
    }

    fn alternatives(&mut self) -> Result<Node, Unsupported> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unsupported);
        }
        let mut all = vec![self.sequence()?];
        while self.take('|') {
            all.push(self.sequence()?);
        }
        self.depth -= 1;
        match all.len() {
            1 => all.pop().ok_or(Unsupported),
            _ => Ok(Node::Alternatives(all)),
        }
    }

    fn sequence(&mut self) -> Result<Node, Unsupported> {
        let mut all = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            let before = self.opened;
            let (node, can_repeat) = self.term()?;
            all.push(self.quantified(node, can_repeat, before)?);
        }
        Ok(Node::Sequence(all))
    }

    /// Parses the quantifier after a term.
    fn quantified(
        &mut self,
        node: Node,
        can_repeat: bool,
        opened_before: usize,
    ) -> Result<Node, Unsupported> {
        let Some((min, max)) = self.quantifier()? else {
            return Ok(node);
        };
        if !can_repeat || min > max {
            return Err(Unsupported);
        }
        Ok(Node::Repeat {
            node: Box::new(node),
            min,
            max,
            greedy: !self.take('?'),
            captures: (opened_before + 1, self.opened),
        })
    }

    /// The bounds of the quantifier at this position.
    fn quantifier(&mut self) -> Result<Option<(u32, u32)>, Unsupported> {
        let bounds = match self.peek() {
            Some('*') => (0, INFINITE),
            Some('+') => (1, INFINITE),
            Some('?') => (0, 1),
            Some('{') => return self.counts(),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(bounds))
    }

    /// The bounds of `{3}`, `{3,}` or `{3,5}`. Any other `{` is an ordinary character.
    fn counts(&mut self) -> Result<Option<(u32, u32)>, Unsupported> {
        let start = self.at;
        self.at += 1;
        let min = self.number()?;
        let bounds = match (min, self.take(',')) {
            (Some(min), false) => Some((min, min)),
            (Some(min), true) => Some((min, self.number()?.unwrap_or(INFINITE))),
            (None, _) => None,
        };
        if bounds.is_some() && self.take('}') {
            return Ok(bounds);
        }
        self.at = start;
        Ok(None)
    }

    fn number(&mut self) -> Result<Option<u32>, Unsupported> {
        let mut number: Option<u32> = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.at += 1;
            let more = number.unwrap_or(0).checked_mul(10);
            let more = more.and_then(|number| number.checked_add(digit));
            number = Some(more.filter(|&it| it < INFINITE).ok_or(Unsupported)?);
        }
        Ok(number)
    }

    /// A term, and whether a quantifier can follow it.
    fn term(&mut self) -> Result<(Node, bool), Unsupported> {
        if self.take('^') {
            return Ok((Node::Start, false));
        }
        if self.take('$') {
            return Ok((Node::End, false));
        }
        if self.take_all("\\b") {
            return Ok((Node::Boundary { negated: false }, false));
        }
        if self.take_all("\\B") {
            return Ok((Node::Boundary { negated: true }, false));
        }
        if self.take('(') {
            return self.group();
        }
        if self.take('\\') {
            return self.escape().map(|node| (node, true));
        }
        if self.take('[') {
            return self.class().map(|class| (Node::Class(class), true));
        }
        if self.take('.') {
            let class = Class::of(LINE_END).negate();
            return Ok((Node::Class(class), true));
        }
        // Nothing precedes this quantifier.
        if self.quantifier()?.is_some() {
            return Err(Unsupported);
        }
        let unit = self.units[self.at];
        self.at += 1;
        Ok((Node::Class(Class::unit(unit)), true))
    }

    fn group(&mut self) -> Result<(Node, bool), Unsupported> {
        let look = |behind, negated| (behind, negated);
        let kinds = [
            ("?=", look(false, false)),
            ("?!", look(false, true)),
            ("?<=", look(true, false)),
            ("?<!", look(true, true)),
        ];
        for (start, (behind, negated)) in kinds {
            if self.take_all(start) {
                let node = Box::new(self.rest_of_group()?);
                let node = Node::Look {
                    node,
                    behind,
                    negated,
                };
                return Ok((node, !behind));
            }
        }
        if self.take_all("?:") {
            return Ok((self.rest_of_group()?, true));
        }
        if self.take('?') {
            // `groups` has checked the name. Everything else is not supported.
            if !self.take('<') {
                return Err(Unsupported);
            }
            while !self.take('>') {
                self.at += 1;
            }
        }
        self.opened += 1;
        let number = self.opened;
        let node = self.rest_of_group()?;
        Ok((Node::Capture(number, Box::new(node)), true))
    }

    fn rest_of_group(&mut self) -> Result<Node, Unsupported> {
        let node = self.alternatives()?;
        self.take(')').then_some(node).ok_or(Unsupported)
    }

    /// The escape after a backslash, outside a class.
    fn escape(&mut self) -> Result<Node, Unsupported> {
        match self.peek() {
            Some('1'..='9') => {
                let number = self.number()?.ok_or(Unsupported)? as usize;
                // Larger numbers are octal escapes.
                (number <= self.total)
                    .then_some(Node::BackReference(number))
                    .ok_or(Unsupported)
            }
            Some('k') if !self.names.is_empty() => {
                let named = |(name, number): &(String, usize)| (format!("k<{name}>"), *number);
                let known: Vec<_> = self.names.iter().map(named).collect();
                let found = known.iter().find(|(text, _)| self.take_all(text));
                let number = found.map(|(_, number)| *number);
                number.map(Node::BackReference).ok_or(Unsupported)
            }
            _ => self.class_escape().map(Node::Class),
        }
    }

    /// The class or character of the escape after a backslash.
    fn class_escape(&mut self) -> Result<Class, Unsupported> {
        let unit = *self.units.get(self.at).ok_or(Unsupported)?;
        let c = self.peek().ok_or(Unsupported)?;
        self.at += 1;
        let class = match c {
            'd' => Class::of(&DIGITS),
            'D' => Class::of(&DIGITS).negate(),
            'w' => Class::of(&WORD),
            'W' => Class::of(&WORD).negate(),
            's' => Class::of(WHITE_SPACE),
            'S' => Class::of(WHITE_SPACE).negate(),
            't' => Class::unit(0x09),
            'n' => Class::unit(0x0A),
            'v' => Class::unit(0x0B),
            'f' => Class::unit(0x0C),
            'r' => Class::unit(0x0D),
            '0' if !matches!(self.peek(), Some('0'..='9')) => Class::unit(0),
            'x' => Class::unit(self.hexadecimal(2).unwrap_or(unit)),
            'u' => Class::unit(self.hexadecimal(4).unwrap_or(unit)),
            'c' | 'k' | '0'..='9' => return Err(Unsupported),
            _ => Class::unit(unit),
        };
        Ok(class)
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<u16> {
        let units = self.units.get(self.at..self.at + digits)?;
        let mut number = 0;
        for &unit in units {
            let digit = char::from_u32(u32::from(unit))?.to_digit(16)?;
            number = number * 16 + digit as u16;
        }
        self.at += digits;
        Some(number)
    }

    /// The class after `[`.
    fn class(&mut self) -> Result<Class, Unsupported> {
        let negated = self.take('^');
        let mut all = Class::default();
        loop {
            if self.take(']') {
                break;
            }
            let first = self.class_atom()?;
            let is_range =
                self.peek() == Some('-') && self.units.get(self.at + 1) != Some(&CLOSE_BRACKET);
            if !is_range {
                all.extend(&first);
                continue;
            }
            self.at += 1;
            let last = self.class_atom()?;
            match (first.single(), last.single()) {
                (Some(first), Some(last)) if first <= last => all.ranges.push((first, last)),
                (Some(_), Some(_)) => return Err(Unsupported),
                // A class such as `\d` at one end: the hyphen is a character.
                _ => {
                    all.extend(&first);
                    all.extend(&Class::unit(unit('-')));
                    all.extend(&last);
                }
            }
        }
        Ok(if negated { all.negate() } else { all })
    }

    fn class_atom(&mut self) -> Result<Class, Unsupported> {
        if self.take_all("\\b") {
            return Ok(Class::unit(0x08));
        }
        if self.take('\\') {
            return self.class_escape();
        }
        let unit = *self.units.get(self.at).ok_or(Unsupported)?;
        self.at += 1;
        Ok(Class::unit(unit))
    }
}
