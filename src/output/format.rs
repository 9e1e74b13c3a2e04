//! The formats of reports.

use super::context::Context;
use super::{concise, github, gitlab, html, json, junit, markdown, pretty, sarif};
use crate::finding::Detail;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people at a terminal: the source, the evidence, and what to do.
    Pretty,
    /// A line a finding.
    Concise,
    /// Everything, for programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions: annotations.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit XML: a suite for each rule.
    Junit,
    /// For job summaries and comments on pull requests.
    Markdown,
    /// A page for people who look rather than read: the apps against the rules, and all findings.
    Html,
}

impl Format {
    /// What the format needs of a finding.
    pub fn detail(self) -> Detail {
        Detail {
            excerpts: matches!(self, Self::Pretty | Self::Html),
            line_hashes: self == Self::Sarif,
            posture: self == Self::Html,
            ..Detail::default()
        }
    }
}

/// Renders a report.
pub fn render(format: Format, context: &Context<'_>) -> String {
    match format {
        Format::Pretty => pretty::render(context),
        Format::Concise => concise::render(context),
        Format::Json => json::render(context),
        Format::Sarif => sarif::render(context),
        Format::Github => github::render(context),
        Format::Gitlab => gitlab::render(context),
        Format::Junit => junit::render(context),
        Format::Markdown => markdown::render(context),
        Format::Html => html::render(context),
    }
}
