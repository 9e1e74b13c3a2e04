//! Text without its encoding: references of XML, percent-encoding, and escapes of JSON and TOML.

use memchr::{memchr3, memmem};

use crate::text::Span;

/// A decoded text, and where each part of it comes from.
#[derive(Default)]
pub(super) struct Decoded {
    pub text: String,
    /// The offsets in both texts at which a part begins that is the same in both.
    parts: Vec<(u32, u32)>,
}

impl Decoded {
    /// The span in the text before decoding.
    pub(super) fn source(&self, span: Span) -> Span {
        let offset = |at: u32| {
            let next = self.parts.partition_point(|&(decoded, _)| decoded <= at);
            match next.checked_sub(1) {
                Some(part) => self.parts[part].1 + (at - self.parts[part].0),
                None => at,
            }
        };
        Span {
            start: offset(span.start),
            end: offset(span.end),
        }
    }

    /// Adds the rest. `None` if nothing was decoded.
    fn finish(mut self, rest: &str) -> Option<Self> {
        self.text.push_str(rest);
        (!self.parts.is_empty()).then_some(self)
    }

    fn push(&mut self, decoded: &str, source_end: usize) {
        self.text.push_str(decoded);
        self.parts.push((self.text.len() as u32, source_end as u32));
    }
}

/// Decodes a text once. `None` if nothing in it is encoded.
pub(super) fn decode(text: &str) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = memchr3(b'&', b'%', b'\\', &text.as_bytes()[at..]) {
        let escape = at + found;
        at = escape + 1;
        if let Some((character, length)) = character(&text[escape..]) {
            decoded.text.push_str(&text[from..escape]);
            at = escape + length;
            decoded.push(character.encode_utf8(&mut [0; 4]), at);
            from = at;
        }
    }
    decoded.finish(&text[from..])
}

/// The text without its comments and the limits of its CDATA sections. `None` if it has none.
pub(super) fn without_markup(text: &str) -> Option<Decoded> {
    let mut joined = Decoded::default();
    let mut from = 0;
    while let Some(markup) = Markup::after(text, from) {
        joined.text.push_str(&text[from..markup.start]);
        joined.push("", markup.end);
        from = markup.end;
    }
    joined.finish(&text[from..])
}

/// Markup that splits a text without being a part of it.
struct Markup {
    start: usize,
    end: usize,
}

impl Markup {
    /// The next comment, or the next start or end of a CDATA section.
    fn after(text: &str, at: usize) -> Option<Self> {
        let rest = &text.as_bytes()[at..];
        let open = memmem::find(rest, b"<!").map(|found| at + found);
        let close = memmem::find(&rest[..open.map_or(rest.len(), |open| open - at)], b"]]>");
        if let Some(close) = close {
            let start = at + close;
            return Some(Self {
                start,
                end: start + 3,
            });
        }
        let start = open?;
        let end = match &text[start..] {
            rest if rest.starts_with("<![CDATA[") => start + 9,
            rest if rest.starts_with("<!--") => {
                let end = memmem::find(&rest.as_bytes()[4..], b"-->");
                start + end.map_or(rest.len(), |end| 4 + end + 3)
            }
            _ => start + 2,
        };
        Some(Self { start, end })
    }
}

/// The character that an escape at the start of a text means, and the length of the escape.
fn character(text: &str) -> Option<(char, usize)> {
    match text.as_bytes()[0] {
        b'&' => reference(text),
        b'%' => hexadecimal(text, 1, 2),
        _ => match text.as_bytes().get(1)? {
            b'u' => hexadecimal(text, 2, 4),
            b'x' => hexadecimal(text, 2, 2),
            b'n' | b'r' => Some(('\n', 2)),
            b't' => Some(('\t', 2)),
            b'"' => Some(('"', 2)),
            b'/' => Some(('/', 2)),
            _ => None,
        },
    }
}

/// An ASCII character that is written with digits after a mark.
fn hexadecimal(text: &str, mark: usize, digits: usize) -> Option<(char, usize)> {
    let code = u32::from_str_radix(text.get(mark..mark + digits)?, 16).ok()?;
    let character = char::from_u32(code).filter(char::is_ascii)?;
    Some((character, mark + digits))
}

/// A reference of XML. The name of the longest has four letters, but a number can have zeros before it.
fn reference(text: &str) -> Option<(char, usize)> {
    let window = &text.as_bytes()[..text.len().min(16)];
    let end = memchr::memchr(b';', window)?;
    let character = match &text[1..end] {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((character, end + 1))
}
