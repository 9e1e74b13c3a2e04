//! What there is to report about one file.

use super::finding::Finding;
use super::not_checked::NotChecked;
use super::posture::Posture;

/// What there is to report about one file.
#[derive(Debug, Default)]
pub struct FileReport {
    /// In the order of the checks.
    pub findings: Vec<Finding>,
    pub not_checked: Vec<NotChecked>,
    /// Empty unless a report shows it.
    pub posture: Posture,
    /// Inline comments that suppress nothing, and why.
    pub notes: Vec<String>,
}
