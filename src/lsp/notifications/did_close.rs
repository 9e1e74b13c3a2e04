//! `textDocument/didClose`

use gen_lsp_types as lsp;

use crate::lsp::publish::publish;
use crate::lsp::session::Session;

/// Forgets the text: the file on disk applies again.
pub(in crate::lsp) fn handle(session: &mut Session, params: &lsp::DidCloseTextDocumentParams) {
    let Some(document) = session.documents.close(&params.text_document.uri) else {
        return;
    };
    if let Some(path) = document.path {
        session.overlay.remove(&path);
        for project in session.projects.values_mut() {
            project.workspace.sources.overlay.remove(&path);
        }
        session.workspace.by_file.remove(&path);
        session.changed_on_disk.insert(path);
    }
    publish(&mut session.client, document.uri, None, Vec::new());
}
