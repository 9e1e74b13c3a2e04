//! A completion before it is put in the terms of the protocol.

use std::ops::Range;

use gen_lsp_types as lsp;

/// Something that can be written at the cursor.
pub(in crate::lsp) struct Candidate {
    /// The text in the list.
    pub label: String,
    /// A short description beside the label.
    pub detail: String,
    /// The icon in the list.
    pub kind: lsp::CompletionItemKind,
    /// The bytes that it replaces.
    pub range: Range<usize>,
    /// The text to insert.
    pub text: String,
    /// The same text with tab stops, where there are any.
    pub snippet: Option<String>,
}
