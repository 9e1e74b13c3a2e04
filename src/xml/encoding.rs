//! Decodes the bytes of a file, which must be UTF-8.

use super::malformed::Malformed;
use crate::text::Span;

pub(super) const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// The text of UTF-8 bytes.
///
/// # Errors
/// If the bytes are UTF-16, UTF-32 or otherwise not valid UTF-8. The span is that of the first byte
/// that is not valid.
pub fn decode(bytes: &[u8]) -> Result<&str, Malformed> {
    // Without a byte order mark, the zeros around the first character identify the encoding. A file
    // with nothing but zeros has no encoding; the parser reports its first character.
    let other = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [1..=255, 0, 0, 0, ..] | [0, 0, 0, 1..=255, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        [1..=255, 0, ..] | [0, 1..=255, ..] => Some("UTF-16"),
        _ => None,
    };
    if let Some(other) = other {
        return Err(Malformed::new(
            Span::at(0),
            format!("the file is encoded in {other}; metadata must be UTF-8"),
        ));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Malformed::new(
            Span::new(at, at + error.error_len().unwrap_or(1)),
            format!(
                "the byte 0x{:02X} is not valid UTF-8; save the file as UTF-8",
                bytes[at]
            ),
        )
    })
}
