//! The formats of the report on many repositories.

use super::{csv, json, markdown, terminal};
use crate::merge::MergedReport;
use crate::output::html;
use crate::output::style::Style;

/// A format of the report on many repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum MergedFormat {
    /// For a terminal.
    Pretty,
    /// For job summaries.
    Markdown,
    /// Everything, for programs.
    Json,
    /// A table with a row per repository, for spreadsheets.
    Csv,
    /// An HTML report to share.
    Html,
}

/// Renders a report on many repositories.
pub(crate) fn render_merged(format: MergedFormat, report: &MergedReport, style: &Style) -> String {
    match format {
        MergedFormat::Pretty => terminal::render(report, style),
        MergedFormat::Markdown => markdown::render(report),
        MergedFormat::Json => json::render(report),
        MergedFormat::Csv => csv::render(report),
        MergedFormat::Html => html::render_merged(report),
    }
}
