//! `initialize`

use std::path::PathBuf;

use gen_lsp_types as lsp;

use crate::lsp::client_capabilities::Capabilities;
use crate::lsp::notifications::did_change_configuration;
use crate::lsp::server_capabilities::server_capabilities;
use crate::lsp::session::{Phase, Session};
use crate::lsp::uri;

/// Starts the session and answers with what forcelint supports.
pub(in crate::lsp) fn handle(
    session: &mut Session,
    params: lsp::InitializeParams,
) -> lsp::InitializeResult {
    session.folders = workspace_folders(&params);
    session.client.capabilities = Capabilities::new(params.capabilities);
    if let Some(settings) = &params.initialization_options {
        did_change_configuration::apply(session, settings);
    }
    session.phase = Phase::Running;
    lsp::InitializeResult {
        capabilities: server_capabilities(session.client.capabilities.encoding),
        server_info: Some(lsp::ServerInfo {
            name: "forcelint".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    }
}

/// The workspace folders; of an older client, its root.
#[expect(deprecated, reason = "older clients send nothing else")]
fn workspace_folders(params: &lsp::InitializeParams) -> Vec<PathBuf> {
    let listed = &params.workspace_folders_initialize_params.workspace_folders;
    if let Some(lsp::WorkspaceFolders::WorkspaceFolderList(folders)) = listed
        && !folders.is_empty()
    {
        let paths = folders.iter().map(|folder| uri::to_path(&folder.uri));
        return paths.flatten().collect();
    }
    let root = params.root_uri.as_ref().and_then(uri::to_path);
    let root = root.or_else(|| match &params.root_path {
        Some(lsp::RootPath::String(path)) => Some(PathBuf::from(path)),
        _ => None,
    });
    root.into_iter().collect()
}
