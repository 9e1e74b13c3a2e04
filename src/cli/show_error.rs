//! Errors on stderr.

use miette::{GraphicalReportHandler, Report};

use super::terminal::{Stream, say, style};

/// Prints an error with its source, in the style of the terminal.
pub(crate) fn show_error(error: &Report) {
    let style = style(Stream::Stderr);
    let handler = GraphicalReportHandler::new_themed(style.theme())
        .with_width(style.width)
        .with_links(false);
    let mut text = String::new();
    if handler.render_report(&mut text, error.as_ref()).is_ok() {
        say(&text);
    } else {
        say(&format!("error: {error}\n"));
    }
}
