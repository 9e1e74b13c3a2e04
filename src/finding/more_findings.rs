//! Findings that are counted and not listed.
//!
//! A file can have more findings than a user can read, and a hostile one so many that they would fill the memory.

use std::path::PathBuf;
use std::sync::Arc;

use super::location::Location;
use super::suppression::Suppression;
use crate::project::SourceFile;
use crate::rule::Severity;

/// The most findings of one rule in one file that a report lists.
pub(crate) const MAX_LISTED: usize = 1_000;

/// Findings of one rule and severity in one file, beyond the listed ones. They fail the run, and `--fix` fixes
/// them.
#[derive(Debug, Clone)]
pub struct MoreFindings {
    /// The rule's id.
    pub rule: String,
    pub severity: Severity,
    pub file: SourceFile,
    /// The location of the first one.
    pub location: Location,
    pub count: usize,
    /// Why they are suppressed, if they are.
    pub suppressed: Option<Suppression>,
}

impl MoreFindings {
    /// The key for the order in a report.
    pub(crate) fn sort_key(&self) -> (Arc<str>, PathBuf, String, usize) {
        let start = self.location.start.offset;
        let path = self.file.path.clone();
        (self.location.path.clone(), path, self.rule.clone(), start)
    }
}
