//! From byte offsets to the lines and columns that people and other programs count in.
//!
//! In: a file's text and an offset. Out: line, column in characters, column and offset in UTF-16
//! units, all needed by one report or another.

use serde::Serialize;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
    /// Offset in bytes, from 0.
    pub offset: usize,
    /// Column in UTF-16 code units, from 1.
    #[serde(skip)]
    pub utf16_column: usize,
    /// Offset in UTF-16 code units, from 0.
    #[serde(skip)]
    pub utf16_offset: usize,
}

/// Where the lines of a text begin. LF, CRLF and a lone CR end a line.
pub struct LineIndex<'a> {
    text: &'a str,
    /// Byte offset and UTF-16 offset of each line's beginning.
    lines: Vec<(usize, usize)>,
}

impl<'a> LineIndex<'a> {
    /// Finds the lines of `text`.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        // Editors do not show a byte order mark, so it is no part of the first line.
        let mark = '\u{FEFF}';
        let mut line_start = if text.starts_with(mark) {
            mark.len_utf8()
        } else {
            0
        };
        let mut lines = vec![(line_start, 0)];
        let mut utf16 = 0;
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            utf16 += utf16_len(&text[line_start..=at]);
            line_start = at + 1;
            lines.push((line_start, utf16));
        }
        Self { text, lines }
    }

    /// The text behind the index.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Number of lines; a text that ends in a line end has an empty last one.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The text of a line (from 1) without its line end.
    pub fn line(&self, line: usize) -> &'a str {
        let start = self.line_start(line);
        let end = self
            .lines
            .get(line)
            .map_or(self.text.len(), |&(start, _)| start);
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// Byte offset at which a line (from 1) begins.
    pub fn line_start(&self, line: usize) -> usize {
        self.lines[line - 1].0
    }

    /// The place of a byte offset; one inside a character counts as that character's beginning.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self
            .lines
            .partition_point(|&(start, _)| start <= offset)
            .max(1);
        let (start, utf16_start) = self.lines[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        let utf16 = utf16_len(before);
        Position {
            line,
            column: before.chars().count() + 1,
            offset,
            utf16_column: utf16 + 1,
            utf16_offset: utf16_start + utf16,
        }
    }
}

fn utf16_len(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_has_no_column() {
        let index = LineIndex::new("\u{FEFF}a\nb");
        let a = index.position(3);
        assert_eq!((a.line, a.column, a.offset, a.utf16_offset), (1, 1, 3, 0));
        assert_eq!(index.position(0).column, 1);
        let b = index.position(5);
        assert_eq!((b.line, b.column, b.utf16_offset), (2, 1, 2));
    }

    #[test]
    fn counts_characters_utf16_units_and_all_line_ends() {
        let text = "a\r\nü😀b\rc\n";
        let index = LineIndex::new(text);
        assert_eq!(index.line_count(), 4);
        assert_eq!(index.line(2), "ü😀b");
        let b = index.position(text.find('b').unwrap());
        assert_eq!(
            (b.line, b.column, b.utf16_column, b.utf16_offset),
            (2, 3, 4, 6)
        );
        let end = index.position(text.len());
        assert_eq!((end.line, end.column), (4, 1));
    }
}
