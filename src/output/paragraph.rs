//! Paragraphs that fit into the width of the terminal.

use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr;

/// A space at which no line breaks.
const FIXED_SPACE: char = '\u{a0}';

/// A part of a command, which stays on one line so that it can be copied.
pub(super) fn together(command: &str) -> String {
    command.replace(' ', &FIXED_SPACE.to_string())
}

/// The lines of a text. Addresses and paths stay whole.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let lines = textwrap::wrap(text, options(width));
    lines.iter().map(|line| harmless(line)).collect()
}

/// A paragraph whose first line starts with `first`, and the others with as many spaces.
pub(super) fn paragraph(first: &str, text: &str, width: usize) -> String {
    let rest = " ".repeat(first.width());
    let options = options(width)
        .initial_indent(first)
        .subsequent_indent(&rest);
    let lines = textwrap::wrap(text, options).into_iter();
    lines.map(|line| format!("{}\n", harmless(&line))).collect()
}

/// Lines, each with its continuation lines indented. Paths stay whole.
pub(super) fn wrapped_lines(text: &str, width: usize) -> String {
    let lines = text.lines().map(|line| {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        let text = paragraph(&" ".repeat(indent + 2), content, width.max(40));
        text.get(2..).unwrap_or("\n").to_owned()
    });
    lines.collect()
}

/// A line that no CI runner runs as a command. A name can contain `::` after a space.
fn harmless(line: &str) -> String {
    let line = line.replace(FIXED_SPACE, " ");
    let content = line.trim_start();
    if !content.starts_with("::") {
        return line;
    }
    let indent = line.len() - content.len();
    format!("{}\u{200b}{content}", &line[..indent])
}

fn options<'a>(width: usize) -> Options<'a> {
    Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}
