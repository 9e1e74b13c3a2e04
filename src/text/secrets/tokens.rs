//! Tokens and keys that are recognized by their own form: by a prefix, or because they are random.

use std::sync::LazyLock;

use super::random::{SHORTEST, is_random};
use crate::text::Span;

/// Characters of a token after its prefix, at least.
const SHORTEST_BODY: usize = 12;

/// So many characters are read after a prefix that ordinary names have too.
const MAX_COMMON: usize = 256;

/// Prefixes of tokens that nothing else begins with.
const PREFIXES: [&str; 97] = [
    // Salesforce: consumer keys, refresh tokens.
    "3MVG9",
    "5Aep861",
    "6Cel800D",
    // Source code hosts and package registries.
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "glrt-",
    "glcbt-",
    "glptt-",
    "glft-",
    "gloas-",
    "glimt-",
    "glagent-",
    "glsoat-",
    "glffct-",
    "ATBB",
    "ATATT3",
    "ATCTT3",
    "npm_",
    "pypi-",
    "rubygems_",
    "dckr_pat_",
    "oy2",
    "cio",
    // Clouds.
    "AKIA",
    "ASIA",
    "AROA",
    "AIDA",
    "ABIA",
    "ACCA",
    "AIza",
    "ya29.",
    "1//0",
    "GOCSPX-",
    "dop_v1_",
    "doo_v1_",
    "dor_v1_",
    "hvs.",
    "hvb.",
    "hvr.",
    "atlasv1.",
    "pul-",
    "dp.pt.",
    "dp.st.",
    "tfp_",
    "nfp_",
    "sbp_",
    "LTAI",
    // Messages and mail.
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxr-",
    "xoxs-",
    "xoxc-",
    "xoxd-",
    "xoxe-",
    "xoxe.",
    "xapp-",
    "xwfp-",
    "SG.",
    "xkeysib-",
    "xsmtpsib-",
    "SK",
    "AC",
    "key-",
    // Payment and shops.
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "pk_live_",
    "pk_test_",
    "whsec_",
    "shpat_",
    "shpss_",
    "shpca_",
    "shppa_",
    "EZAK",
    "sq0csp-",
    "sq0atp-",
    // Models, monitoring, and others.
    "sk-",
    "hf_",
    "gsk_",
    "xai-",
    "pplx-",
    "r8_",
    "NRAK-",
    "sntrys_",
    "glsa_",
    "glc_",
    "lin_api_",
    "PMAK-",
    "figd_",
];

/// Prefixes that ordinary names can begin with too: what follows has to look random.
const COMMON: [&str; 12] = [
    "npm_", "pypi-", "SG.", "SK", "AC", "key-", "sk-", "hf_", "oy2", "cio", "pul-", "1//0",
];

/// The prefixes by their first byte, because most words begin like one of them.
static BY_FIRST_BYTE: LazyLock<[Vec<&str>; 256]> = LazyLock::new(|| {
    let mut by_first_byte = [const { Vec::new() }; 256];
    for prefix in PREFIXES {
        by_first_byte[prefix.as_bytes()[0] as usize].push(prefix);
    }
    by_first_byte
});

/// Adds the tokens in `text[start..end]`, a run of characters that tokens consist of.
pub(super) fn add_tokens(text: &str, start: usize, end: usize, spans: &mut Vec<Span>) {
    if end - start < SHORTEST_BODY + 2 {
        return;
    }
    let bytes = text.as_bytes();
    let mut at = start;
    while at < end {
        let starts_word = at == start || !bytes[at - 1].is_ascii_alphanumeric();
        if starts_word && let Some(length) = token_length(&text[at..end]) {
            spans.push(Span::new(at, at + length));
            at += length;
            continue;
        }
        at += 1;
    }
    add_random(text, start, end, spans);
}

/// Adds the random parts of a run.
fn add_random(text: &str, start: usize, end: usize, spans: &mut Vec<Span>) {
    let run = &text[start..end];
    if run.len() < SHORTEST {
        return;
    }
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '-');
    for part in run
        .split(|c| !is_base64(c))
        .filter(|part| part.len() >= SHORTEST)
    {
        let at = part.as_ptr() as usize - text.as_ptr() as usize;
        if is_random(part) && !is_checksum(text, at) {
            let padding = text[at + part.len()..end].bytes();
            let padding = padding.take_while(|&byte| byte == b'=').count();
            spans.push(Span::new(at, at + part.len() + padding));
        }
    }
    // A client secret of Microsoft Entra ID has tildes and dots.
    if run.len() >= 34
        && let Some(mark) = run.find("Q~")
    {
        let from = start + mark.saturating_sub(4);
        spans.push(Span::new(text.ceil_char_boundary(from), end));
    }
}

/// Whether the name before a value says that it is a checksum.
fn is_checksum(text: &str, at: usize) -> bool {
    const NAMES: [&str; 7] = [
        "fingerprint",
        "thumbprint",
        "checksum",
        "digest",
        "hash",
        "sha256",
        "commit",
    ];
    const LONGEST: usize = 24;
    let before = &text.as_bytes()[at.saturating_sub(LONGEST)..at];
    let is_between = |byte: &u8| matches!(byte, b'"' | b'\'' | b':' | b'=' | b' ' | b'>' | b'`');
    let end = before.iter().rposition(|byte| !is_between(byte));
    let name = &before[..end.map_or(0, |end| end + 1)];
    NAMES.iter().any(|known| {
        let start = name.len().checked_sub(known.len());
        start.is_some_and(|start| name[start..].eq_ignore_ascii_case(known.as_bytes()))
    })
}

/// The length of the token at the start of a text.
fn token_length(text: &str) -> Option<usize> {
    if let Some(rest) = text.strip_prefix("eyJ") {
        let body = length_of(rest, is_dotted);
        return (body >= SHORTEST_BODY).then_some(3 + body);
    }
    if text.starts_with("00D") {
        return session_length(text);
    }
    let first = text.bytes().next()?;
    let mut candidates = BY_FIRST_BYTE[first as usize].iter();
    let prefix = candidates.find(|prefix| text.starts_with(**prefix))?;
    let rest = &text[prefix.len()..];
    let is_common = COMMON.contains(prefix);
    // A common prefix can occur often in a long run.
    let rest_of_word = &rest[..rest
        .len()
        .min(if is_common { MAX_COMMON } else { rest.len() })];
    let word = length_of(rest_of_word, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    });
    let dotted = length_of(rest, is_dotted);
    // Tokens of Salesforce and those with a dot after the prefix have more of them.
    let has_dots = prefix.ends_with('.') || prefix.as_bytes()[0].is_ascii_digit();
    let is_token = match (is_common, has_dots) {
        (true, _) => looks_generated(&rest[..word]),
        (_, true) => dotted >= SHORTEST_BODY,
        _ => word >= SHORTEST_BODY || prefix.starts_with("xox") && word >= 8,
    };
    // A token can have several parts, but the suffix of a file name is none.
    let length = match has_dots || !rest[word..dotted].contains("-meta") {
        true => dotted,
        false => word,
    };
    is_token.then_some(prefix.len() + length)
}

/// The length of an access token or session id: the id of the org, an exclamation mark, and the rest.
fn session_length(text: &str) -> Option<usize> {
    let id = length_of(text, |byte| byte.is_ascii_alphanumeric());
    let rest = text[id..].strip_prefix('!')?;
    let body = length_of(rest, is_dotted);
    (matches!(id, 15..=18) && body >= SHORTEST_BODY).then_some(id + 1 + body)
}

/// Whether this is not a name: it has a long part with digits and letters.
fn looks_generated(text: &str) -> bool {
    let mut chunks = text.split(['_', '-']);
    chunks.any(|chunk| {
        let digits = chunk.bytes().filter(u8::is_ascii_digit).count();
        let has_both_cases = chunk.bytes().any(|byte| byte.is_ascii_lowercase())
            && chunk.bytes().any(|byte| byte.is_ascii_uppercase());
        let is_mixed = digits >= 2 || digits == 1 && has_both_cases;
        chunk.len() >= 20 && is_mixed && digits < chunk.len()
    })
}

fn is_dotted(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'=' | b'~' | b'+' | b'/')
}

/// How many bytes at the start of a text satisfy a condition.
fn length_of(text: &str, condition: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|&byte| condition(byte)).count()
}
