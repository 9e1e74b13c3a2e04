//! The parts of XML 1.0 and its namespaces that the tokenizer lets pass.
//!
//! In: names, references, tags as quick-xml cuts them. Out: nothing, or what is wrong and where.
//! quick-xml alone accepts undefined entities, invalid names, stray text and much else
//! (documented by its maintainers as out of scope), and a linter must not judge such a file.

use quick_xml::events::attributes::{AttrError, Attributes};

use super::Span;
use super::parse::Malformed;

/// The character that `name` of `&name;` stands for: one of the five of XML itself, or a
/// character reference.
pub fn resolve_reference(name: &str) -> Option<char> {
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
pub fn forbidden_character(text: &str, base: usize) -> Option<Malformed> {
    let bytes = text.as_bytes();
    let control = bytes
        .iter()
        .position(|&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
    let noncharacter = memchr::memmem::find_iter(bytes, b"\xEF\xBF")
        .find(|&at| matches!(bytes.get(at + 2), Some(0xBE | 0xBF)));
    let at = match (control, noncharacter) {
        (Some(control), Some(noncharacter)) => control.min(noncharacter),
        (control, noncharacter) => control.or(noncharacter)?,
    };
    let character = text[at..].chars().next()?;
    Some(Malformed::new(
        Span::new(base + at, base + at + character.len_utf8()),
        format!(
            "the character U+{:04X} is not allowed in XML",
            u32::from(character)
        ),
    ))
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

/// Whether this is a name without a colon.
pub fn is_local_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_char)
}

/// Splits a name into prefix (empty where there is none) and local name; `None` if either is not
/// a name.
pub fn split_name(name: &str) -> Option<(&str, &str)> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let prefix_is_fine = is_local_name(prefix) || !name.contains(':');
    (prefix_is_fine && is_local_name(local)).then_some((prefix, local))
}

/// One attribute, with the span of its name.
pub struct Attribute<'a> {
    pub prefix: &'a str,
    pub local: &'a str,
    pub value: &'a str,
    pub span: Span,
}

/// Reads the attributes of a tag whose inside (`name a="b"`) is `inside`, at offset `base` of
/// the file.
pub fn attributes<'a>(
    inside: &'a str,
    name_len: usize,
    base: usize,
) -> Result<Vec<Attribute<'a>>, Malformed> {
    let whole = Span::new(base, base + inside.len());
    let mut read: Vec<Attribute<'a>> = Vec::new();
    for attribute in Attributes::new(inside, name_len) {
        let attribute = attribute.map_err(|error| attribute_error(&error, base, whole))?;
        let name: &'a str = attribute.key.0;
        let start = name.as_ptr() as usize - inside.as_ptr() as usize;
        let span = Span::new(base + start, base + start + name.len());
        if !inside.as_bytes()[start - 1].is_ascii_whitespace() {
            return Err(Malformed::new(
                span,
                "a space is missing before this attribute",
            ));
        }
        let Some((prefix, local)) = split_name(name) else {
            return Err(Malformed::new(span, "this is no attribute name"));
        };
        // Borrowed: quick-xml hands out slices of the tag as long as nothing is unescaped.
        let std::borrow::Cow::Borrowed(value) = attribute.value else {
            return Err(Malformed::new(span, "this attribute cannot be read"));
        };
        if value.contains('<') {
            return Err(Malformed::new(span, "`<` in the value of an attribute"));
        }
        check_references(value, span)?;
        read.push(Attribute {
            prefix,
            local,
            value,
            span,
        });
    }
    Ok(read)
}

fn attribute_error(error: &AttrError, base: usize, whole: Span) -> Malformed {
    let (position, reason) = match *error {
        AttrError::ExpectedEq(at) => (at, "an attribute without a value"),
        AttrError::ExpectedValue(at) => (at, "an attribute without a value"),
        AttrError::UnquotedValue(at) => (at, "the value of an attribute is not quoted"),
        AttrError::ExpectedQuote(at, _) => (at, "the value of an attribute is not closed"),
        AttrError::Duplicated(at, _) => (at, "the same attribute twice"),
    };
    let start = (base + position).min(whole.end as usize);
    Malformed::new(
        Span::new(start, (start + 1).min(whole.end as usize)),
        reason,
    )
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

/// An attribute's value with its references resolved.
pub fn decode_attribute(value: &str) -> String {
    let mut decoded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let (name, behind) = after.split_once(';').unwrap_or((after, ""));
        decoded.extend(resolve_reference(name));
        rest = behind;
    }
    decoded.push_str(rest);
    decoded
}

/// Checks `<?xml … ?>`, whose inside is `inside`, and returns the encoding that it declares.
pub fn declaration(inside: &str, base: usize) -> Result<Option<(&str, Span)>, Malformed> {
    let whole = Span::new(base, base + inside.len());
    let pseudo_attributes = attributes(inside, "xml".len(), base)?;
    let mut rest = pseudo_attributes.iter().peekable();
    match rest.next() {
        Some(first) if first.local == "version" && first.value.starts_with("1.") => {}
        _ => {
            return Err(Malformed::new(
                whole,
                "the XML declaration does not begin with version=\"1.0\"",
            ));
        }
    }
    let encoding = rest
        .next_if(|attribute| attribute.local == "encoding")
        .map(|attribute| (attribute.value, attribute.span));
    if let Some(standalone) = rest.next_if(|attribute| attribute.local == "standalone")
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
