//! `workspace/didChangeWorkspaceFolders`

use std::path::PathBuf;

use gen_lsp_types as lsp;

use crate::lsp::session::Session;
use crate::lsp::uri;

pub(in crate::lsp) fn handle(session: &mut Session, params: &lsp::DidChangeWorkspaceFoldersParams) {
    let paths = |folders: &[lsp::WorkspaceFolder]| -> Vec<PathBuf> {
        let paths = folders.iter().map(|folder| uri::to_path(&folder.uri));
        paths.flatten().collect()
    };
    let removed = paths(&params.event.removed);
    session.folders.retain(|folder| !removed.contains(folder));
    session.folders.extend(paths(&params.event.added));
    session.workspace.is_stale = true;
}
