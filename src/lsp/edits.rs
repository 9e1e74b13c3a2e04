//! Edits as the client takes them.
//!
//! In: edits of a document. Out: a workspace edit, for the very version of the document where the
//! client can hold edits against versions.

use std::collections::HashMap;

use gen_lsp_types as lsp;

use super::client::Capabilities;
use super::documents::Document;

/// The edits of one document.
pub(super) fn document_edit(
    document: &Document,
    edits: Vec<lsp::TextEdit>,
    can: &Capabilities,
) -> lsp::WorkspaceEdit {
    file_edit(&document.uri, Some(document.version), edits, can)
}

/// The edits of a file, which may be open in a version.
pub(super) fn file_edit(
    uri: &lsp::Uri,
    version: Option<i32>,
    edits: Vec<lsp::TextEdit>,
    can: &Capabilities,
) -> lsp::WorkspaceEdit {
    if !can.document_changes {
        let changes = HashMap::from([(uri.clone(), edits)]);
        return lsp::WorkspaceEdit::new(Some(changes), None, None);
    }
    let edit = text_edit(uri, version, edits);
    lsp::WorkspaceEdit::new(None, Some(vec![edit]), None)
}

/// The edits of a file as a part of more.
pub(super) fn text_edit(
    uri: &lsp::Uri,
    version: Option<i32>,
    edits: Vec<lsp::TextEdit>,
) -> lsp::DocumentChange {
    lsp::DocumentChange::TextDocumentEdit(lsp::TextDocumentEdit {
        text_document: lsp::OptionalVersionedTextDocumentIdentifier {
            version,
            text_document_identifier: lsp::TextDocumentIdentifier { uri: uri.clone() },
        },
        edits: edits.into_iter().map(lsp::Edit::TextEdit).collect(),
    })
}
