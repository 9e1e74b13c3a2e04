//! Findings as text.
//!
//! In: a [`Report`] and the rules behind it. Out: one of the [`Format`]s, as a string. Every
//! renderer is a pure function; what scanned files say comes out inert.

use super::pretty::Style;
use super::{concise, github, gitlab, html, json, junit, markdown, pretty, sarif};

use std::path::Path;

use crate::config::{ExitStatus, Policy};
use crate::finding::Detail;
use crate::finding::{Finding, Fix, Report};
use crate::project::slashed;
use crate::rule::RuleSet;

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

/// What a report is written for, beyond its findings.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// How the run ends.
    pub status: ExitStatus,
    /// Where a browser finds the files of this commit; a path of the report goes behind it.
    pub source_url: Option<String>,
}

/// Renders a report.
pub fn render(
    format: Format,
    report: &Report,
    rules: &RuleSet,
    policy: &Policy,
    style: &Style,
    working_directory: &Path,
    occasion: &Occasion,
) -> String {
    match format {
        Format::Pretty => pretty::render(report, rules, style, working_directory),
        Format::Concise => concise::render(report, working_directory),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report, rules),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Junit => junit::render(report, rules),
        Format::Markdown => markdown::render(report, rules, occasion),
        Format::Html => html::render(report, rules, policy),
    }
}

/// How to apply a fix, and what has to be done before that.
pub(crate) fn fix_line(fix: &Fix) -> String {
    match fix.applicability.rollout() {
        Some(rollout) => format!("fix: forcelint check --fix=all, after a roll-out. {rollout}"),
        None => "fix: forcelint check --fix; no client notices it here.".to_owned(),
    }
}

/// What keeps a finding from counting, and until when.
pub(crate) fn suppression_reason(finding: &Finding) -> String {
    let Some(suppression) = &finding.suppressed else {
        return String::new();
    };
    let mut text = suppression.kind.name().to_owned();
    for (before, part) in [
        (": ", &suppression.reason),
        (", until ", &suppression.expires),
        (", owner: ", &suppression.owner),
    ] {
        if let Some(part) = part {
            text.push_str(before);
            text.push_str(part);
        }
    }
    text
}

/// A finding that does not count, in a line.
pub(crate) fn suppression_line(finding: &Finding) -> String {
    format!(
        "{}:{}: {}[{}] {} ({})",
        finding.location.path,
        finding.location.start.line,
        finding.severity,
        finding.rule,
        finding.headline,
        suppression_reason(finding)
    )
}

/// A finding's file as people at this working directory open it.
pub(crate) fn path_from(working_directory: &Path, finding: &Finding) -> String {
    relative(working_directory, &finding.file.path)
}

/// `path` relative to the working directory, with `/`.
pub(crate) fn relative(working_directory: &Path, path: &Path) -> String {
    if let Ok(below) = path.strip_prefix(working_directory)
        && !below.as_os_str().is_empty()
    {
        return slashed(below);
    }
    match pathdiff::diff_paths(path, working_directory) {
        Some(relative) => slashed(&relative),
        None => slashed(path),
    }
}
