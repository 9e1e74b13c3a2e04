//! The text of an open document, with positions as the protocol counts them.

use std::ops::Range;

use gen_lsp_types as lsp;

use crate::text::LineStarts;

/// What the characters of a line are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum PositionEncoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, which every client supports.
    #[default]
    Utf16,
}

impl PositionEncoding {
    /// The name in the protocol.
    pub(super) fn kind(self) -> lsp::PositionEncodingKind {
        match self {
            Self::Utf8 => lsp::PositionEncodingKind::UTF8,
            Self::Utf16 => lsp::PositionEncodingKind::UTF16,
        }
    }
}

/// A text that is being edited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DocumentText {
    text: String,
    lines: LineStarts,
}

impl DocumentText {
    pub(super) fn new(text: String) -> Self {
        let lines = LineStarts::new(&text);
        Self { text, lines }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Replaces a range of bytes, which begins and ends between characters.
    pub(super) fn replace(&mut self, range: Range<usize>, with: &str) {
        self.text.replace_range(range.clone(), with);
        self.lines.edit(&self.text, range, with.len());
    }

    /// The byte offset of a position. A position outside the text is the nearest one in it.
    pub(super) fn offset(&self, position: lsp::Position, encoding: PositionEncoding) -> usize {
        let Some(range) = self.lines.line(position.line as usize, self.text.len()) else {
            return self.text.len();
        };
        let line = self.text[range.clone()].trim_end_matches(['\n', '\r']);
        let wanted = position.character as usize;
        let inside = match encoding {
            PositionEncoding::Utf8 => line.floor_char_boundary(wanted.min(line.len())),
            PositionEncoding::Utf16 if line.is_ascii() => wanted.min(line.len()),
            PositionEncoding::Utf16 => {
                let mut units = 0;
                let after = line.char_indices().find(|(_, character)| {
                    units += character.len_utf16();
                    units > wanted
                });
                after.map_or(line.len(), |(at, _)| at)
            }
        };
        range.start + inside
    }

    /// The position of a byte offset; inside a character, the position of that character.
    pub(super) fn position(&self, offset: usize, encoding: PositionEncoding) -> lsp::Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.lines.line_of(offset);
        let before = &self.text[self.lines.start(line).unwrap_or(0)..offset];
        let character = match encoding {
            PositionEncoding::Utf8 => before.len(),
            PositionEncoding::Utf16 if before.is_ascii() => before.len(),
            PositionEncoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        lsp::Position {
            line: line as u32,
            character: character as u32,
        }
    }

    /// The range of some bytes.
    pub(super) fn range(&self, bytes: Range<usize>, encoding: PositionEncoding) -> lsp::Range {
        lsp::Range {
            start: self.position(bytes.start, encoding),
            end: self.position(bytes.end, encoding),
        }
    }

    /// The bytes of a range, whose ends can be in either order.
    pub(super) fn bytes(&self, range: lsp::Range, encoding: PositionEncoding) -> Range<usize> {
        let one = self.offset(range.start, encoding);
        let other = self.offset(range.end, encoding);
        one.min(other)..one.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENCODINGS: [PositionEncoding; 2] = [PositionEncoding::Utf8, PositionEncoding::Utf16];

    #[test]
    fn positions_outside_the_text_are_the_nearest_in_it() {
        let text = DocumentText::new("aü😀b\r\n\rc".to_owned());
        let at = |line, character| lsp::Position { line, character };
        for encoding in ENCODINGS {
            assert_eq!(text.offset(at(0, 99), encoding), 8);
            assert_eq!(text.offset(at(2, 99), encoding), text.as_str().len());
            assert_eq!(text.offset(at(99, 0), encoding), text.as_str().len());
            assert_eq!(text.position(99, encoding), at(2, 1));
        }
        // The middle of a character is before it.
        assert_eq!(text.offset(at(0, 3), PositionEncoding::Utf16), 3);
        assert_eq!(text.offset(at(0, 4), PositionEncoding::Utf8), 3);
        assert_eq!(text.position(5, PositionEncoding::Utf16), at(0, 2));
        assert_eq!(text.position(7, PositionEncoding::Utf16), at(0, 4));
        assert_eq!(text.position(7, PositionEncoding::Utf8), at(0, 7));
    }

    fn piece() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec!["\r", "\n", "\r\n", "a", "ü", "😀", "\u{FEFF}", ""]);
        prop::collection::vec(parts, 0..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn an_edited_text_has_the_lines_of_a_new_one(
            first in piece(),
            edits in prop::collection::vec((0..40_usize, 0..40_usize, piece()), 1..12),
        ) {
            let mut text = DocumentText::new(first);
            for (one, other, with) in edits {
                let boundary = |at: usize| {
                    text.as_str().floor_char_boundary(at % (text.as_str().len() + 1))
                };
                let (one, other) = (boundary(one), boundary(other));
                text.replace(one.min(other)..one.max(other), &with);
                prop_assert_eq!(&text, &DocumentText::new(text.as_str().to_owned()));
            }
        }

        #[test]
        fn every_position_leads_back_to_its_offset(text in piece()) {
            let text = DocumentText::new(text);
            for (at, _) in text.as_str().char_indices() {
                for encoding in ENCODINGS {
                    let position = text.position(at, encoding);
                    let is_in_line_end = text.as_str()[..at].ends_with('\r')
                        && text.as_str()[at..].starts_with('\n');
                    // No cursor can be between CR and LF.
                    if !is_in_line_end {
                        prop_assert_eq!(text.offset(position, encoding), at);
                    }
                }
            }
        }
    }
}
