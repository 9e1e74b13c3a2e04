//! Why a file is malformed, and where.

use crate::text::Span;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub span: Span,
    /// What is wrong there, without a period.
    pub reason: String,
    /// A second location that explains the first, with a label.
    pub related: Option<(Span, String)>,
}

impl Malformed {
    pub fn new(span: Span, reason: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
            related: None,
        }
    }

    pub(super) fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }
}
