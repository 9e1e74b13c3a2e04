//! Checks of well-formedness (XML 1.0 and Namespaces in XML 1.0) that quick-xml does not do.
//!
//! quick-xml accepts undefined entities, invalid names, stray text and much else, which its
//! maintainers document as out of scope. Findings in such a file would be unreliable.

use std::borrow::Cow;

use quick_xml::events::attributes::{AttrError, Attributes};

use super::limits::MAX_ATTRIBUTES;
use super::malformed::Malformed;
use crate::text::Span;

/// The whitespace of XML. Other whitespace of Unicode is ordinary text: an `xsd:boolean` with it is
/// not valid.
pub(crate) const WHITESPACE: [char; 4] = [' ', '\t', '\r', '\n'];

fn is_space(c: char) -> bool {
    WHITESPACE.contains(&c)
}

/// `text` without surrounding XML whitespace.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let bytes = text.as_bytes();
    // This compares bytes because every value is trimmed, and few of them have whitespace.
    let Some(start) = bytes.iter().position(|byte| !is_space(byte)) else {
        // Still a slice of the text, because some callers compute its offset.
        return &text[..0];
    };
    let trailing = bytes.iter().rev().take_while(|byte| is_space(byte)).count();
    &text[start..bytes.len() - trailing]
}

/// The character that `&name;` refers to: one of the five entities that XML predefines, or a
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

/// `from_str_radix` accepts a sign, which XML does not.
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

/// The first character that XML allows nowhere, if there is one.
pub(super) fn forbidden_character(text: &str, base: usize) -> Option<Malformed> {
    // Most texts have none of these bytes, and the compiler vectorizes this search. 0xEF is the
    // first byte of U+FFFE and U+FFFF.
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

/// Checks the text inside a comment, which begins at offset `base` of the file.
pub(super) fn comment(inside: &str, base: usize) -> Result<(), Malformed> {
    let double = memchr::memmem::find(inside.as_bytes(), b"--");
    match double.or(inside.ends_with('-').then(|| inside.len() - 1)) {
        None => Ok(()),
        Some(at) => Err(Malformed::new(
            Span::new(base + at, base + at + 2),
            "`--` is not allowed in a comment",
        )),
    }
}

/// Whether a processing instruction may have this target. `xml` is reserved, whatever its case.
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

/// The ASCII bytes of a name. Almost all names are ASCII, so they are checked first.
const NAME_BYTES: [bool; 256] = {
    let mut name_bytes = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let it = byte as u8;
        name_bytes[byte] = it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.');
        byte += 1;
    }
    name_bytes
};

/// Whether this is a name without a colon.
pub(super) fn is_local_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.iter().all(|byte| NAME_BYTES[usize::from(*byte)]) {
        let first = bytes.first();
        return first.is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_');
    }
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_char)
}

/// Splits a name into its prefix, which can be empty, and its local name. `None` if either is not a
/// valid name.
#[inline]
pub(super) fn split_name(name: &str) -> Option<(&str, &str)> {
    if is_local_name(name) {
        return Some(("", name));
    }
    let (prefix, local) = name.split_once(':')?;
    (is_local_name(prefix) && is_local_name(local)).then_some((prefix, local))
}

pub(super) struct Attribute<'a> {
    pub prefix: &'a str,
    pub local: &'a str,
    pub value: &'a str,
    /// The span of the name.
    pub span: Span,
}

impl Attribute<'_> {
    /// Whether the attribute has this name and no prefix.
    fn is(&self, name: &str) -> bool {
        self.prefix.is_empty() && self.local == name
    }
}

/// Parses the attributes of a tag. `inside` is the text between its angle brackets (`name a="b"`),
/// which begins at offset `base` of the file.
pub(super) fn attributes<'a>(
    inside: &'a str,
    name_len: usize,
    base: usize,
) -> Result<Vec<Attribute<'a>>, Malformed> {
    let mut read: Vec<Attribute<'a>> = Vec::new();
    // Duplicates are detected below, after names are split.
    for attribute in Attributes::new(inside, name_len).with_checks(false) {
        let attribute = attribute.map_err(|error| attribute_error(&error, inside, base))?;
        let name: &'a str = attribute.key.0;
        let start = name.as_ptr() as usize - inside.as_ptr() as usize;
        let span = Span::new(base + start, base + start + name.len());
        if !inside[..start].ends_with(is_space) {
            return Err(Malformed::new(span, "missing space before this attribute"));
        }
        if read.len() == MAX_ATTRIBUTES {
            return Err(Malformed::new(
                span,
                format!("the tag has more than {MAX_ATTRIBUTES} attributes"),
            ));
        }
        let Some((prefix, local)) = split_name(name) else {
            return Err(Malformed::new(span, "invalid attribute name"));
        };
        // quick-xml returns slices of the tag as long as nothing is unescaped.
        let Cow::Borrowed(value) = attribute.value else {
            return Err(Malformed::new(span, "this attribute cannot be read"));
        };
        if let Some(at) = value.find('<') {
            let at = base + (value.as_ptr() as usize - inside.as_ptr() as usize) + at;
            return Err(Malformed::new(
                Span::new(at, at + "<".len()),
                "`<` is not allowed in an attribute value; write `&lt;`",
            ));
        }
        check_references(value, span)?;
        let is_same = |other: &Attribute| other.prefix == prefix && other.local == local;
        if read.iter().any(is_same) {
            return Err(Malformed::new(span, "duplicate attribute"));
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
        AttrError::ExpectedEq(at) => (at, "attribute without a value"),
        AttrError::ExpectedValue(at) => (at, "attribute without a value"),
        AttrError::UnquotedValue(at) => (at, "the attribute value is not quoted"),
        AttrError::ExpectedQuote(at, _) => (at, "the attribute value has no closing quote"),
        AttrError::Duplicated(at, _) => (at, "duplicate attribute"),
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
                "undefined reference in the value of this attribute",
            ));
        }
    }
    Ok(())
}

/// An attribute's value as XML normalizes it: references are resolved, and line ends and tabs become
/// spaces.
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
        let (name, after) = after.split_once(';').unwrap_or((after, ""));
        decoded.extend(resolve_reference(name));
        rest = after;
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// Checks `<?xml … ?>` and returns the encoding that it declares. `inside` is the text between `<?`
/// and `?>`.
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
            "`standalone` must be `yes` or `no`",
        ));
    }
    match rest.next() {
        Some(other) => Err(Malformed::new(
            other.span,
            "not allowed in an XML declaration",
        )),
        None => Ok(encoding),
    }
}

/// Whether this is 1.0, or a later 1.x, which parsers read as 1.0.
fn is_version(version: &str) -> bool {
    version
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The reason for a DOCTYPE that [`doctype`] rejects.
pub(super) const INVALID_DOCTYPE: &str = "invalid DOCTYPE";

/// Checks a whole `<!DOCTYPE …>` at offset `base` of the file. forcelint never uses its declarations,
/// so this only separates them: content models and default values are not checked, and parameter
/// entities are not read.
pub(super) fn doctype(text: &str, base: usize) -> Result<(), Malformed> {
    let mut scanner = Scanner { rest: text };
    match scanner.doctype() {
        Some(()) if scanner.rest.is_empty() => Ok(()),
        _ => {
            let at = text.len() - scanner.rest.len();
            let length = scanner.rest.chars().next().map_or(0, char::len_utf8);
            Err(Malformed::new(
                Span::new(base + at, base + at + length),
                INVALID_DOCTYPE,
            ))
        }
    }
}

/// The rest of a DOCTYPE. Each method consumes one part of the grammar from its start. If it returns
/// `None`, `rest` begins at what does not match.
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

    /// Consumes the text up to and including `end`, and returns the text before it.
    fn until(&mut self, end: &str) -> Option<&str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }
}
