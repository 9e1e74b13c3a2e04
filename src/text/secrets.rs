//! Finds secrets, which are never printed: consumer keys and secrets, passwords, tokens, private
//! keys.
//!
//! It searches the text and not the tree, to find secrets in malformed files and in comments, too.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::span::Span;

/// Printed in place of a secret.
pub(crate) const MASK: &str = "[masked]";

/// Elements of any metadata type whose text is a credential.
const SECRET_ELEMENTS: &str = "consumerKey|consumerSecret|clientSecret|ecKey|password|oauthToken\
    |oauthRefreshToken|refreshToken|accessToken|awsAccessKey|awsAccessSecret|serviceAccount\
    |signingKey|privateKey|recaptchaSecretKey|apiKey|secretKey";

/// Whether the text of an element of this name is a credential.
pub(crate) fn is_secret_element(name: &str) -> bool {
    SECRET_ELEMENTS.split('|').any(|secret| secret == name)
}

static ELEMENTS: LazyLock<Regex> = LazyLock::new(|| {
    // Up to the end tag, including comments and CDATA sections, or up to the end of a truncated
    // file.
    pattern(&format!(
        r"(?s)<(?:[\w.-]+:)?(?:{SECRET_ELEMENTS})(?:\s[^<>]*)?>((?:<!--.*?(?:-->|\z)|<!\[CDATA\[.*?(?:\]\]>|\z)|<\?.*?(?:\?>|\z)|[^<])*)|<(?:[\w.-]+:)?(?:{SECRET_ELEMENTS})\s([^<>]*)(?:<|\z)"
    ))
});

static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        // A consumer key, an access token, a refresh token.
        r"\b3MVG9[\w.=]{20,}|\b00D\w{12,15}![\w.]{20,}|\b5Aep861[\w.=]{20,}",
        // A private key in PEM.
        r"|(?s:-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z))",
        // A password in a URL, and credentials in URL parameters.
        r"|://[^/\s:@<>]+:([^/\s@<>]+)@",
        r"|(?i:[?&;](?:client_secret|access_token|refresh_token|password|api_key)=)([^&#\s<>]+)",
    ))
});

/// Compiles a pattern without Unicode support. The delimiters of secrets are ASCII, and with Unicode
/// support, compiling took longer than the rest of a run.
fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text)
        .unicode(false)
        .build()
        // Both patterns are constant, and every test that prints a finding compiles them.
        .expect("the pattern is valid")
}

/// Spans of secrets, in ascending order. An empty value is not a secret.
pub(crate) fn secret_spans(text: &str) -> Vec<Span> {
    // The second group is the text of a tag that is not closed.
    let elements = ELEMENTS
        .captures_iter(text.as_bytes())
        .filter_map(|found| found.get(1).or_else(|| found.get(2)));
    let shapes = SHAPES.captures_iter(text.as_bytes()).filter_map(|found| {
        let inner = found.get(1).or_else(|| found.get(2));
        inner.or_else(|| found.get(0))
    });
    let mut spans: Vec<Span> = elements
        .chain(shapes)
        .filter_map(|found| {
            let (start, end) = (found.start(), found.end());
            let secret = text[start..end].trim();
            let padding = secret.as_ptr() as usize - text[start..end].as_ptr() as usize;
            let start = start + padding;
            (!secret.is_empty()).then(|| Span::new(start, start + secret.len()))
        })
        .collect();
    spans.sort();
    spans
}

/// A text without any of these has no secret. Most values have none, so that the patterns are not
/// compiled for them.
const SIGNS: [&str; 7] = ["<", "3MVG9", "00D", "5Aep861", "PRIVATE KEY", "@", "="];

/// The text with its secrets masked.
pub(crate) fn mask(text: &str) -> String {
    if !SIGNS.iter().any(|sign| text.contains(sign)) {
        return text.to_owned();
    }
    let mut masked = String::new();
    let mut end = 0;
    for span in secret_spans(text) {
        if (span.start as usize) < end {
            continue;
        }
        masked.push_str(&text[end..span.start as usize]);
        masked.push_str(MASK);
        end = span.end as usize;
    }
    masked.push_str(&text[end..]);
    masked
}

/// The length of the longest value in a message, in characters.
const MAX_DISPLAYED: usize = 80;

/// The value of the element `name` for a message: shortened, and masked if it is a secret.
pub(crate) fn display_value(name: &str, text: &str) -> String {
    if is_secret_element(name) && !text.is_empty() {
        return MASK.to_owned();
    }
    let masked = mask(text);
    let mut displayed: String = masked.chars().take(MAX_DISPLAYED).collect();
    if displayed.len() < masked.len() {
        displayed.push('…');
    }
    displayed
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
