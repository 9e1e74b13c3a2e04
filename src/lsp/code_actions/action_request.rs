//! Where code actions are requested, and of which kinds.

use std::ops::Range;

use gen_lsp_types as lsp;

use crate::finding::Finding;
use crate::lsp::client_capabilities::Capabilities;
use crate::lsp::document::{Document, Documents};
use crate::project::SourceFile;

/// A request for code actions.
pub(in crate::lsp) struct ActionRequest<'a> {
    pub document: &'a Document,
    /// The document as a metadata file.
    pub file: &'a SourceFile,
    /// The selected bytes.
    pub range: Range<usize>,
    /// The requested kinds; all kinds if `None`.
    pub only: Option<&'a [lsp::CodeActionKind]>,
    pub documents: &'a Documents,
    pub capabilities: &'a Capabilities,
}

impl ActionRequest<'_> {
    /// Whether this kind of action is requested, by its own name or a prefix of it.
    pub(super) fn wants(&self, kind: &str) -> bool {
        self.only.is_none_or(|only| {
            only.iter().any(|requested| {
                let requested = requested.as_str();
                let rest = kind.strip_prefix(requested);
                rest.is_some_and(|rest| {
                    requested.is_empty() || rest.is_empty() || rest.starts_with('.')
                })
            })
        })
    }

    /// The reported findings that touch the selection.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Box<Finding>> {
        let findings = self.document.results.findings.iter();
        findings.filter(|finding| {
            let location = &finding.location;
            location.start.offset <= self.range.end && self.range.start <= location.end.offset
        })
    }
}

/// A code action without a title or an effect.
pub(super) fn empty_action() -> lsp::CodeAction {
    lsp::CodeAction {
        title: String::new(),
        kind: None,
        diagnostics: None,
        is_preferred: None,
        disabled: None,
        edit: None,
        command: None,
        data: None,
        tags: None,
    }
}
