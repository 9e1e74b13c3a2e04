//! The source lines below a finding: segments of files, cut to the width of the terminal, in one text for
//! miette.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use unicode_width::UnicodeWidthChar;

use crate::output::view::{ExcerptView, LocationView};
use crate::text::ScannedText;

/// Columns that miette takes for line numbers and frame.
const FRAME: usize = 9;
/// A label gets at least this many columns.
const MIN_LABEL: usize = 20;

/// A location whose source is shown.
pub(super) struct SourceLocation<'a> {
    pub(super) location: LocationView<'a>,
    pub(super) label: ScannedText<'a>,
    /// Sanitized.
    pub(super) path: String,
}

/// A run of consecutive lines of one file.
#[derive(Debug)]
struct Segment {
    path: String,
    /// The lines with their ends.
    text: String,
    /// For each line its number in the file and its offset in `text`.
    lines: Vec<(usize, usize)>,
    /// For each mark its offset in `text` and its column in the file, from 0.
    marks: Vec<(usize, usize)>,
}

/// The source of one finding: segments of one or more files, one after the other.
#[derive(Debug, Default)]
pub(super) struct Segments {
    segments: Vec<Segment>,
}

impl Segments {
    /// Lays out the locations, the primary one first, and returns the labels under them.
    pub(super) fn new(locations: &[SourceLocation<'_>], width: usize) -> (Self, Vec<LabeledSpan>) {
        let room = width.saturating_sub(FRAME);
        let mut order: Vec<usize> = (0..locations.len()).collect();
        let primary_path = locations[0].location.path();
        order.sort_by_key(|&at| {
            let location = locations[at].location;
            let path = location.path();
            (path != primary_path, path, location.start().offset)
        });
        let mut segments = Self::default();
        let mut marks = Vec::new();
        for at in order {
            let SourceLocation {
                location,
                label,
                path,
            } = &locations[at];
            let Some(excerpt) = location.excerpt() else {
                continue;
            };
            let mark = segments.add(excerpt, path, location.start().column - 1, room);
            marks.push((at, label, mark));
        }
        let labels = marks
            .into_iter()
            .map(|(at, label, mark)| {
                let span = segments.span(&mark);
                let beside = mark.start + mark.length / 2 + FRAME;
                let room = width.saturating_sub(beside).max(MIN_LABEL);
                let options = textwrap::Options::new(room).break_words(false);
                let label = Some(textwrap::wrap(&label.one_line(), options).join("\n"));
                if at == 0 {
                    LabeledSpan::new_primary_with_span(label, span)
                } else {
                    LabeledSpan::new_with_span(label, span)
                }
            })
            .collect();
        (segments, labels)
    }

    fn add(&mut self, excerpt: ExcerptView<'_>, path: &str, column: usize, room: usize) -> Mark {
        let mut mark = Mark {
            segment: 0,
            line: excerpt.marked_line(),
            start: excerpt.mark_start(),
            length: excerpt.mark_length(),
        };
        let mut is_whole = true;
        let mut lines = Vec::new();
        for (number, text) in excerpt.lines() {
            let characters: Vec<char> = text.one_line().chars().collect();
            let mut from = 0;
            let columns =
                |characters: &[char]| -> usize { characters.iter().copied().map(columns_of).sum() };
            if number == excerpt.marked_line() && columns(&characters) > room {
                is_whole = false;
                let end = (mark.start + mark.length).min(characters.len());
                if columns(&characters[..end]) > room {
                    // Enough of what is before the mark to see where it is.
                    from = mark
                        .start
                        .saturating_sub(room / 4)
                        .min(characters.len() - 1);
                }
                mark.start -= from;
                mark.length = mark.length.min(room.saturating_sub(mark.start + 1)).max(1);
            }
            lines.push((number, clip(&characters, from, room)));
        }
        let first = excerpt.lines().next().map_or(0, |(number, _)| number);
        let joins = self.segments.last().is_some_and(|last| {
            let is_new = mark.line > last.last_line();
            last.path == path && first <= last.last_line() + 1 && (is_new || is_whole)
        });
        if !joins {
            self.segments.push(Segment {
                path: path.to_owned(),
                text: String::new(),
                lines: Vec::new(),
                marks: Vec::new(),
            });
        }
        mark.segment = self.segments.len() - 1;
        if let Some(segment) = self.segments.last_mut() {
            for (number, line) in lines {
                if number > segment.last_line() {
                    segment.push(number, &line);
                }
            }
        }
        let start = self.offset(&mark, mark.start);
        if let Some(segment) = self.segments.last_mut() {
            segment.marks.push((start, column));
        }
        mark
    }

    /// The offset of a character of the marked line in the text of its segment.
    fn offset(&self, mark: &Mark, characters: usize) -> usize {
        let segment = &self.segments[mark.segment];
        let begin = segment
            .lines
            .iter()
            .find(|(number, _)| *number == mark.line)
            .map_or(0, |(_, begin)| *begin);
        let line = segment.text[begin..].split('\n').next().unwrap_or_default();
        let in_line = line.char_indices().nth(characters);
        begin + in_line.map_or(line.len(), |(at, _)| at)
    }

    /// The span of the mark in all segments together.
    fn span(&self, mark: &Mark) -> SourceSpan {
        let base: usize = self.segments[..mark.segment]
            .iter()
            .map(|segment| segment.text.len())
            .sum();
        let start = self.offset(mark, mark.start);
        let end = self.offset(mark, mark.start + mark.length);
        SourceSpan::from((base + start, end - start))
    }
}

/// Columns that a character takes.
fn columns_of(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Where a label goes.
struct Mark {
    segment: usize,
    line: usize,
    /// In characters.
    start: usize,
    length: usize,
}

/// The characters starting with `from` that fit in `room` columns, with an ellipsis on each truncated
/// side.
fn clip(characters: &[char], from: usize, room: usize) -> String {
    let mut columns = 0;
    let fitting = characters[from..].iter().take_while(|&&character| {
        columns += columns_of(character);
        columns <= room
    });
    let to = from + fitting.count();
    let mut shown: Vec<char> = characters[from.min(to)..to].to_vec();
    if from > 0
        && let Some(first) = shown.first_mut()
    {
        *first = '…';
    }
    if to < characters.len()
        && let Some(last) = shown.last_mut()
    {
        *last = '…';
    }
    shown.into_iter().collect()
}

impl SourceCode for Segments {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_before: usize,
        context_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let mut base = 0;
        for segment in &self.segments {
            let behind = base + segment.text.len();
            if start < behind {
                if end >= behind {
                    // Two segments are never shown as one.
                    return Err(MietteError::OutOfBounds);
                }
                let contents = segment.read(
                    base,
                    start - base,
                    end - base,
                    context_before,
                    context_after,
                );
                return Ok(Box::new(contents));
            }
            base = behind;
        }
        Err(MietteError::OutOfBounds)
    }
}

impl Segment {
    fn push(&mut self, number: usize, line: &str) {
        self.lines.push((number, self.text.len()));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn last_line(&self) -> usize {
        self.lines.last().map_or(0, |(number, _)| *number)
    }

    /// The lines around `start..end`, offsets into this segment's text.
    fn read(
        &self,
        base: usize,
        start: usize,
        end: usize,
        before: usize,
        after: usize,
    ) -> MietteSpanContents<'_> {
        let line_of = |offset: usize| self.lines.partition_point(|&(_, begin)| begin <= offset) - 1;
        let first = line_of(start).saturating_sub(before);
        let last = (line_of(end) + after).min(self.lines.len() - 1);
        let begin = self.lines[first].1;
        let finish = self
            .lines
            .get(last + 1)
            .map_or(self.text.len(), |&(_, begin)| begin);
        let mark = self.marks.iter().find(|(offset, _)| *offset == start);
        MietteSpanContents::new_named(
            self.path.clone(),
            &self.text.as_bytes()[begin..finish],
            SourceSpan::from((base + begin, finish - begin)),
            self.lines[first].0 - 1,
            mark.map_or(0, |(_, column)| *column),
            last - first + 1,
        )
    }
}
