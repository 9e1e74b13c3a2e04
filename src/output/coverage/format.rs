//! The formats of the coverage report.

use super::{json, markdown, terminal};
use crate::output::context::Context;
use crate::output::control_results::{control_results, published_results};
use crate::rule_docs::ControlList;

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

/// Renders the results of all published controls, and of those in another list. The report needs a posture.
pub fn render_coverage<'a>(
    format: CoverageFormat,
    context: &Context<'a>,
    others: Option<&'a ControlList>,
) -> String {
    let mut sources = published_results(context);
    sources.extend(
        others
            .into_iter()
            .flat_map(|it| control_results(context, it)),
    );
    match format {
        CoverageFormat::Text => terminal::render(context, &sources),
        CoverageFormat::Markdown => markdown::render(&sources),
        CoverageFormat::Json => json::render(context, &sources),
    }
}
