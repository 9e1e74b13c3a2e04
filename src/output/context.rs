//! What every renderer gets.

use std::path::Path;

use super::evidence::Evidence;
use super::listing::Listing;
use super::style::Style;
use super::view::ReportView;
use crate::finding::{DatedException, ExitStatus, ExpiredException, Relaxations};
use crate::rule::{RuleSet, Severity};

/// A report, and what is known about its run.
pub struct Context<'a> {
    pub report: ReportView<'a>,
    pub rules: &'a RuleSet,
    pub run: &'a RunInfo,
    pub style: &'a Style,
    pub working_directory: &'a Path,
}

/// Where a report is made, which decides what its reader can do with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MadeIn {
    #[default]
    Program,
    /// The page in the browser, where the user changed the texts of this many files.
    Page { changed_files: usize },
}

/// What a report says about its run beyond the findings.
#[derive(Debug, Clone)]
pub struct RunInfo {
    pub status: ExitStatus,
    /// The lowest severity that fails the run; `None` if no finding does.
    pub fail_on: Option<Severity>,
    /// The lowest severity that is shown.
    pub min_severity: Severity,
    /// The run fails because a rule could not be checked.
    pub fails_unchecked: bool,
    /// Settings and ignore files of the repository did not apply.
    pub is_audit: bool,
    /// What the settings turn off or lower.
    pub relaxations: Relaxations,
    /// Expired exceptions that have findings.
    pub expired_exceptions: Vec<ExpiredException>,
    /// The exceptions of the config that have an expiry date.
    pub dated_exceptions: Vec<DatedException>,
    /// The run covers the whole project.
    pub is_whole: bool,
    /// What the formats for people list.
    pub listing: Listing,
    /// Where a browser finds the files of this commit; a path of the report is appended to it.
    pub source_url: Option<String>,
    pub made_in: MadeIn,
    /// What an audit needs to know, if a report shows it.
    pub evidence: Option<Evidence>,
}

impl RunInfo {
    /// The information about a run with the default settings.
    pub fn new(status: ExitStatus) -> Self {
        Self {
            status,
            fail_on: Some(Severity::Low),
            min_severity: Severity::Low,
            fails_unchecked: false,
            is_audit: false,
            relaxations: Relaxations::default(),
            expired_exceptions: Vec::new(),
            dated_exceptions: Vec::new(),
            is_whole: true,
            listing: Listing::default(),
            source_url: None,
            made_in: MadeIn::default(),
            evidence: None,
        }
    }
}
