//! Source lines around a location, with masked secrets.
//!
//! An [`Excerpt`] owns its text. Columns count characters, so that replacing unsafe characters by
//! others does not move the mark.

use crate::text::LineIndex;
use crate::text::MASK;
use crate::xml::Span;

/// The number of lines before and after the location.
const CONTEXT_LINES: usize = 1;

/// The number of bytes of a line on either side of the mark. Terminals are narrower.
const KEPT_BYTES: usize = 400;

/// Source lines around a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first line, from 1.
    first: usize,
    /// The lines with masked secrets, and `\n` between them. One text, because a large run has many excerpts.
    text: Box<str>,
    /// The number of the marked line. If the span has several lines, the first one is marked.
    pub marked_line: usize,
    /// Characters before the mark in that line.
    pub mark_start: usize,
    /// Characters in the mark.
    pub mark_length: usize,
}

impl Excerpt {
    /// Cuts out the lines around `span`. `secrets` are in ascending order and do not overlap.
    pub fn new(lines: &LineIndex<'_>, span: Span, secrets: &[Span]) -> Self {
        let start = lines.position(span.start as usize);
        let first = start.line.saturating_sub(CONTEXT_LINES).max(1);
        let last = (start.line + CONTEXT_LINES).min(lines.line_count());
        let (mut mark_start, mut mark_length) = (0, 0);
        let mut texts = Vec::new();
        for number in first..=last {
            let line = Span::new(
                lines.line_start(number),
                lines.line_start(number) + lines.line(number).len(),
            );
            let mark = if number == start.line {
                Span::new(
                    (span.start.max(line.start)) as usize,
                    span.end.clamp(line.start, line.end) as usize,
                )
            } else {
                Span::at(line.start as usize)
            };
            let masked = Masked::new(lines.text(), line, mark, secrets);
            if number == start.line {
                mark_start = masked.column(mark.start);
                mark_length = masked.column(mark.end) - mark_start;
            }
            texts.push(masked.text);
        }
        Self {
            first,
            text: texts.join("\n").into(),
            marked_line: start.line,
            mark_start,
            mark_length,
        }
    }

    /// The lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (self.first..).zip(self.text.split('\n'))
    }
}

/// A part of a line with masked secrets.
struct Masked {
    text: String,
    /// For each character, its original byte offset in the file.
    origins: Vec<u32>,
}

impl Masked {
    /// The part of `line` around `mark`. The rest is not read, because a minified file can be one
    /// very long line.
    fn new(source: &str, line: Span, mark: Span, secrets: &[Span]) -> Self {
        let from = source
            .floor_char_boundary((mark.start as usize).saturating_sub(KEPT_BYTES))
            .max(line.start as usize);
        let to = source
            .floor_char_boundary(
                (mark.end as usize).min(mark.start as usize + KEPT_BYTES) + KEPT_BYTES,
            )
            .min(line.end as usize);
        let mut masked = Self {
            text: String::new(),
            origins: Vec::new(),
        };
        if from > line.start as usize {
            masked.push('…', from);
        }
        let first = secrets.partition_point(|secret| secret.end as usize <= from);
        let mut secrets = secrets[first..].iter().peekable();
        let mut masked_to = from;
        for (at, character) in source[from..to].char_indices() {
            let offset = from + at;
            while let Some(secret) = secrets.next_if(|secret| secret.start as usize <= offset) {
                MASK.chars().for_each(|c| masked.push(c, offset));
                masked_to = secret.end as usize;
            }
            if masked_to <= offset {
                masked.push(character, offset);
            }
        }
        if to < line.end as usize {
            masked.push('…', to);
        }
        masked
    }

    fn push(&mut self, character: char, origin: usize) {
        self.text.push(character);
        self.origins.push(origin as u32);
    }

    /// The number of characters before a byte offset of the file.
    fn column(&self, offset: u32) -> usize {
        self.origins.partition_point(|&origin| origin < offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(source: &str, mark: &str, secrets: &[&str]) -> (String, String) {
        let span = |text: &str| {
            let at = source.find(text).unwrap();
            Span::new(at, at + text.len())
        };
        let secrets: Vec<Span> = secrets.iter().map(|secret| span(secret)).collect();
        let excerpt = Excerpt::new(&LineIndex::new(source), span(mark), &secrets);
        let (_, line) = excerpt
            .lines()
            .find(|(number, _)| *number == excerpt.marked_line)
            .unwrap();
        let marked = line
            .chars()
            .skip(excerpt.mark_start)
            .take(excerpt.mark_length)
            .collect();
        (line.to_owned(), marked)
    }

    #[test]
    fn mark_is_correct_after_masking() {
        let (line, marked) = excerpt("<k>abc</k><v>ü</v>\n", "<v>ü</v>", &["abc"]);
        assert_eq!(
            (line.as_str(), marked.as_str()),
            ("<k>[masked]</k><v>ü</v>", "<v>ü</v>")
        );
        let (line, _) = excerpt("a secret b", "b", &["sec", "ret"]);
        assert_eq!(line, "a [masked][masked] b");
    }

    #[test]
    fn long_lines_are_cut() {
        let source = format!("{}<v>x</v>{}", "ü".repeat(5_000), "é".repeat(5_000));
        let (line, marked) = excerpt(&source, "<v>x</v>", &[]);
        assert_eq!(marked, "<v>x</v>");
        assert!(line.len() < 4 * KEPT_BYTES, "{}", line.len());
        assert!(line.starts_with('…') && line.ends_with('…'));
    }
}
