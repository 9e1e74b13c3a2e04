//! Errors on stderr.

use std::fmt::{self, Display, Formatter};

use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, Report, SourceCode};

use super::terminal::{Stream, say, style};

/// Prints an error with its source, in the style of the terminal.
pub(crate) fn show_error(error: &Report) {
    let style = style(Stream::Stderr);
    let handler = GraphicalReportHandler::new_themed(style.theme())
        .with_width(style.width)
        .with_links(false);
    let mut text = String::new();
    if render(&handler, error.as_ref(), &mut text).is_ok() {
        say(&text);
    } else {
        say(&format!("error: {error}\n"));
    }
}

/// Renders an error, and then its parts one after the other. The handler would put a line `Error:`
/// before each part.
fn render(
    handler: &GraphicalReportHandler,
    error: &dyn Diagnostic,
    text: &mut String,
) -> fmt::Result {
    handler.render_report(text, &WithoutParts(error))?;
    for part in error.related().into_iter().flatten() {
        text.push('\n');
        render(handler, part, text)?;
    }
    Ok(())
}

/// An error without its parts.
#[derive(Debug)]
struct WithoutParts<'a>(&'a dyn Diagnostic);

impl Display for WithoutParts<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self.0, f)
    }
}

impl std::error::Error for WithoutParts<'_> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Diagnostic for WithoutParts<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.0.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }

    fn diagnostic_source(&self) -> Option<&dyn Diagnostic> {
        self.0.diagnostic_source()
    }
}
