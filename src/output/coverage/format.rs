//! The formats of the coverage report.

use super::{json, markdown, terminal};
use crate::output::context::Context;

/// A format of the coverage report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CoverageFormat {
    /// For a terminal
    Text,
    /// Markdown
    Markdown,
    /// A JSON object
    Json,
}

/// Renders the results of all published controls. The report needs a posture.
pub fn render_coverage(format: CoverageFormat, context: &Context<'_>) -> String {
    match format {
        CoverageFormat::Text => terminal::render(context),
        CoverageFormat::Markdown => markdown::render(context),
        CoverageFormat::Json => json::render(context),
    }
}
