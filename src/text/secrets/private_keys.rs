//! Private keys in PEM, and certificates, which are public.

use memchr::memmem;

use crate::text::Span;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// A line that begins or ends a block is not longer than this after its first word.
const MAX_LABEL: usize = 64;

/// The PEM blocks of a text, in order.
#[derive(Default)]
pub(super) struct Blocks {
    /// A truncated one goes on to the end of the text.
    pub private_keys: Vec<Span>,
    /// Certificates and public keys.
    pub public: Vec<Span>,
}

pub(super) fn blocks(text: &str) -> Blocks {
    let mut blocks = Blocks::default();
    let mut at = 0;
    while let Some(found) = memmem::find(&text.as_bytes()[at..], BEGIN.as_bytes()) {
        let start = at + found;
        at = start + BEGIN.len();
        let label = label(text, at);
        let is_public = matches!(label, "CERTIFICATE" | "PUBLIC KEY");
        if !is_public && !label.contains("PRIVATE KEY") {
            continue;
        }
        let Some(end) = memmem::find(&text.as_bytes()[at..], END.as_bytes()) else {
            if !is_public {
                blocks.private_keys.push(Span::new(start, text.len()));
            }
            break;
        };
        let after = at + end + END.len();
        let end_label = self::label(text, after);
        let dashes = text[after + end_label.len()..].bytes();
        let dashes = dashes.take_while(|&byte| byte == b'-').count();
        at = after
            + if dashes > 0 {
                end_label.len() + dashes
            } else {
                0
            };
        let kind = match is_public {
            true => &mut blocks.public,
            false => &mut blocks.private_keys,
        };
        kind.push(Span::new(start, at));
    }
    blocks
}

/// The text up to the dashes that end a line of PEM.
fn label(text: &str, at: usize) -> &str {
    let end = text.floor_char_boundary((at + MAX_LABEL).min(text.len()));
    text[at..end].split('-').next().unwrap_or_default()
}
