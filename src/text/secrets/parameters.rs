//! Values that are secrets because of what is before them: the name of a parameter, a header or a key, a
//! scheme such as `Bearer`, or `://`.

use std::ops::Range;

use memchr::memchr2_iter;

use super::masked::MASK;
use super::names::is_secret_parameter;
use crate::text::Span;

/// The most bytes between a name and its separator, and of the name itself.
const MAX_NAME: usize = 64;

/// The shortest credential after a scheme or in a sentence.
const SHORTEST: usize = 6;

/// A longer text without a space is neither a word of a sentence nor a template.
const LONGEST_WORD: usize = 256;

/// Adds the secret values of parameters, and the credentials in URLs.
pub(super) fn add_parameters(text: &str, spans: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut end = 0;
    for at in memchr2_iter(b'=', b':', bytes) {
        if at < end {
            continue;
        }
        if text[at..].starts_with("://") {
            end = add_user_info(text, at + 3, spans);
            continue;
        }
        let Some(name) = name_before(text, at) else {
            continue;
        };
        if !is_secret_parameter(&text[name.clone()]) {
            continue;
        }
        if let Some(value) = value_after(text, at, &name) {
            end = value.end;
            if is_value(&text[value.clone()]) {
                spans.push(Span::new(value.start, value.end));
            }
        }
    }
}

/// The name before a separator, possibly quoted: the bytes of `x-api-key` in `"x-api-key" : 1`.
fn name_before(text: &str, separator: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_between = |byte: u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'\\' | b']');
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let before = |end: usize, condition: &dyn Fn(u8) -> bool| {
        let window = &bytes[end.saturating_sub(MAX_NAME)..end];
        let count = window
            .iter()
            .rev()
            .take_while(|&&byte| condition(byte))
            .count();
        end - count
    };
    let end = before(separator, &is_between);
    let start = before(end, &is_name);
    (start < end).then_some(start..end)
}

/// The value after a separator. `None` if it is a word of a sentence.
fn value_after(text: &str, separator: usize, name: &Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_assigned = bytes[separator] == b'=';
    // In a URL, a quote ends the value.
    let is_in_url = name.start > 0 && matches!(bytes[name.start - 1], b'?' | b'&' | b'#');
    let mut start = separator + 1;
    if bytes
        .get(start)
        .is_some_and(|byte| matches!(byte, b'=' | b'>'))
        && !is_in_url
    {
        start += 1;
    }
    start += blanks(&text[start..]);
    let after_escape = start
        + text[start..]
            .bytes()
            .take_while(|&byte| byte == b'\\')
            .count();
    if !is_in_url
        && let Some(&quote) = bytes.get(after_escape)
        && matches!(quote, b'"' | b'\'')
    {
        let inside = after_escape + 1;
        let end = quoted_end(text, inside, quote);
        return Some(inside..end);
    }
    start += scheme(&text[start..]);
    if !is_assigned {
        let window = text.floor_char_boundary((start + LONGEST_WORD).min(text.len()));
        let length = unquoted_length(&text[start..window]);
        if length < LONGEST_WORD - 4 && !looks_like_credential(&text[start..start + length]) {
            return None;
        }
    }
    Some(start..start + unquoted_length(&text[start..]))
}

fn blanks(text: &str) -> usize {
    text.bytes()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count()
}

/// The end of a quoted value: the quote, or the end of the line.
fn quoted_end(text: &str, start: usize, quote: u8) -> usize {
    let rest = text[start..].bytes();
    let length = rest
        .take_while(|&byte| byte != quote && byte != b'\n')
        .count();
    // The quotes of JSON in a string are escaped.
    let inside = text[start..start + length].trim_end_matches(['\\', '\r']);
    start + inside.len()
}

fn unquoted_length(text: &str) -> usize {
    let is_end =
        |c: char| c.is_whitespace() || matches!(c, '&' | ';' | '<' | '>' | '"' | '\'' | '`');
    text.find(is_end).unwrap_or(text.len())
}

/// Whether a value is anything that a secret could be.
fn is_value(value: &str) -> bool {
    let trimmed = value.trim();
    const PLAIN: [&str; 6] = ["true", "false", "null", "none", "undefined", MASK];
    !trimmed.is_empty()
        && !PLAIN
            .iter()
            .any(|plain| plain.eq_ignore_ascii_case(trimmed))
        && !trimmed.starts_with(MASK)
        && !is_template(trimmed)
}

/// Whether a value is only an expression that is replaced, such as `{!$Api.Session_ID}` or `${TOKEN}`.
pub(super) fn is_template(value: &str) -> bool {
    let pairs = [
        ("{!", "}"),
        ("${", "}"),
        ("{{", "}}"),
        ("$(", ")"),
        ("%%", "%%"),
    ];
    if value.len() > LONGEST_WORD {
        return false;
    }
    let mut rest = value;
    let mut found = false;
    while let Some((before, inside, after)) = pairs
        .iter()
        .filter_map(|(open, close)| {
            let (before, inside) = rest.split_once(open)?;
            let (inside, after) = inside.split_once(close)?;
            Some((before, inside, after))
        })
        .min_by_key(|(before, ..)| before.len())
    {
        if before.trim().len() >= SHORTEST + 2 || inside.len() > MAX_NAME {
            return false;
        }
        found = true;
        rest = after;
    }
    found && rest.trim().len() < SHORTEST
}

/// Whether a word is more like a credential than like a word of a sentence.
fn looks_like_credential(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ')', '!', '?']);
    let bytes = word.as_bytes();
    let letters = bytes
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let humps = bytes.windows(2);
    let humps = humps.filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let has_marks = bytes
        .iter()
        .any(|byte| matches!(byte, b'!' | b'$' | b'+' | b'=' | b'*' | b'#'));
    bytes.len() >= SHORTEST
        && (digits > 0 && letters > 0 || digits >= 8 || humps.count() >= 2 || has_marks)
}

/// The length of a scheme and the blanks after it at the start of a header's value.
fn scheme(text: &str) -> usize {
    const SCHEMES: [&str; 8] = [
        "bearer",
        "basic",
        "token",
        "digest",
        "apikey",
        "oauth",
        "ssws",
        "negotiate",
    ];
    let word = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    match SCHEMES
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(word))
    {
        true => match blanks(&text[word.len()..]) {
            0 => 0,
            blanks => word.len() + blanks,
        },
        false => 0,
    }
}

/// Adds the credential after a scheme at the end of `text[start..end]`, such as `Bearer` in a header.
pub(super) fn add_after_scheme(text: &str, start: usize, end: usize, spans: &mut Vec<Span>) {
    let ends_with = |scheme: &str| {
        let bytes = &text.as_bytes()[start..end];
        let word = bytes.len().checked_sub(scheme.len());
        word.is_some_and(|word| {
            bytes[word..].eq_ignore_ascii_case(scheme.as_bytes())
                && (word == 0 || !bytes[word - 1].is_ascii_alphanumeric())
        })
    };
    let is_bearer = ends_with("bearer");
    if !is_bearer && !ends_with("basic") {
        return;
    }
    let start = end + blanks(&text[end..]);
    if start == end {
        return;
    }
    let value = &text[start..start + unquoted_length(&text[start..])];
    let is_secret = match is_bearer {
        true => value.len() >= 12 && looks_like_credential(value) && !is_template(value),
        false => is_user_and_password(value),
    };
    if is_secret {
        spans.push(Span::new(start, start + value.len()));
    }
}

/// Whether a text is base64 of something with a colon between two parts.
fn is_user_and_password(text: &str) -> bool {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let text = text.trim_end_matches('=').as_bytes();
    if text.len() < 8 {
        return false;
    }
    let mut has_colon = false;
    for group in text.chunks(4) {
        let mut bits = 0;
        for &byte in group {
            let Some(digit) = digit(byte) else {
                return false;
            };
            bits = bits << 6 | digit;
        }
        bits <<= 6 * (4 - group.len());
        has_colon |= [16, 8, 0]
            .iter()
            .any(|shift| bits >> shift & 0xFF == u32::from(b':'));
    }
    has_colon
}

/// Adds the password or token before the host of a URL. Returns where to go on.
fn add_user_info(text: &str, start: usize, spans: &mut Vec<Span>) -> usize {
    let is_url_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`');
    let authority_end = |c: char| is_url_end(c) || matches!(c, '/' | '?' | '#');
    let rest = &text[start..];
    let authority = &rest[..rest.find(authority_end).unwrap_or(rest.len())];
    let user_info = match authority.rfind('@') {
        Some(at) => &authority[..at],
        None => {
            // A password with a slash is not valid, but it is a password.
            let port = authority.split_once(':').map(|(_, port)| port);
            let Some(port) = port.filter(|port| !port.is_empty()) else {
                return start;
            };
            if port.bytes().all(|byte| byte.is_ascii_digit()) {
                return start;
            }
            let window = &rest[..rest.floor_char_boundary(LONGEST_WORD.min(rest.len()))];
            let url = &window[..window.find(is_url_end).unwrap_or(window.len())];
            match url.rfind('@') {
                Some(at) => &url[..at],
                None => return start,
            }
        }
    };
    let (user, password) = match user_info.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (user_info, None),
    };
    if user.len() >= 16 && looks_like_credential(user) && is_value(user) {
        spans.push(Span::new(start, start + user.len()));
    }
    if let Some(password) = password.filter(|password| is_value(password)) {
        let at = start + user.len() + 1;
        spans.push(Span::new(at, at + password.len()));
    }
    start + user_info.len()
}
