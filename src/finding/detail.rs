//! What reports need beyond the findings themselves.

use crate::rule::Severity;

/// What reports need beyond the findings themselves. It is not computed if no report needs it.
#[derive(Debug, Default, Clone, Copy)]
pub struct Detail {
    /// Source lines around every location.
    pub excerpts: bool,
    /// GitHub's line hashes.
    pub line_hashes: bool,
    /// Every rule's outcome for every app.
    pub posture: bool,
    /// Findings below this severity are not shown, and need no excerpts.
    pub least_severity: Option<Severity>,
}
