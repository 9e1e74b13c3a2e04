//! Masks secrets in texts.

use std::borrow::Cow;

use super::find::secret_spans;
use super::masked::MASK;
use super::names::is_secret_element;

/// The text with its secrets masked.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let spans = secret_spans(text);
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::new();
    let mut end = 0;
    for span in spans {
        masked.push_str(&text[end..span.start as usize]);
        masked.push_str(MASK);
        end = span.end as usize;
    }
    masked.push_str(&text[end..]);
    Cow::Owned(masked)
}

/// The text with its secrets masked, with the same offsets: each character is replaced by another one
/// that takes as many bytes, and lines stay lines.
pub(crate) fn mask_in_place(text: &str) -> Cow<'_, str> {
    let spans = secret_spans(text);
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for span in spans {
        masked.push_str(&text[end..span.start as usize]);
        end = span.end as usize;
        masked.extend(text[span.range()].chars().map(filler));
    }
    masked.push_str(&text[end..]);
    Cow::Owned(masked)
}

fn filler(character: char) -> char {
    match character.len_utf8() {
        _ if matches!(character, '\n' | '\r') => character,
        1 => '*',
        2 => '\u{B7}',
        3 => '\u{2022}',
        _ => '\u{1F512}',
    }
}

/// The length of the longest value in a message, in characters.
const MAX_DISPLAYED: usize = 80;

/// The value of the element `name` for a message: shortened, and masked if it is a secret.
pub(crate) fn display_value(name: &str, text: &str) -> String {
    let is_boolean = matches!(text, "true" | "false");
    if is_secret_element(name) && !text.is_empty() && !is_boolean {
        return MASK.to_owned();
    }
    let masked = mask(text);
    let mut displayed: String = masked.chars().take(MAX_DISPLAYED).collect();
    if displayed.len() < masked.len() {
        displayed.push('…');
    }
    displayed
}

/// The message of a parser without the values that it quotes: a message does not say whether a value
/// belongs to a secret key.
pub(crate) fn without_secret_words(message: &str) -> Cow<'_, str> {
    const QUOTE: &str = "string \"";
    let Some((before, rest)) = message.split_once(QUOTE) else {
        return Cow::Borrowed(message);
    };
    let after = rest.rsplit_once('"').map_or("", |(_, after)| after);
    Cow::Owned(format!("{before}string{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        for (text, masked) in [
            (
                "<consumerSecret>abc</consumerSecret>",
                "<consumerSecret>[masked]</consumerSecret>",
            ),
            (
                "<sf:consumerKey a='1'> abc\n</sf:consumerKey>",
                "<sf:consumerKey a='1'> [masked]\n</sf:consumerKey>",
            ),
            (
                "<!-- <password>x</password> -->",
                "<!-- <password>[masked]</password> -->",
            ),
            (
                "<password><![CDATA[a<b]]></password>",
                "<password>[masked]</password>",
            ),
            (
                "<password><!-- was --><![CDATA[a]]>b</password>",
                "<password>[masked]</password>",
            ),
            ("<consumerSecret>cut o", "<consumerSecret>[masked]"),
            (
                "<consumerSecret></consumerSecret>",
                "<consumerSecret></consumerSecret>",
            ),
            (
                "<password>pässwörd €</password>",
                "<password>[masked]</password>",
            ),
            ("<a>http://ü:ß€@host</a>", "<a>http://ü:[masked]@host</a>"),
            ("<consumerKey/><x>1</x>", "<consumerKey/><x>1</x>"),
            (
                "<consumerKey><?x y?>abc</consumerKey>",
                "<consumerKey>[masked]</consumerKey>",
            ),
            (
                "<consumerSecret abc</consumerSecret>",
                "<consumerSecret [masked]</consumerSecret>",
            ),
            (
                "<a>https://h/?x=1&amp;client_secret=abc</a>",
                "<a>https://h/?x=1&amp;client_secret=[masked]</a>",
            ),
            (
                "<callbackUrl>https://u:pw@host/</callbackUrl>",
                "<callbackUrl>https://u:[masked]@host/</callbackUrl>",
            ),
            (
                "<passwordPolicies><a>1</a></passwordPolicies>",
                "<passwordPolicies><a>1</a></passwordPolicies>",
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----!",
                "[masked]!",
            ),
        ] {
            assert_eq!(mask(text), masked);
        }
    }
}
