//! Findings as text.
//!
//! In: a [`Report`] and the rules behind it. Out: one of the [`Format`]s, as a string. Every
//! renderer is a pure function; what scanned files say comes out inert.

mod concise;
mod coverage;
mod example_text;
mod json;
mod pretty;
mod rule_page;
mod rule_text;
mod sarif;
mod summary;

use std::path::Path;

pub use crate::inert::{inert, inert_at_line_start};
pub use coverage::{
    ControlList, ControlSource, CoverageProblem, PUBLISHED, PublishedControl, coverage_page,
};
pub use example_text::{TestedRule, tested_rules, tests_summary};
pub use pretty::Style;
pub use rule_page::{rule_markdown, rule_page, rules_index};
pub use rule_text::{rule_json, rule_list_json, rule_table, rule_terminal};
pub use summary::{rollout_checklist, summary, summary_of_errors};

use crate::lint::{Detail, Finding, Report};
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
}

impl Format {
    /// What the format needs of a finding.
    pub fn detail(self) -> Detail {
        Detail {
            excerpts: self == Self::Pretty,
            line_hashes: self == Self::Sarif,
        }
    }
}

/// Renders a report.
pub fn render(
    format: Format,
    report: &Report,
    rules: &RuleSet,
    style: &Style,
    working_directory: &Path,
) -> String {
    match format {
        Format::Pretty => pretty::render(report, rules, style, working_directory),
        Format::Concise => concise::render(report, working_directory),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report, rules),
    }
}

/// A finding's file as people at this working directory open it.
fn path_from(working_directory: &Path, finding: &Finding) -> String {
    relative(working_directory, &finding.file.path)
}

/// `path` relative to the working directory, with `/`.
pub fn relative(working_directory: &Path, path: &Path) -> String {
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
