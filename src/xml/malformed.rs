//! Why a file is malformed, and where.

use crate::text::Span;

/// Why a file is malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Where.
    pub span: Span,
    /// What is wrong there, without a full stop.
    pub reason: String,
    /// A second place that explains the first, with a label.
    pub related: Option<(Span, String)>,
}

impl Malformed {
    /// `reason` at `span`.
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
