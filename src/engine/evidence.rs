//! What the evaluation of a condition yields besides its truth.

use super::truth::Truth;
use crate::finding::UnknownReason;
use crate::xml::Span;

/// A place that a condition is based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The file's position in the component index; `None` for the file under check.
    pub component: Option<usize>,
    pub span: Span,
    pub label: Option<String>,
}

/// A condition that was evaluated.
#[derive(Clone)]
pub(super) struct Evaluated {
    pub truth: Truth,
    pub evidence: Vec<Evidence>,
    pub reason: Option<UnknownReason>,
    pub uses_changed: bool,
}
