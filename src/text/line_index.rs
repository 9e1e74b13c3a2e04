//! Converts byte offsets to lines and columns, in all units that reports and editors use.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::line_starts::LineStarts;

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
    /// Offset in bytes, from 0.
    pub offset: usize,
    /// Column in bytes, from 1.
    #[serde(skip)]
    pub utf8_column: usize,
    /// Column in UTF-16 code units, from 1.
    #[serde(skip)]
    pub utf16_column: usize,
    /// Offset in UTF-16 code units, from 0.
    #[serde(skip)]
    pub utf16_offset: usize,
}

/// The lines of a text. LF, CRLF and a lone CR end a line. A byte order mark has no column, because
/// editors do not show it.
pub struct LineIndex<'a> {
    text: &'a str,
    lines: Arc<Lines>,
}

/// The lines of a text, without the text.
#[derive(Debug)]
pub(crate) struct Lines {
    starts: LineStarts,
    /// Length of the byte order mark in bytes.
    mark: usize,
    /// Characters and UTF-16 units before each block of [`BLOCK`] bytes, so that a position in a
    /// line of megabytes is found without counting from the start of the line. Empty for ASCII,
    /// where a character is a byte.
    blocks: Vec<Count>,
}

/// Size of a block in bytes.
const BLOCK: usize = 4096;

/// Characters and UTF-16 units of a text.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    characters: usize,
    utf16: usize,
}

impl Count {
    fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self {
                characters: text.len(),
                utf16: text.len(),
            };
        }
        text.chars().fold(Self::default(), |count, character| Self {
            characters: count.characters + 1,
            utf16: count.utf16 + character.len_utf16(),
        })
    }

    fn plus(self, other: Self) -> Self {
        Self {
            characters: self.characters + other.characters,
            utf16: self.utf16 + other.utf16,
        }
    }
}

impl Lines {
    /// Finds the lines of `text`.
    pub(crate) fn new(text: &str) -> Self {
        let mark = '\u{FEFF}';
        let mark = match text.starts_with(mark) {
            true => mark.len_utf8(),
            false => 0,
        };
        let mut blocks = Vec::new();
        if !text.is_ascii() {
            let mut count = Count::default();
            for block in 0..=text.len() / BLOCK {
                blocks.push(count);
                let end = boundary(text, (block + 1) * BLOCK);
                count = count.plus(Count::of(&text[boundary(text, block * BLOCK)..end]));
            }
        }
        Self {
            starts: LineStarts::new(text),
            mark,
            blocks,
        }
    }
}

impl<'a> LineIndex<'a> {
    /// Finds the lines of `text`.
    pub fn new(text: &'a str) -> Self {
        Self::with_lines(text, Arc::new(Lines::new(text)))
    }

    /// The index of a text whose lines are known.
    pub(crate) fn with_lines(text: &'a str, lines: Arc<Lines>) -> Self {
        Self { text, lines }
    }

    /// Characters and UTF-16 units before a character boundary.
    fn count(&self, offset: usize) -> Count {
        match self.lines.blocks.get(offset / BLOCK) {
            None => Count {
                characters: offset,
                utf16: offset,
            },
            Some(before) => {
                let begin = boundary(self.text, offset / BLOCK * BLOCK);
                before.plus(Count::of(&self.text[begin..offset]))
            }
        }
    }

    /// The indexed text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Number of lines. A text that ends with a line end has an empty last line.
    pub fn line_count(&self) -> usize {
        self.lines.starts.count()
    }

    /// The text of a line, counted from 1, without its line end.
    ///
    /// # Panics
    /// If there is no such line.
    pub fn line(&self, line: usize) -> &'a str {
        let range = self.lines.starts.line(line - 1, self.text.len());
        let range = range.expect("the line is from this index");
        self.text[range.start.max(self.lines.mark)..range.end].trim_end_matches(['\n', '\r'])
    }

    /// Byte offset at which a line, counted from 1, begins.
    ///
    /// # Panics
    /// If there is no such line.
    pub fn line_start(&self, line: usize) -> usize {
        let start = self.lines.starts.start(line - 1);
        start
            .expect("the line is from this index")
            .max(self.lines.mark)
    }

    /// The position of a byte offset. For an offset inside a character it is the position of that
    /// character.
    pub fn position(&self, offset: usize) -> Position {
        let offset = boundary(self.text, offset);
        let line = self.lines.starts.line_of(offset) + 1;
        let start = self.line_start(line);
        let before_line = self.count(start);
        let before = self.count(offset.max(start));
        let mark = self.count(self.lines.mark);
        Position {
            line,
            column: before.characters - before_line.characters + 1,
            offset,
            utf8_column: offset.max(start) - start + 1,
            utf16_column: before.utf16 - before_line.utf16 + 1,
            utf16_offset: before.utf16 - mark.utf16,
        }
    }
}

/// The character boundary at or before an offset. The offset can be after the end of the text.
fn boundary(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_a_long_line() {
        let text = "aü😀\n".to_owned() + &"ü😀b".repeat(3_000);
        let index = LineIndex::new(&text);
        for offset in (0..text.len())
            .filter(|&at| text.is_char_boundary(at))
            .step_by(7)
        {
            let before = &text[..offset];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            let in_line = &before[line_start..];
            let position = index.position(offset);
            assert_eq!(position.column, in_line.chars().count() + 1);
            assert_eq!(position.utf16_column, in_line.encode_utf16().count() + 1);
            assert_eq!(position.utf16_offset, before.encode_utf16().count());
        }
    }

    #[test]
    fn byte_order_mark_has_no_column() {
        let index = LineIndex::new("\u{FEFF}a\nb");
        let a = index.position(3);
        assert_eq!((a.line, a.column, a.offset, a.utf16_offset), (1, 1, 3, 0));
        assert_eq!(index.position(0).column, 1);
        let b = index.position(5);
        assert_eq!((b.line, b.column, b.utf16_offset), (2, 1, 2));
    }

    #[test]
    fn columns_and_line_ends() {
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
