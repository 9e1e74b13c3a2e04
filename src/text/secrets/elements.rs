//! The content of elements for secrets, in well-formed and in malformed XML.

use std::ops::Range;

use memchr::memmem;

use super::masked::MASK;
use super::names::{is_secret_element, is_secret_parameter};
use super::parameters::is_template;
use crate::text::Span;

/// The longest text that can be the name of a header or a key.
const MAX_KEY: usize = 64;

/// The most bytes from a name to the end of its value.
const MAX_PAIR: usize = 8192;

/// How many elements after a name its value can be.
const MAX_SIBLINGS: usize = 4;

/// A start tag.
struct StartTag<'t> {
    /// Without a prefix.
    name: &'t str,
    /// The offset after the name.
    name_end: usize,
    /// The offset after the tag, or where it breaks off.
    end: usize,
    is_closed: bool,
}

/// Adds the secrets in the elements of a text.
pub(super) fn add_elements(text: &str, spans: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &text.as_bytes()[at..]) {
        let start = at + found;
        let Some(tag) = start_tag(text, start) else {
            at = start + 1;
            continue;
        };
        if is_secret_element(tag.name) {
            add_attributes(text, &tag, spans);
            at = tag.end;
            if tag.is_closed && !text[..tag.end].ends_with("/>") {
                at = content_end(text, tag.end, tag.name);
                add(text, tag.end..at, spans);
            }
        } else {
            at = tag.end;
            if tag.is_closed
                && let Some(end) = add_value_of_key(text, tag.end, spans)
            {
                at = end;
            }
        }
    }
}

/// The start tag at an offset.
fn start_tag(text: &str, start: usize) -> Option<StartTag<'_>> {
    let rest = &text[start + 1..];
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return None;
    }
    let name_end = start + 1 + name.len();
    let length = memchr::memchr2(b'<', b'>', &text.as_bytes()[name_end..]);
    let end = length.map_or(text.len(), |length| name_end + length);
    let is_closed = text[end..].starts_with('>');
    Some(StartTag {
        name: name.rsplit(':').next().unwrap_or(name),
        name_end,
        end: end + usize::from(is_closed),
        is_closed,
    })
}

/// Adds what is in the tag of a secret: the values of its attributes, or everything if it is not closed.
fn add_attributes(text: &str, tag: &StartTag<'_>, spans: &mut Vec<Span>) {
    if !tag.is_closed {
        return add(text, tag.name_end..tag.end, spans);
    }
    let mut at = tag.name_end;
    let mut parts = text[tag.name_end..tag.end].split(['"', '\'']);
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        let start = at + name.len() + 1;
        at = start + value.len() + 1;
        let name = name.trim().trim_end_matches('=').trim_end();
        let is_standard = ["xmlns", "xsi:", "xml:"];
        if value.len() >= 4 && !is_standard.iter().any(|prefix| name.starts_with(prefix)) {
            add(text, start..start + value.len(), spans);
        }
    }
}

/// Where the content of an element ends: at its end tag. If that is missing, at the end tag of its
/// parent, at the end of the comment around it, or at the next line with an element after its text.
fn content_end(text: &str, start: usize, name: &str) -> usize {
    let mut at = start;
    let mut depth = 0_usize;
    let begins_with_text = !text[start..].trim_start().starts_with('<');
    while let Some(found) = memchr::memchr2(b'<', b'-', &text.as_bytes()[at..]) {
        at += found;
        let rest = &text[at..];
        if rest.starts_with("-->") {
            return at;
        }
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
            .into_iter()
            .find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = skipped {
            let inside = &rest.as_bytes()[open.len()..];
            let end = memmem::find(inside, close.as_bytes());
            at += end.map_or(rest.len(), |end| open.len() + end + close.len());
        } else if let Some(end_tag) = rest.strip_prefix("</") {
            let found = end_tag
                .split(['>', '<', ' ', '\n', '\r', '\t'])
                .next()
                .unwrap_or_default();
            let found = found.rsplit(':').next().unwrap_or_default();
            if depth == 0 || found.eq_ignore_ascii_case(name) {
                return at;
            }
            depth -= 1;
            at += 2;
        } else if let Some(tag) = start_tag(text, at) {
            if depth == 0 && begins_with_text && is_on_new_line(&text[start..at]) {
                return at;
            }
            let is_empty = text[..tag.end].ends_with("/>");
            depth += usize::from(tag.is_closed && !is_empty);
            at += 1;
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Whether an element is the first on its line. After text, it is a sibling then.
fn is_on_new_line(before: &str) -> bool {
    before.trim_end_matches([' ', '\t']).ends_with(['\n', '\r'])
}

/// If an element has the name of a secret as its text, adds the value that a sibling after it has. Returns
/// the end of the value.
fn add_value_of_key(text: &str, start: usize, spans: &mut Vec<Span>) -> Option<usize> {
    let window = &text.as_bytes()[start..(start + MAX_KEY).min(text.len())];
    let length = memchr::memchr(b'<', window)?;
    let key = text[start..start + length].trim();
    if key.is_empty() || !text[start + length..].starts_with("</") || !is_secret_parameter(key) {
        return None;
    }
    let near = &text[..text.floor_char_boundary((start + MAX_PAIR).min(text.len()))];
    let mut at = start + length + 2;
    for _ in 0..MAX_SIBLINGS {
        at += memchr::memchr(b'<', near.as_bytes().get(at..)?)?;
        let tag = start_tag(near, at)?;
        if is_value_name(tag.name) && tag.is_closed {
            let content = text[tag.end..].trim_start();
            if !content.starts_with('<') || content.starts_with("<![CDATA[") {
                let end = content_end(text, tag.end, tag.name);
                add(text, tag.end..end, spans);
                return Some(end);
            }
            at = tag.end;
        } else {
            at = content_end(near, tag.end, tag.name) + 2;
        }
    }
    None
}

fn is_value_name(name: &str) -> bool {
    let length = name.len();
    length >= 5
        && name.is_char_boundary(length - 5)
        && name[length - 5..].eq_ignore_ascii_case("value")
}

/// Adds a secret without the space around it, unless it is a boolean or an expression.
fn add(text: &str, range: Range<usize>, spans: &mut Vec<Span>) {
    let secret = text[range.clone()].trim();
    if secret.is_empty() || matches!(secret, "true" | "false" | MASK) || is_template(secret) {
        return;
    }
    let start = secret.as_ptr() as usize - text.as_ptr() as usize;
    spans.push(Span::new(start, start + secret.len()));
}
