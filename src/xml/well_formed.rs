//! The parts of XML 1.0 and its namespaces that the tokenizer lets pass.
//!
//! In: names, references, tags as quick-xml cuts them. Out: nothing, or what is wrong and where.
//! quick-xml alone accepts undefined entities, invalid names, stray text and much else
//! (documented by its maintainers as out of scope), and a linter must not judge such a file.

use std::borrow::Cow;

use quick_xml::events::attributes::{AttrError, Attributes};

use super::limits::MAX_ATTRIBUTES;
use super::malformed::Malformed;
use crate::text::Span;

/// What XML counts as white space. Unicode's other blanks are characters like any other: no
/// xsd:boolean may have them around it.
pub(crate) const WHITESPACE: [char; 4] = [' ', '\t', '\r', '\n'];

fn is_space(c: char) -> bool {
    WHITESPACE.contains(&c)
}

/// `text` without the white space of XML around it.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let bytes = text.as_bytes();
    // By bytes, since every value is asked for so, and hardly one has anything to take off.
    let Some(start) = bytes.iter().position(|byte| !is_space(byte)) else {
        // Still a part of the text, of which some ask where it stands.
        return &text[..0];
    };
    let behind = bytes.iter().rev().take_while(|byte| is_space(byte)).count();
    &text[start..bytes.len() - behind]
}

/// The character that `name` of `&name;` stands for: one of the five of XML itself, or a
/// character reference.
pub(super) fn resolve_reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => parse_digits(hex, 16)?,
                None => parse_digits(number, 10)?,
            };
            char::from_u32(code).filter(|&c| is_xml_char(c))
        }
    }
}

/// `from_str_radix` also takes a sign, which XML does not.
fn parse_digits(digits: &str, radix: u32) -> Option<u32> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric())
        .then(|| u32::from_str_radix(digits, radix).ok())
        .flatten()
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The first character that XML does not allow anywhere, if there is one.
pub(super) fn forbidden_character(text: &str, base: usize) -> Option<Malformed> {
    // Most texts have none of these bytes, which the compiler finds out for many at a time. 0xEF
    // starts U+FFFE and U+FFFF.
    let is_suspicious =
        |byte: u8| (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0xEF;
    if !text
        .bytes()
        .fold(false, |any, byte| any | is_suspicious(byte))
    {
        return None;
    }
    let (at, character) = text.char_indices().find(|&(_, c)| !is_xml_char(c))?;
    Some(Malformed::new(
        Span::new(base + at, base + at + character.len_utf8()),
        format!(
            "the character U+{:04X} is not allowed in XML",
            u32::from(character)
        ),
    ))
}

/// Checks the inside of a comment, which begins at offset `base` of the file.
pub(super) fn comment(inside: &str, base: usize) -> Result<(), Malformed> {
    let double = memchr::memmem::find(inside.as_bytes(), b"--");
    match double.or(inside.ends_with('-').then(|| inside.len() - 1)) {
        None => Ok(()),
        Some(at) => Err(Malformed::new(
            Span::new(base + at, base + at + 2),
            "`--` inside of a comment",
        )),
    }
}

/// Whether a processing instruction may begin with this; `xml` in any case is reserved.
pub(super) fn is_instruction_target(target: &str) -> bool {
    is_local_name(target) && !target.eq_ignore_ascii_case("xml")
}

fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}'
        | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// The bytes of names as almost every one is.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let it = byte as u8;
        plain[byte] = it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.');
        byte += 1;
    }
    plain
};

/// Whether this is a name without a colon.
pub(super) fn is_local_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.iter().all(|byte| PLAIN[usize::from(*byte)]) {
        let first = bytes.first();
        return first.is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
    }
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_char)
}

/// Splits a name into prefix (empty where there is none) and local name; `None` if either is not
/// a name.
#[inline]
pub(super) fn split_name(name: &str) -> Option<(&str, &str)> {
    if is_local_name(name) {
        return Some(("", name));
    }
    let (prefix, local) = name.split_once(':')?;
    (is_local_name(prefix) && is_local_name(local)).then_some((prefix, local))
}

/// One attribute, with the span of its name.
pub(super) struct Attribute<'a> {
    pub prefix: &'a str,
    pub local: &'a str,
    pub value: &'a str,
    pub span: Span,
}

impl Attribute<'_> {
    /// Whether the name is this one, without a prefix.
    fn is(&self, name: &str) -> bool {
        self.prefix.is_empty() && self.local == name
    }
}

/// Reads the attributes of a tag whose inside (`name a="b"`) is `inside`, at offset `base` of
/// the file.
pub(super) fn attributes<'a>(
    inside: &'a str,
    name_len: usize,
    base: usize,
) -> Result<Vec<Attribute<'a>>, Malformed> {
    let mut read: Vec<Attribute<'a>> = Vec::new();
    // Duplicates are looked for below, where the whole name is at hand.
    for attribute in Attributes::new(inside, name_len).with_checks(false) {
        let attribute = attribute.map_err(|error| attribute_error(&error, inside, base))?;
        let name: &'a str = attribute.key.0;
        let start = name.as_ptr() as usize - inside.as_ptr() as usize;
        let span = Span::new(base + start, base + start + name.len());
        if !inside[..start].ends_with(is_space) {
            return Err(Malformed::new(
                span,
                "a space is missing before this attribute",
            ));
        }
        if read.len() == MAX_ATTRIBUTES {
            return Err(Malformed::new(
                span,
                format!("a tag with more than {MAX_ATTRIBUTES} attributes"),
            ));
        }
        let Some((prefix, local)) = split_name(name) else {
            return Err(Malformed::new(span, "this is no attribute name"));
        };
        // Borrowed: quick-xml hands out slices of the tag as long as nothing is unescaped.
        let Cow::Borrowed(value) = attribute.value else {
            return Err(Malformed::new(span, "this attribute cannot be read"));
        };
        if let Some(at) = value.find('<') {
            let at = base + (value.as_ptr() as usize - inside.as_ptr() as usize) + at;
            return Err(Malformed::new(
                Span::new(at, at + "<".len()),
                "`<` in the value of an attribute",
            ));
        }
        check_references(value, span)?;
        let is_same = |other: &Attribute| other.prefix == prefix && other.local == local;
        if read.iter().any(is_same) {
            return Err(Malformed::new(span, "the same attribute twice"));
        }
        read.push(Attribute {
            prefix,
            local,
            value,
            span,
        });
    }
    Ok(read)
}

fn attribute_error(error: &AttrError, inside: &str, base: usize) -> Malformed {
    let (position, reason) = match *error {
        AttrError::ExpectedEq(at) => (at, "an attribute without a value"),
        AttrError::ExpectedValue(at) => (at, "an attribute without a value"),
        AttrError::UnquotedValue(at) => (at, "the value of an attribute is not quoted"),
        AttrError::ExpectedQuote(at, _) => (at, "the value of an attribute is not closed"),
        AttrError::Duplicated(at, _) => (at, "the same attribute twice"),
    };
    let rest = inside.get(position..).unwrap_or_default();
    let length = rest.find(is_space).unwrap_or(rest.len());
    let start = base + inside.len() - rest.len();
    Malformed::new(Span::new(start, start + length), reason)
}

fn check_references(value: &str, span: Span) -> Result<(), Malformed> {
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        rest = &rest[at + 1..];
        let name = rest.split_once(';').map(|(name, _)| name);
        if name.and_then(resolve_reference).is_none() {
            return Err(Malformed::new(
                span,
                "a reference in the value of this attribute that XML does not define",
            ));
        }
    }
    Ok(())
}

/// An attribute's value as XML normalizes it: references resolved, each line end and tab a space.
pub(super) fn decode_attribute(value: &str) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    if memchr::memchr2(b'&', b'\t', bytes).is_none()
        && memchr::memchr2(b'\r', b'\n', bytes).is_none()
    {
        return Cow::Borrowed(value);
    }
    let unbroken = value.replace("\r\n", " ").replace(['\t', '\r', '\n'], " ");
    let mut decoded = String::with_capacity(unbroken.len());
    let mut rest = unbroken.as_str();
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let (name, behind) = after.split_once(';').unwrap_or((after, ""));
        decoded.extend(resolve_reference(name));
        rest = behind;
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// Checks `<?xml … ?>`, whose inside is `inside`, and returns the encoding that it declares.
pub(super) fn declaration(inside: &str, base: usize) -> Result<Option<(&str, Span)>, Malformed> {
    let whole = Span::new(base, base + inside.len());
    let pseudo_attributes = attributes(inside, "xml".len(), base)?;
    let mut rest = pseudo_attributes.iter().peekable();
    match rest.next_if(|first| first.is("version")) {
        Some(version) if is_version(version.value) => {}
        _ => {
            return Err(Malformed::new(
                whole,
                "the XML declaration does not begin with version=\"1.0\"",
            ));
        }
    }
    let encoding = rest
        .next_if(|attribute| attribute.is("encoding"))
        .map(|attribute| (attribute.value, attribute.span));
    if let Some(standalone) = rest.next_if(|attribute| attribute.is("standalone"))
        && !matches!(standalone.value, "yes" | "no")
    {
        return Err(Malformed::new(
            standalone.span,
            "standalone is neither yes nor no",
        ));
    }
    match rest.next() {
        Some(other) => Err(Malformed::new(
            other.span,
            "this does not belong in an XML declaration",
        )),
        None => Ok(encoding),
    }
}

/// 1.0, or a later 1.x, which is read as 1.0.
fn is_version(version: &str) -> bool {
    version
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Said of a DOCTYPE that [`doctype`] does not take.
pub(super) const DOCTYPE_UNREADABLE: &str = "this cannot be read as part of a DOCTYPE";

/// Checks a whole `<!DOCTYPE …>` at offset `base` of the file. What it declares is never used, so
/// its parts are only told from each other: whether a content model or a default value within is
/// right is not asked, and parameter entities are not read.
pub(super) fn doctype(text: &str, base: usize) -> Result<(), Malformed> {
    let mut scanner = Scanner { rest: text };
    match scanner.doctype() {
        Some(()) if scanner.rest.is_empty() => Ok(()),
        _ => {
            let at = text.len() - scanner.rest.len();
            let length = scanner.rest.chars().next().map_or(0, char::len_utf8);
            Err(Malformed::new(
                Span::new(base + at, base + at + length),
                DOCTYPE_UNREADABLE,
            ))
        }
    }
}

/// What is left of a DOCTYPE. Each method takes one part of its grammar off the front, or is
/// `None` with the front at what does not fit.
struct Scanner<'a> {
    rest: &'a str,
}

impl Scanner<'_> {
    fn doctype(&mut self) -> Option<()> {
        self.literal("<!DOCTYPE")?;
        self.space()?;
        self.name()?;
        if self.space().is_some() && !self.rest.starts_with(['[', '>']) {
            self.external_id()?;
            self.skip_space();
        }
        if self.literal("[").is_some() {
            self.skip_space();
            while self.literal("]").is_none() {
                self.declaration()?;
                self.skip_space();
            }
            self.skip_space();
        }
        self.literal(">")
    }

    fn declaration(&mut self) -> Option<()> {
        let mut ahead = Scanner { rest: self.rest };
        if ahead.literal("<!--").is_some() {
            comment(ahead.until("-->")?, 0).ok()?;
        } else if ahead.literal("<?").is_some() {
            let target = ahead.until("?>")?.split(is_space).next()?;
            is_instruction_target(target).then_some(())?;
        } else if self.rest.starts_with("<!ENTITY") {
            return self.entity();
        } else {
            ahead
                .literal("<!ELEMENT")
                .or_else(|| ahead.literal("<!ATTLIST"))
                .or_else(|| ahead.literal("<!NOTATION"))?;
            ahead.space()?;
            ahead.name()?;
            ahead.until(">")?;
        }
        *self = ahead;
        Some(())
    }

    fn entity(&mut self) -> Option<()> {
        self.literal("<!ENTITY")?;
        self.space()?;
        let is_parameter = self.literal("%").is_some();
        if is_parameter {
            self.space()?;
        }
        self.name()?;
        self.space()?;
        if self.rest.starts_with(['"', '\'']) {
            self.quoted()?;
        } else {
            self.external_id()?;
            if !is_parameter && self.space().is_some() && self.literal("NDATA").is_some() {
                self.space()?;
                self.name()?;
            }
        }
        self.skip_space();
        self.literal(">")
    }

    fn external_id(&mut self) -> Option<()> {
        if self.literal("PUBLIC").is_some() {
            self.space()?;
            self.quoted()?;
        } else {
            self.literal("SYSTEM")?;
        }
        self.space()?;
        self.quoted()
    }

    fn quoted(&mut self) -> Option<()> {
        let quote = if self.rest.starts_with('"') {
            "\""
        } else {
            "'"
        };
        self.literal(quote)?;
        self.until(quote).map(drop)
    }

    fn name(&mut self) -> Option<()> {
        let end = self.rest.find(|c| !is_name_char(c) && c != ':');
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        split_name(name)?;
        self.rest = rest;
        Some(())
    }

    fn space(&mut self) -> Option<()> {
        self.rest.starts_with(is_space).then(|| self.skip_space())
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    fn literal(&mut self, literal: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    /// What stands before `end`, which is taken off as well.
    fn until(&mut self, end: &str) -> Option<&str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }
}
