//! `workspace/didChangeWatchedFiles`

use gen_lsp_types as lsp;

use crate::lsp::session::Session;
use crate::lsp::uri;

pub(in crate::lsp) fn handle(session: &mut Session, params: &lsp::DidChangeWatchedFilesParams) {
    let changes = params.changes.iter();
    let paths = changes.filter_map(|change| uri::to_path(&change.uri));
    session.changed_on_disk.extend(paths);
}
