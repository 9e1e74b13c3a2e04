//! Where the lines of a text begin.

use std::ops::Range;

/// The byte offsets at which the lines of a text begin, kept up to date while the text is edited. LF,
/// CRLF and a lone CR end a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineStarts {
    /// In ascending order. The first is 0.
    offsets: Vec<usize>,
}

impl Default for LineStarts {
    /// The lines of an empty text.
    fn default() -> Self {
        Self { offsets: vec![0] }
    }
}

impl LineStarts {
    /// Finds the lines of a text.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            offsets: line_starts(text.as_bytes(), 0..text.len()).collect(),
        }
    }

    /// Number of lines. A text that ends with a line end has an empty last line.
    pub(crate) fn count(&self) -> usize {
        self.offsets.len()
    }

    /// Byte offset at which a line, counted from 0, begins.
    pub(crate) fn start(&self, line: usize) -> Option<usize> {
        self.offsets.get(line).copied()
    }

    /// The line, counted from 0, of a byte offset.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        // The first line begins at 0, so there is one at or before each offset.
        self.offsets.partition_point(|&start| start <= offset) - 1
    }

    /// The bytes of a line, counted from 0, with its line end. `length` is the text's length in bytes.
    pub(crate) fn line(&self, line: usize, length: usize) -> Option<Range<usize>> {
        let start = self.start(line)?;
        Some(start..self.start(line + 1).unwrap_or(length))
    }

    /// Updates the lines after the bytes of `replaced` were replaced. `text` is the text after that,
    /// and `inserted` is the length of the new bytes.
    pub(crate) fn edit(&mut self, text: &str, replaced: Range<usize>, inserted: usize) {
        let Range { start, end } = replaced;
        let new_end = start + inserted;
        // The bytes on either side of an offset decide whether a line begins there.
        let kept_before = self.offsets.partition_point(|&line| line < start);
        let kept_after = self.offsets.partition_point(|&line| line <= end);
        for line in &mut self.offsets[kept_after..] {
            *line = *line - end + new_end;
        }
        let between = line_starts(text.as_bytes(), start..new_end);
        self.offsets.splice(kept_before..kept_after, between);
    }
}

/// The lines that begin in a range of offsets, its end included.
fn line_starts(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = usize> {
    // A line begins after a line end, so the byte before the range counts as well.
    let from = range.start.saturating_sub(1);
    let first = (range.start == 0).then_some(0);
    let ends = memchr::memchr2_iter(b'\n', b'\r', &bytes[from..range.end]);
    let after = ends.map(move |at| from + at + 1);
    first
        .into_iter()
        .chain(after.filter(move |&at| at >= range.start && begins_line(bytes, at)))
}

/// Whether a line begins at an offset after a line end character.
fn begins_line(bytes: &[u8], offset: usize) -> bool {
    // LF continues the line end that a CR began.
    bytes[offset - 1] == b'\n' || bytes.get(offset) != Some(&b'\n')
}
