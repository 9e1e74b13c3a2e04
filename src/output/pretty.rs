//! For people at a terminal: title, component, source with the place and the evidence, why it
//! matters, what to do. Drawn by miette.
//!
//! Source lines come as excerpts with secrets masked. Here they are made inert, cut to the width
//! of the terminal around what is marked in them, and put one behind the other into a text of
//! which miette shows the parts.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, Severity as Tone, SourceCode, SourceSpan, SpanContents,
};

use unicode_width::UnicodeWidthChar;

use super::hidden::hidden_by;
use super::render::{fix_line, path_from, relative};
use crate::finding::{Excerpt, Finding, Location, Report};
use crate::rule::{RuleSet, Severity};
use crate::text::{inert, inert_at_line_start};

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Colours are allowed.
    pub colour: bool,
    /// Lines and arrows beyond ASCII are.
    pub unicode: bool,
}

impl Style {
    /// miette's theme for the terminal.
    pub fn theme(&self) -> GraphicalTheme {
        match (self.unicode, self.colour) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme::ascii(),
            (false, false) => GraphicalTheme::none(),
        }
    }
}

/// Columns that miette takes for line numbers and frame.
const FRAME: usize = 9;
/// A label gets at least this many columns.
const MIN_LABEL: usize = 20;
const MIN_WIDTH: usize = 40;

pub(crate) fn render(
    report: &Report,
    rules: &RuleSet,
    style: &Style,
    working_directory: &Path,
) -> String {
    let width = style.width.max(MIN_WIDTH);
    let handler = GraphicalReportHandler::new_themed(style.theme())
        .with_width(width)
        .with_links(false)
        .with_break_words(false)
        // Otherwise addresses are cut in two.
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
        .with_context_lines(1)
        .without_cause_chain();
    // What is the same for many findings is said once.
    let mut said: HashSet<String> = HashSet::new();
    report
        .shown()
        .into_iter()
        .map(|finding| {
            let rule = rules.find(&finding.rule);
            let (title, url) = rule.map_or(("", ""), |rule| (&rule.title, &rule.url));
            let mut help = help(finding, url);
            if !said.insert(help.clone()) {
                help = short_help(finding);
            }
            let diagnostic = Shown::new(finding, title, help, width, working_directory);
            let mut text = String::new();
            // Writing to a string cannot fail, and every label lies in the source.
            let _ = handler.render_report(&mut text, &diagnostic);
            text.push('\n');
            text
        })
        .collect()
}

/// A finding as miette takes it.
#[derive(Debug)]
struct Shown {
    code: String,
    message: String,
    help: String,
    severity: Severity,
    source: Segments,
    labels: Vec<LabeledSpan>,
}

impl Shown {
    fn new(
        finding: &Finding,
        title: &str,
        help: String,
        width: usize,
        working_directory: &Path,
    ) -> Self {
        let component = finding.component().to_string();
        let mut message = format!("{}\n{}.", inert(&component), inert(&finding.headline));
        for reason in &finding.reasons {
            message.push_str(&format!(" {reason}."));
        }
        if let Some(suppression) = &finding.suppressed {
            message.push_str(&format!("\nHidden by {}", hidden_by(suppression)));
        }
        let primary = if finding.label.is_empty() {
            title
        } else {
            &finding.label
        };
        let shown_path = inert(&path_from(working_directory, finding)).into_owned();
        let mut places = vec![(&finding.location, primary, shown_path.clone())];
        for related in &finding.related {
            let path = if related.location.path == finding.location.path {
                shown_path.clone()
            } else {
                other_path(finding, &related.location, working_directory)
            };
            places.push((&related.location, &related.message, path));
        }
        let (source, labels) = Segments::new(&places, width);
        Self {
            code: format!(
                "{}{}[{}]: {title}",
                if finding.suppressed.is_some() {
                    "hidden "
                } else {
                    ""
                },
                finding.severity,
                finding.rule
            ),
            message,
            help,
            severity: finding.severity,
            source,
            labels,
        }
    }
}

/// The path of evidence in another file of the same project, as seen from the working directory.
fn other_path(finding: &Finding, location: &Location, working_directory: &Path) -> String {
    let project = &finding.file.project;
    let base = project.git_root.as_ref().unwrap_or(&project.root);
    inert(&relative(working_directory, &base.join(&location.path))).into_owned()
}

fn help(finding: &Finding, url: &str) -> String {
    let mut lines = vec![inert_at_line_start(&finding.help)];
    if let Some(fix) = &finding.fix {
        lines.push(fix_line(fix));
    }
    lines.push(format!("more: forcelint explain {}", finding.rule));
    lines.push(url.to_owned());
    lines.join("\n")
}

/// For a finding whose help stands above already.
fn short_help(finding: &Finding) -> String {
    match finding.fix.as_ref().map(|fix| fix.applicability.rollout()) {
        Some(Some(_)) => "as above; fix: forcelint check --fix=all, after a roll-out".to_owned(),
        Some(None) => "as above; fix: forcelint check --fix".to_owned(),
        None => "as above".to_owned(),
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Tone> {
        Some(match self.severity {
            Severity::Critical | Severity::High => Tone::Error,
            Severity::Medium => Tone::Warning,
            Severity::Low | Severity::Info => Tone::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
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

/// The source of one finding: segments of one or more files, one behind the other.
#[derive(Debug, Default)]
struct Segments {
    segments: Vec<Segment>,
}

impl Segments {
    /// Lays out the places, the primary one first, and returns the labels under them.
    fn new(places: &[(&Location, &str, String)], width: usize) -> (Self, Vec<LabeledSpan>) {
        let room = width.saturating_sub(FRAME);
        let mut order: Vec<usize> = (0..places.len()).collect();
        let primary_path = &places[0].0.path;
        order.sort_by_key(|&at| {
            let location = places[at].0;
            (
                location.path != *primary_path,
                &location.path,
                location.start.offset,
            )
        });
        let mut segments = Self::default();
        let mut marks = Vec::new();
        for at in order {
            let (location, label, path) = &places[at];
            let Some(excerpt) = &location.excerpt else {
                continue;
            };
            let mark = segments.add(excerpt, path, location.start.column - 1, room);
            marks.push((at, *label, mark));
        }
        let labels = marks
            .into_iter()
            .map(|(at, label, mark)| {
                let span = segments.span(&mark);
                let beside = mark.start + mark.length / 2 + FRAME;
                let room = width.saturating_sub(beside).max(MIN_LABEL);
                let options = textwrap::Options::new(room).break_words(false);
                let label = Some(textwrap::wrap(&inert(label), options).join("\n"));
                if at == 0 {
                    LabeledSpan::new_primary_with_span(label, span)
                } else {
                    LabeledSpan::new_with_span(label, span)
                }
            })
            .collect();
        (segments, labels)
    }

    fn add(&mut self, excerpt: &Excerpt, path: &str, column: usize, room: usize) -> Mark {
        let mut mark = Mark {
            segment: 0,
            line: excerpt.marked_line,
            start: excerpt.mark_start,
            length: excerpt.mark_length,
        };
        let mut is_whole = true;
        let mut lines = Vec::new();
        for line in &excerpt.lines {
            let characters: Vec<char> = inert(&line.text).chars().collect();
            let mut from = 0;
            let columns =
                |characters: &[char]| -> usize { characters.iter().copied().map(columns_of).sum() };
            if line.number == excerpt.marked_line && columns(&characters) > room {
                is_whole = false;
                let end = (mark.start + mark.length).min(characters.len());
                if columns(&characters[..end]) > room {
                    // Enough of what stands before the mark to see where it is.
                    from = mark
                        .start
                        .saturating_sub(room / 4)
                        .min(characters.len() - 1);
                }
                mark.start -= from;
                mark.length = mark.length.min(room.saturating_sub(mark.start + 1)).max(1);
            }
            lines.push((line.number, clip(&characters, from, room)));
        }
        let first = excerpt.lines.first().map_or(0, |line| line.number);
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

    /// Where a character of the marked line stands in the text of its segment.
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

    /// Where the mark stands in all segments together.
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

/// The characters from `from` on, as many as fill `room` columns, with an ellipsis where others
/// follow or went before.
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
