//! Evidence, and the cached result of a condition.

use super::truth::Truth;
use crate::finding::UnknownReason;
use crate::xml::Span;

/// A location that makes a condition true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The file's position in the component index; `None` for the file under check.
    pub component: Option<usize>,
    pub span: Span,
    pub label: Option<String>,
}

/// The maximum number of evidence locations. Code scanning keeps a hundred.
pub(super) const MAX_EVIDENCE: usize = 20;

/// The evidence that can be shown: each location once, and one more than is shown, because one of them can
/// be the primary location of a finding.
pub(super) fn first_distinct(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    let mut distinct: Vec<Evidence> = Vec::new();
    for one in evidence.drain(..) {
        if distinct.len() > MAX_EVIDENCE {
            break;
        }
        let is_known =
            |known: &Evidence| (known.component, known.span) == (one.component, one.span);
        if !distinct.iter().any(is_known) {
            distinct.push(one);
        }
    }
    distinct
}

/// The result of a condition.
pub(super) struct Evaluated {
    pub truth: Truth,
    pub evidence: Vec<Evidence>,
    /// What makes a requirement about the number of elements false.
    pub counterexamples: Vec<Evidence>,
    pub reason: Option<UnknownReason>,
    pub missing: Option<UnknownReason>,
    pub uses_changed: bool,
}

/// How many elements of other components satisfy a condition.
pub(super) struct Tally {
    /// So many are known to.
    pub least: usize,
    /// So many do, if all those do that are unknown.
    pub most: usize,
    /// The elements that satisfy it.
    pub evidence: Vec<Evidence>,
    pub reason: Option<UnknownReason>,
    pub uses_changed: bool,
}
