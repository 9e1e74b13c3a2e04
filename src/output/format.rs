//! The formats of reports.

use std::io::{self, BufWriter, Write};

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
    let mut text = Vec::new();
    write(format, context, &mut text).expect("writing to memory does not fail");
    String::from_utf8(text).expect("reports are UTF-8")
}

/// Writes a report in parts, because it can be larger than the findings.
///
/// # Errors
/// `out` cannot be written to.
pub(crate) fn write(format: Format, context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    match format {
        Format::Pretty => pretty::write(context, &mut out),
        Format::Concise => concise::write(context, &mut out),
        Format::Json => json::write(context, &mut out),
        Format::Jsonl => json::write_lines(context, &mut out),
        Format::Agent => agent::write(context, &mut out),
        Format::Sarif => sarif::write(context, &mut out),
        Format::Github => github::write(context, &mut out),
        Format::Gitlab => gitlab::write(context, &mut out),
        Format::Junit => junit::write(context, &mut out),
        Format::Markdown => out.write_all(markdown::render(context).as_bytes()),
        Format::Html => html::write(context, &mut out),
    }?;
    out.flush()
}
