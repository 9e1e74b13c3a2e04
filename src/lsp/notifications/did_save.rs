//! `textDocument/didSave`

use gen_lsp_types as lsp;

use crate::lsp::session::Session;
use crate::lsp::uri;

pub(in crate::lsp) fn handle(session: &mut Session, params: &lsp::DidSaveTextDocumentParams) {
    session.reload_unless_watched();
    session.forget_tracked();
    let path = uri::to_path(&params.text_document.uri);
    session.changed_on_disk.extend(path);
}
