//! The formats of a comparison.

use super::view::ComparisonReport;
use super::{html, json, markdown, terminal};
use crate::output::paragraph::wrapped_lines;

/// A format of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ComparisonFormat {
    /// For a terminal.
    Pretty,
    /// For comments on pull requests.
    Markdown,
    /// For programs.
    Json,
    /// A page to share.
    Html,
}

/// Renders a comparison. Lines for a terminal are wrapped if its `width` is known.
pub(crate) fn render_comparison(
    format: ComparisonFormat,
    report: &ComparisonReport<'_>,
    width: Option<usize>,
) -> String {
    match (format, width) {
        (ComparisonFormat::Pretty, Some(width)) => wrapped_lines(&terminal::render(report), width),
        (ComparisonFormat::Pretty, None) => terminal::render(report),
        (ComparisonFormat::Markdown, _) => markdown::render(report),
        (ComparisonFormat::Json, _) => json::render(report),
        (ComparisonFormat::Html, _) => html::render(report),
    }
}
