//! Data that only some reports need.

use crate::rule::Severity;

/// Data that only some reports need. It is computed only for them.
#[derive(Debug, Default, Clone, Copy)]
pub struct Detail {
    /// Source lines around every location.
    pub excerpts: bool,
    /// GitHub's line hashes.
    pub line_hashes: bool,
    /// The outcome of each rule for each app.
    pub posture: bool,
    /// Which files and folders were skipped.
    pub skipped: bool,
    /// Findings below this severity are not reported.
    pub lowest_severity: Option<Severity>,
    /// Findings that are not reported are kept, without texts: they show which exceptions and entries of the
    /// baseline still have an effect.
    pub keeps_unreported: bool,
}
