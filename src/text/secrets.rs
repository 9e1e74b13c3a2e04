//! What must never be printed: consumer keys and secrets, passwords, tokens, private keys.
//!
//! In: a file's text, well-formed or not. Out: the spans to mask. It is a search in the text and
//! not in the tree, so that files that cannot be parsed, and elements inside of comments, are
//! masked too.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::span::Span;

/// What stands in a secret's place.
pub(crate) const MASK: &str = "[masked]";

/// Elements whose text is a credential, of all types that domain facts name.
const SECRET_ELEMENTS: &str = "consumerKey|consumerSecret|clientSecret|ecKey|password|oauthToken\
    |oauthRefreshToken|refreshToken|accessToken|awsAccessKey|awsAccessSecret|serviceAccount\
    |signingKey|privateKey|recaptchaSecretKey|apiKey|secretKey";

/// Whether the text of an element of this name is a credential.
pub(crate) fn is_secret_element(name: &str) -> bool {
    SECRET_ELEMENTS.split('|').any(|secret| secret == name)
}

static ELEMENTS: LazyLock<Regex> = LazyLock::new(|| {
    // Up to the end tag, through comments and CDATA; to the end of a file that is cut off.
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
        // A password in a URL, and credentials among its parameters.
        r"|://[^/\s:@<>]+:([^/\s@<>]+)@",
        r"|(?i:[?&;](?:client_secret|access_token|refresh_token|password|api_key)=)([^&#\s<>]+)",
    ))
});

/// Without Unicode, since all that delimits a secret is ASCII: with it, compiling the two took
/// longer than the rest of a run.
fn pattern(text: &str) -> Regex {
    RegexBuilder::new(text)
        .unicode(false)
        .build()
        // Both patterns are constant, and every test that prints a finding compiles them.
        .expect("a constant pattern")
}

/// Spans of secrets, in ascending order. Empty values are none.
pub(crate) fn secret_spans(text: &str) -> Vec<Span> {
    // The second group of an element is that of a tag that is never closed.
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

/// Without any of these a text holds no secret that has no element around it: most values are
/// done with before a pattern is built.
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

/// The longest value that is displayed inside a sentence, in characters.
const MAX_DISPLAYED: usize = 80;

/// The value of the element `name` as it may be displayed inside a sentence: masked if it is a
/// secret, and shortened.
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
    fn finds_secrets_wherever_they_stand() {
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
