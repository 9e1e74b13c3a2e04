//! The source of a finding: a frame per file, with the lines of all its locations and a label for each.
//!
//! The excerpts have only the lines that are shown, with masked secrets, and a label has to fit into the width of
//! the terminal. That is why this is not left to a library that renders whole files.

use std::collections::BTreeMap;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::finding::RelatedKind;
use crate::output::context::Context;
use crate::output::paragraph::wrapped;
use crate::output::style::{DIM, HELP, Style, severity_color};
use crate::output::view::{FindingView, LocationView};

/// A label gets at least this many columns.
const MIN_LABEL: usize = 20;

/// A marked range of a line.
struct Mark {
    /// The line with its mark is cut to the width.
    line: String,
    /// Columns before the mark.
    start: usize,
    /// Columns in the mark.
    length: usize,
    label: String,
    is_primary: bool,
}

/// What is shown of a line.
#[derive(Default)]
struct Line {
    /// Empty if the line is only shown with its marks.
    text: String,
    marks: Vec<Mark>,
}

/// The lines of one file.
struct Frame {
    path: String,
    /// The line and column of the primary location or, in other files, of the first one.
    position: (usize, usize),
    lines: BTreeMap<usize, Line>,
}

/// The frames of a finding, indented like all details of a finding. `title` is the label of the primary location
/// if the finding has none. Without `neighbors`, only lines with a mark are shown.
pub(super) fn frames(
    finding: FindingView<'_>,
    title: &str,
    neighbors: bool,
    context: &Context<'_>,
) -> String {
    let mut frames = collect(finding, title, context);
    for frame in frames.iter_mut().filter(|_| !neighbors) {
        frame.lines.retain(|_, line| !line.marks.is_empty());
    }
    let last = frames.iter().filter_map(|frame| frame.lines.keys().last());
    let digits = last.max().map_or(1, |number| number.to_string().len());
    let color = severity_color(finding.severity());
    let painter = Painter {
        style: context.style,
        color,
        digits,
        has_end: neighbors,
    };
    frames.iter().map(|frame| painter.frame(frame)).collect()
}

fn collect(finding: FindingView<'_>, title: &str, context: &Context<'_>) -> Vec<Frame> {
    let room = room(context.style.width);
    let path = finding.path_from(context.working_directory);
    let path = path.one_line();
    let label = finding.label();
    let label = match label.is_empty() {
        true => title.to_owned(),
        false => label.one_line().into_owned(),
    };
    let mut frames: Vec<Frame> = Vec::new();
    add(&mut frames, finding.location(), &path, label, true, room);
    let primary = finding.location();
    for related in finding.related() {
        let location = related.location();
        let message = related.message();
        let label = match related.kind() {
            RelatedKind::Evidence => format!("evidence: {}", message.one_line()),
            RelatedKind::Cause => message.one_line().into_owned(),
        };
        if location.path() == primary.path() {
            add(&mut frames, location, &path, label, false, room);
        } else {
            let path = finding.related_path_from(location, context.working_directory);
            add(&mut frames, location, &path.one_line(), label, false, room);
        }
    }
    frames
}

/// Columns for source, behind the line number and the line of the frame.
fn room(width: usize) -> usize {
    width.saturating_sub(9).max(2 * MIN_LABEL)
}

/// Adds a location to the frame of its file.
fn add(
    frames: &mut Vec<Frame>,
    location: LocationView<'_>,
    path: &str,
    label: String,
    is_primary: bool,
    room: usize,
) {
    let at = match frames.iter().position(|frame| frame.path == path) {
        Some(at) => at,
        None => {
            frames.push(Frame {
                path: path.to_owned(),
                position: (location.start().line, location.start().column),
                lines: BTreeMap::new(),
            });
            frames.len() - 1
        }
    };
    let Some(excerpt) = location.excerpt() else {
        return;
    };
    let lines = &mut frames[at].lines;
    for (number, text) in excerpt.lines() {
        let text: Vec<char> = text.one_line().chars().collect();
        if number == excerpt.marked_line() {
            let (start, length) = (excerpt.mark_start(), excerpt.mark_length());
            let line = lines.entry(number).or_default();
            line.marks
                .push(mark(&text, start, length, label.clone(), is_primary, room));
        } else if is_primary {
            // The neighbors of evidence would only make the frame longer.
            lines.entry(number).or_default().text = clip(&text, 0, room);
        }
    }
}

/// The marked line, cut to `room` columns so that the start of the mark is in it.
fn mark(
    text: &[char],
    start: usize,
    length: usize,
    label: String,
    is_primary: bool,
    room: usize,
) -> Mark {
    let end = (start + length).min(text.len());
    let start = start.min(end);
    let mut from = 0;
    if columns(text) > room && columns(&text[..end]) > room {
        // Enough of what is before the mark to see where it is.
        from = start.saturating_sub(room / 4);
    }
    let before = columns(&text[from..start]);
    Mark {
        line: clip(text, from, room),
        start: before,
        length: columns(&text[start..end])
            .min(room.saturating_sub(before))
            .max(1),
        label,
        is_primary,
    }
}

fn columns(characters: &[char]) -> usize {
    characters.iter().map(|it| it.width().unwrap_or(0)).sum()
}

/// The characters starting with `from` that fit in `room` columns, with an ellipsis on each truncated side.
fn clip(characters: &[char], from: usize, room: usize) -> String {
    let mut used = 0;
    let fitting = characters[from..].iter().take_while(|it| {
        used += it.width().unwrap_or(0);
        used <= room
    });
    let to = from + fitting.count();
    let mut shown: Vec<char> = characters[from..to].to_vec();
    if let Some(first) = shown.first_mut().filter(|_| from > 0) {
        *first = '…';
    }
    if let Some(last) = shown.last_mut().filter(|_| to < characters.len()) {
        *last = '…';
    }
    shown.into_iter().collect::<String>().trim_end().to_owned()
}

struct Painter<'s> {
    style: &'s Style,
    /// Of the severity.
    color: anstyle::Style,
    /// Columns of line numbers.
    digits: usize,
    /// Whether the frame ends with a separate line.
    has_end: bool,
}

impl Painter<'_> {
    fn frame(&self, frame: &Frame) -> String {
        let (corner, side, gap, end) = match self.style.unicode {
            true => ("╭─", "│", "⋮", "╰─"),
            false => (",-", "|", ":", "`-"),
        };
        let indent = " ".repeat(self.digits + 3);
        let (line, column) = frame.position;
        let head = format!("{}:{line}:{column}", frame.path);
        let mut text = format!("{indent}{}[{head}]\n", self.dim(corner));
        let mut previous = None;
        for (&number, line) in &frame.lines {
            if previous.is_some_and(|previous| previous + 1 < number) {
                text.push_str(&format!("{indent}{}\n", self.dim(gap)));
            }
            previous = Some(number);
            let before = self.dim(&format!("  {number:>width$} {side}", width = self.digits));
            let mut shown = None;
            if line.marks.is_empty() {
                text.push_str(&format!("{before} {}\n", line.text));
            }
            for mark in &line.marks {
                if shown != Some(&mark.line) {
                    text.push_str(&format!("{before} {}\n", mark.line));
                    shown = Some(&mark.line);
                }
                for row in self.mark(mark) {
                    text.push_str(&format!(
                        "{indent}{} {row}\n",
                        self.dim(gap_side(self.style))
                    ));
                }
            }
        }
        if self.has_end {
            text.push_str(&format!("{indent}{}\n", self.dim(end)));
        }
        text
    }

    /// The mark with its label: beside it if there is room, else below.
    fn mark(&self, mark: &Mark) -> Vec<String> {
        let room = room(self.style.width);
        let (sign, color) = match mark.is_primary {
            true => ("^", self.color),
            false => ("-", HELP),
        };
        let sign = self.style.paint(color, &sign.repeat(mark.length));
        let row = format!("{}{sign}", " ".repeat(mark.start));
        let beside = mark.start + mark.length + 1;
        if beside + mark.label.width() <= room {
            let label = self.style.paint(color, &mark.label);
            return vec![format!("{row} {label}")];
        }
        let below = mark.start.min(room - MIN_LABEL);
        let labels = wrapped(&mark.label, room - below);
        let labels = labels.iter().map(|line| {
            let label = self.style.paint(color, line);
            format!("{}{label}", " ".repeat(below))
        });
        [row].into_iter().chain(labels).collect()
    }

    fn dim(&self, text: &str) -> String {
        self.style.paint(DIM, text)
    }
}

/// The line beside marks.
fn gap_side(style: &Style) -> &'static str {
    match style.unicode {
        true => "·",
        false => ".",
    }
}
