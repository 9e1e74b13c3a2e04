//! Ranges for labels below source lines.

use std::ops::Range;

/// The range of a label. A label cannot be drawn after the last character, so there the range is that
/// of the last character.
pub(crate) fn drawable(range: Range<usize>, text: &str) -> Range<usize> {
    let end = text.trim_end().len();
    match text[..end].char_indices().next_back() {
        Some((last, _)) if range.start >= end => last..end,
        _ => range,
    }
}
