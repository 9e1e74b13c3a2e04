//! Places as editors count them.
//!
//! In: a text, and places in it as lines and characters in the encoding that was agreed on. Out:
//! byte offsets, and the way back. Editors count from 0, and a place that a text does not have is
//! the nearest that it has. LF, CRLF and a lone CR end a line.

use std::ops::Range;

use gen_lsp_types as lsp;

/// What the characters of a line are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// What every client understands.
    #[default]
    Utf16,
}

impl Encoding {
    /// The name in the protocol.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
        }
    }
}

/// A text whose lines are known, and stay so while it is edited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    text: String,
    /// Byte offset at which each line begins.
    lines: Vec<usize>,
}

/// Whether a line begins at a byte offset.
fn begins_line(bytes: &[u8], at: usize) -> bool {
    match at.checked_sub(1).map(|before| bytes[before]) {
        None | Some(b'\n') => true,
        Some(b'\r') => bytes.get(at) != Some(&b'\n'),
        Some(_) => false,
    }
}

/// The lines that begin in a range of offsets, its end included.
fn line_starts(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = usize> {
    // A line begins behind a line end, so the byte before the range counts as well.
    let from = range.start.saturating_sub(1);
    let first = (range.start == 0).then_some(0);
    let ends = memchr::memchr2_iter(b'\n', b'\r', &bytes[from..range.end]);
    let behind = ends.map(move |at| from + at + 1);
    first
        .into_iter()
        .chain(behind.filter(move |&at| at >= range.start && begins_line(bytes, at)))
}

impl Text {
    /// Finds the lines of a text.
    pub(super) fn new(text: String) -> Self {
        let lines = line_starts(text.as_bytes(), 0..text.len()).collect();
        Self { text, lines }
    }

    /// The text.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Exchanges what stands in a range of bytes, which begins and ends between characters.
    pub(super) fn replace(&mut self, range: Range<usize>, with: &str) {
        let Range { start, end } = range;
        self.text.replace_range(start..end, with);
        let new_end = start + with.len();
        // Whether a line begins at a place is told by the bytes on either side of it.
        let kept_before = self.lines.partition_point(|&line| line < start);
        let kept_after = self.lines.partition_point(|&line| line <= end);
        for line in &mut self.lines[kept_after..] {
            *line = *line - end + new_end;
        }
        let between = line_starts(self.text.as_bytes(), start..new_end);
        self.lines.splice(kept_before..kept_after, between);
    }

    /// The byte offset of a place.
    pub(super) fn offset(&self, place: lsp::Position, encoding: Encoding) -> usize {
        let Some(&start) = self.lines.get(place.line as usize) else {
            return self.text.len();
        };
        let next = self.lines.get(place.line as usize + 1);
        let line = &self.text[start..next.copied().unwrap_or(self.text.len())];
        let line = line.trim_end_matches(['\n', '\r']);
        let wanted = place.character as usize;
        let inside = match encoding {
            Encoding::Utf8 => line.floor_char_boundary(wanted.min(line.len())),
            Encoding::Utf16 if line.is_ascii() => wanted.min(line.len()),
            Encoding::Utf16 => {
                let mut units = 0;
                let behind = line.char_indices().find(|(_, character)| {
                    units += character.len_utf16();
                    units > wanted
                });
                behind.map_or(line.len(), |(at, _)| at)
            }
        };
        start + inside
    }

    /// The place of a byte offset; one inside a character counts as that character's beginning.
    pub(super) fn position(&self, offset: usize, encoding: Encoding) -> lsp::Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.lines.partition_point(|&start| start <= offset) - 1;
        let before = &self.text[self.lines[line]..offset];
        let character = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 if before.is_ascii() => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        lsp::Position {
            line: line as u32,
            character: character as u32,
        }
    }

    /// The places of a range of bytes.
    pub(super) fn range(&self, range: Range<usize>, encoding: Encoding) -> lsp::Range {
        lsp::Range {
            start: self.position(range.start, encoding),
            end: self.position(range.end, encoding),
        }
    }

    /// The bytes of a range of places, which may stand in either order.
    pub(super) fn bytes(&self, range: lsp::Range, encoding: Encoding) -> Range<usize> {
        let one = self.offset(range.start, encoding);
        let other = self.offset(range.end, encoding);
        one.min(other)..one.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_outside_of_the_text_are_the_nearest_in_it() {
        let text = Text::new("aü😀b\r\n\rc".to_owned());
        let at = |line, character| lsp::Position { line, character };
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            assert_eq!(text.offset(at(0, 99), encoding), 8);
            assert_eq!(text.offset(at(2, 99), encoding), text.as_str().len());
            assert_eq!(text.offset(at(99, 0), encoding), text.as_str().len());
            assert_eq!(text.position(99, encoding), at(2, 1));
        }
        // In the middle of a character is before it.
        assert_eq!(text.offset(at(0, 3), Encoding::Utf16), 3);
        assert_eq!(text.offset(at(0, 4), Encoding::Utf8), 3);
        assert_eq!(text.position(5, Encoding::Utf16), at(0, 2));
        assert_eq!(text.position(7, Encoding::Utf16), at(0, 4));
        assert_eq!(text.position(7, Encoding::Utf8), at(0, 7));
    }

    fn piece() -> impl Strategy<Value = String> {
        let parts = prop::sample::select(vec!["\r", "\n", "\r\n", "a", "ü", "😀", "\u{FEFF}", ""]);
        prop::collection::vec(parts, 0..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn an_edited_text_knows_its_lines_as_a_new_one_does(
            first in piece(),
            edits in prop::collection::vec((0..40_usize, 0..40_usize, piece()), 1..12),
        ) {
            let mut text = Text::new(first);
            for (one, other, with) in edits {
                let boundary = |at: usize| {
                    text.as_str().floor_char_boundary(at % (text.as_str().len() + 1))
                };
                let (one, other) = (boundary(one), boundary(other));
                text.replace(one.min(other)..one.max(other), &with);
                prop_assert_eq!(&text, &Text::new(text.as_str().to_owned()));
            }
        }

        #[test]
        fn every_place_leads_back_to_itself(text in piece()) {
            let text = Text::new(text);
            for (at, _) in text.as_str().char_indices() {
                for encoding in [Encoding::Utf8, Encoding::Utf16] {
                    let place = text.position(at, encoding);
                    let line_end = text.as_str()[..at].ends_with('\r')
                        && text.as_str()[at..].starts_with('\n');
                    // Between CR and LF no cursor can stand.
                    if !line_end {
                        prop_assert_eq!(text.offset(place, encoding), at);
                    }
                }
            }
        }
    }
}
