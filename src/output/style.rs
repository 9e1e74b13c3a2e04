//! What a terminal can show, and the colors of forcelint.

use anstyle::{AnsiColor, Effects};
use miette::GraphicalTheme;

use crate::rule::Severity;

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether colors are allowed.
    pub color: bool,
    /// Whether lines and arrows beyond ASCII are allowed.
    pub unicode: bool,
    /// Whether the terminal shows hyperlinks.
    pub hyperlinks: bool,
}

/// The colors of reports. Critical and high differ, because they need different reactions.
pub(crate) const BOLD: anstyle::Style = anstyle::Style::new().effects(Effects::BOLD);
pub(crate) const DIM: anstyle::Style = anstyle::Style::new().effects(Effects::DIMMED);
pub(crate) const HELP: anstyle::Style = AnsiColor::Cyan.on_default();
pub(crate) const ADDED: anstyle::Style = AnsiColor::Green.on_default();
pub(crate) const REMOVED: anstyle::Style = AnsiColor::Red.on_default();

/// The color of a severity.
pub(crate) fn severity_color(severity: Severity) -> anstyle::Style {
    let color = match severity {
        Severity::Critical => AnsiColor::Magenta,
        Severity::High => AnsiColor::Red,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
        Severity::Info => AnsiColor::Blue,
    };
    color.on_default().effects(Effects::BOLD)
}

impl Style {
    /// miette's theme for the terminal.
    pub fn theme(&self) -> GraphicalTheme {
        match (self.unicode, self.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme::ascii(),
            (false, false) => GraphicalTheme::none(),
        }
    }

    /// The text in a color, if colors are allowed.
    pub(crate) fn paint(&self, color: anstyle::Style, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("{color}{text}{color:#}")
        } else {
            text.to_owned()
        }
    }

    /// The text as a link, if the terminal shows links. A URL comes from a rule, which may be a file of the
    /// scanned project.
    pub(crate) fn link(&self, url: &str, text: &str) -> String {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
        if self.hyperlinks && is_web && is_plain {
            format!("\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\")
        } else {
            text.to_owned()
        }
    }
}

/// A unified diff in the colors of git.
pub(crate) fn colored_patch(patch: &str, style: &Style) -> String {
    let lines = patch.split_inclusive('\n').map(|line| {
        let text = line.strip_suffix('\n').unwrap_or(line);
        let color = match text.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => BOLD,
            [b'@', b'@', ..] => HELP,
            [b'-', ..] => REMOVED,
            [b'+', ..] => ADDED,
            _ => return line.to_owned(),
        };
        format!("{}{}", style.paint(color, text), &line[text.len()..])
    });
    lines.collect()
}
