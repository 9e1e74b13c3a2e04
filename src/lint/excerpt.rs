//! The lines of source around a place, with secrets masked.
//!
//! In: a file's lines and a span. Out: an [`Excerpt`], which outlives the file's text. Columns
//! count characters, so that a renderer may exchange single characters without moving the mark.

use super::secret::MASK;
use crate::xml::{LineIndex, Span};

/// Lines shown before and behind the place.
const CONTEXT_LINES: usize = 1;

/// Characters kept of a line on either side of what is marked in it.
const KEPT_CHARACTERS: usize = 400;

/// One line of an [`Excerpt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcerptLine {
    /// Its number, from 1.
    pub number: usize,
    /// Its text, secrets masked.
    pub text: String,
}

/// Source around a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines in order.
    pub lines: Vec<ExcerptLine>,
    /// Number of the marked line; of a longer span only the first line is marked.
    pub marked_line: usize,
    /// Characters before the mark in that line.
    pub mark_start: usize,
    /// Characters in the mark.
    pub mark_length: usize,
}

impl Excerpt {
    /// Cuts out the lines around `span`. `secrets` are spans in ascending order.
    pub fn new(lines: &LineIndex<'_>, span: Span, secrets: &[Span]) -> Self {
        let start = lines.position(span.start as usize);
        let first = start.line.saturating_sub(CONTEXT_LINES).max(1);
        let last = (start.line + CONTEXT_LINES).min(lines.line_count());
        let mut excerpt = Self {
            lines: Vec::new(),
            marked_line: start.line,
            mark_start: 0,
            mark_length: 0,
        };
        for number in first..=last {
            let line_start = lines.line_start(number);
            let line = lines.line(number);
            let masked = Masked::new(line, line_start, secrets);
            let (mut from, mut to) = (0, masked.len());
            if number == start.line {
                let mark_start = masked.column((span.start as usize).saturating_sub(line_start));
                let in_line = (span.end as usize).min(line_start + line.len());
                let mark_end = masked.column(in_line.saturating_sub(line_start));
                from = mark_start.saturating_sub(KEPT_CHARACTERS);
                to = (mark_end + KEPT_CHARACTERS).min(masked.len());
                excerpt.mark_start = mark_start - from;
                excerpt.mark_length = mark_end.saturating_sub(mark_start);
            } else {
                to = to.min(KEPT_CHARACTERS);
            }
            excerpt.lines.push(ExcerptLine {
                number,
                text: masked.slice(from, to),
            });
        }
        excerpt
    }
}

/// A line whose secrets are masked, which still knows its columns.
struct Masked {
    characters: Vec<char>,
    /// For each of them the byte offset in the line that it came from.
    origins: Vec<usize>,
}

impl Masked {
    fn new(line: &str, line_start: usize, secrets: &[Span]) -> Self {
        let mut masked = Self {
            characters: Vec::new(),
            origins: Vec::new(),
        };
        let mut masking = None;
        for (at, character) in line.char_indices() {
            let offset = line_start + at;
            let secret = secrets
                .iter()
                .position(|secret| secret.range().contains(&offset));
            if secret.is_none() {
                masked.characters.push(character);
                masked.origins.push(at);
            } else if secret != masking {
                masked.characters.extend(MASK.chars());
                masked.origins.extend(MASK.chars().map(|_| at));
            }
            masking = secret;
        }
        masked
    }

    fn len(&self) -> usize {
        self.characters.len()
    }

    /// Characters before the byte offset `at` of the line.
    fn column(&self, at: usize) -> usize {
        self.origins.partition_point(|&origin| origin < at)
    }

    fn slice(&self, from: usize, to: usize) -> String {
        let mut text = String::new();
        if from > 0 {
            text.push('…');
        }
        // The ellipsis takes the place of one character, so that the columns stay.
        text.extend(&self.characters[(from + usize::from(from > 0)).min(to)..to]);
        if to < self.len() {
            text.push('…');
        }
        text
    }
}
