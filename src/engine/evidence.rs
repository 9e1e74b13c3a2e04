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

/// The result of a condition.
#[derive(Clone)]
pub(super) struct Evaluated {
    pub truth: Truth,
    pub evidence: Vec<Evidence>,
    pub reason: Option<UnknownReason>,
    pub uses_changed: bool,
}
