//! Finds all secrets of a text.

use super::decode::{decode, without_markup};
use super::elements::add_elements;
use super::parameters::{add_after_scheme, add_parameters};
use super::private_keys::blocks;
use super::tokens::add_tokens;
use crate::text::Span;

/// How often an encoded text is decoded: an escaped URL in a URL in XML.
const MAX_DECODED: usize = 3;

/// Spans of secrets, in ascending order and apart from each other. An empty value is not a secret.
pub(crate) fn secret_spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    add_secrets(text, &mut spans);
    add_encoded(text, MAX_DECODED, &mut spans);
    // A comment or a CDATA section in the middle of a secret.
    if let Some(joined) = without_markup(text) {
        let mut found = Vec::new();
        add_secrets(&joined.text, &mut found);
        add_encoded(&joined.text, MAX_DECODED, &mut found);
        spans.extend(found.into_iter().map(|span| joined.source(span)));
    }
    merge(text, spans)
}

/// Adds the secrets that are only visible in the decoded text.
fn add_encoded(text: &str, levels: usize, spans: &mut Vec<Span>) {
    if levels == 0 {
        return;
    }
    let Some(decoded) = decode(text) else {
        return;
    };
    let mut found = Vec::new();
    add_secrets(&decoded.text, &mut found);
    add_encoded(&decoded.text, levels - 1, &mut found);
    spans.extend(found.into_iter().map(|span| decoded.source(span)));
}

fn add_secrets(text: &str, spans: &mut Vec<Span>) {
    let blocks = blocks(text);
    let mut random = Vec::new();
    add_words(text, &mut random, spans);
    let mut public = blocks.public.iter().peekable();
    for span in random {
        while public.next_if(|block| block.end <= span.start).is_some() {}
        if public.peek().is_none_or(|block| span.start < block.start) {
            spans.push(span);
        }
    }
    spans.extend(blocks.private_keys);
    add_parameters(text, spans);
    add_elements(text, spans);
}

/// Whether a byte can be a part of a token.
static IS_TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let is_mark = matches!(
            byte as u8,
            b'_' | b'-' | b'.' | b'~' | b'!' | b'+' | b'/' | b'='
        );
        table[byte] = is_mark || (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// Adds the tokens of a text to `tokens`, and what follows words such as `Bearer` to `spans`.
fn add_words(text: &str, tokens: &mut Vec<Span>, spans: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !IS_TOKEN[bytes[at] as usize] {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && IS_TOKEN[bytes[at] as usize] {
            at += 1;
        }
        if matches!(bytes[at - 1] | 0x20, b'r' | b'c') {
            add_after_scheme(text, start, at, spans);
        }
        add_tokens(text, start, at, tokens);
    }
}

/// The spans in order, those that touch joined, and with ends between characters.
fn merge(text: &str, mut spans: Vec<Span>) -> Vec<Span> {
    if spans.is_empty() {
        return spans;
    }
    spans.sort();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        let start = text.floor_char_boundary(span.start as usize);
        let end = text.ceil_char_boundary((span.end as usize).min(text.len()));
        match merged.last_mut() {
            Some(last) if start <= last.end as usize => last.end = last.end.max(end as u32),
            _ if start < end => merged.push(Span::new(start, end)),
            _ => {}
        }
    }
    merged
}
