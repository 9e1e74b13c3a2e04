//! What every renderer gets.

use std::path::Path;

use super::style::Style;
use super::view::ReportView;
use crate::finding::{ExitStatus, ExpiredException};
use crate::rule::{RuleSet, Severity};

/// A report, and what is known about its run.
pub struct Context<'a> {
    pub report: ReportView<'a>,
    pub rules: &'a RuleSet,
    pub run: &'a RunInfo,
    pub style: &'a Style,
    pub working_directory: &'a Path,
}

/// What a report says about its run beyond the findings.
#[derive(Debug, Clone)]
pub struct RunInfo {
    pub status: ExitStatus,
    /// The lowest severity that fails the run; `None` if no finding does.
    pub fail_on: Option<Severity>,
    /// Expired exceptions whose findings are reported again.
    pub expired_exceptions: Vec<ExpiredException>,
    /// Where a browser finds the files of this commit; a path of the report is appended to it.
    pub source_url: Option<String>,
}
