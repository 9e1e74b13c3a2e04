//! The formats of reports.

use super::context::Context;
use super::{agent, concise, github, gitlab, html, json, junit, markdown, pretty, sarif};
use crate::finding::Detail;

/// A report format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal: source, evidence, and what to do.
    Pretty,
    /// One line per finding.
    Concise,
    /// Everything, for programs.
    Json,
    /// JSON lines: one finding per line.
    Jsonl,
    /// For coding agents: each finding with its exact edit.
    Agent,
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
    /// An HTML report to share: apps by rule, and all findings.
    Html,
}

impl Format {
    /// Whether the format shows what an audit needs to know about the run.
    pub fn shows_evidence(self) -> bool {
        matches!(self, Self::Html | Self::Jsonl)
    }

    /// What the format needs to know about a finding.
    pub fn detail(self) -> Detail {
        Detail {
            excerpts: matches!(self, Self::Pretty | Self::Html | Self::Markdown),
            line_hashes: self == Self::Sarif,
            posture: matches!(self, Self::Html | Self::Jsonl),
            skipped: self == Self::Json,
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
        Format::Jsonl => json::render_lines(context),
        Format::Agent => agent::render(context),
        Format::Sarif => sarif::render(context),
        Format::Github => github::render(context),
        Format::Gitlab => gitlab::render(context),
        Format::Junit => junit::render(context),
        Format::Markdown => markdown::render(context),
        Format::Html => html::render(context),
    }
}
