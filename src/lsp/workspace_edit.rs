//! Workspace edits, for one version of a document if the client supports versions.

use std::collections::HashMap;

use gen_lsp_types as lsp;

use super::client_capabilities::Capabilities;
use super::document::Document;

/// The edits of one document.
pub(super) fn document_edit(
    document: &Document,
    edits: Vec<lsp::TextEdit>,
    capabilities: &Capabilities,
) -> lsp::WorkspaceEdit {
    file_edit(&document.uri, Some(document.version), edits, capabilities)
}

/// The edits of a file. `version` is its version if it is open.
pub(super) fn file_edit(
    uri: &lsp::Uri,
    version: Option<i32>,
    edits: Vec<lsp::TextEdit>,
    capabilities: &Capabilities,
) -> lsp::WorkspaceEdit {
    if !capabilities.document_changes {
        let changes = HashMap::from([(uri.clone(), edits)]);
        return lsp::WorkspaceEdit::new(Some(changes), None, None);
    }
    let edit = text_edit(uri, version, edits);
    lsp::WorkspaceEdit::new(None, Some(vec![edit]), None)
}

/// The edits of a file as a part of a larger edit.
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
