//! The formats of a comparison.

use super::view::ComparisonReport;
use super::{html, json, markdown, terminal};

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

/// Renders a comparison.
pub(crate) fn render_comparison(format: ComparisonFormat, report: &ComparisonReport<'_>) -> String {
    match format {
        ComparisonFormat::Pretty => terminal::render(report),
        ComparisonFormat::Markdown => markdown::render(report),
        ComparisonFormat::Json => json::render(report),
        ComparisonFormat::Html => html::render(report),
    }
}
