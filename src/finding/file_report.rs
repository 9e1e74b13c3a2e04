//! The results for one file.

use super::finding::Finding;
use super::more_findings::MoreFindings;
use super::not_checked::NotChecked;
use super::not_shown::NotShown;
use super::posture::Posture;

/// The results for one file.
#[derive(Debug, Default)]
pub struct FileReport {
    /// In the order of the checks.
    pub findings: Vec<Finding>,
    /// Those beyond the limit.
    pub more: Vec<MoreFindings>,
    /// Findings below the lowest severity that reports need.
    pub not_shown: NotShown,
    pub not_checked: Vec<NotChecked>,
    /// Empty unless a report needs it.
    pub posture: Posture,
    /// Why some inline comments have no effect.
    pub notes: Vec<String>,
}
