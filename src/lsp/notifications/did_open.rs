//! `textDocument/didOpen`

use gen_lsp_types as lsp;

use crate::lsp::session::Session;

pub(in crate::lsp) fn handle(session: &mut Session, params: lsp::DidOpenTextDocumentParams) {
    session.documents.open(params.text_document);
    session.reload_unless_watched();
    session.forget_tracked();
}
