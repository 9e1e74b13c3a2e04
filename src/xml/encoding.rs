//! From bytes to text.

use super::malformed::Malformed;
use crate::text::Span;

pub(super) const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// The text of UTF-8 bytes.
///
/// # Errors
/// Says which other encoding the bytes seem to have. The span is then that of the first byte that
/// is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<&str, Malformed> {
    // Without a byte order mark, it is the zeros around the first character that tell. A file of
    // nothing but zeros is of no encoding; the parser names its first character.
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
            format!("the file is {other}; metadata has to be UTF-8"),
        ));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Malformed::new(
            Span::new(at, at + error.error_len().unwrap_or(1)),
            format!(
                "the byte 0x{:02X} is not UTF-8; the file seems to have another encoding",
                bytes[at]
            ),
        )
    })
}
