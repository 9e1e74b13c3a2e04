//! `initialize`

use std::path::PathBuf;

use gen_lsp_types as lsp;

use super::execute_command::CHECK_WORKSPACE;
use crate::lsp::capabilities::Capabilities;
use crate::lsp::code_actions::exception::SHOW;
use crate::lsp::code_actions::fixes::{FIX_ALL, FIX_EVERYTHING};
use crate::lsp::document_text::PositionEncoding;
use crate::lsp::notifications::did_change_configuration;
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

fn server_capabilities(encoding: PositionEncoding) -> lsp::ServerCapabilities {
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::Incremental),
        save: Some(true.into()),
        ..lsp::TextDocumentSyncOptions::default()
    };
    let kinds = ["quickfix", FIX_ALL, FIX_EVERYTHING];
    let code_actions = lsp::CodeActionOptions {
        code_action_kinds: Some(kinds.map(|kind| kind.to_owned().into()).into()),
        ..lsp::CodeActionOptions::default()
    };
    let triggers = ["<", ">", "/", "\"", "=", "["];
    let completion = lsp::CompletionOptions {
        trigger_characters: Some(triggers.map(str::to_owned).into()),
        ..lsp::CompletionOptions::default()
    };
    let commands = lsp::ExecuteCommandOptions {
        commands: vec![CHECK_WORKSPACE.to_owned(), SHOW.to_owned()],
        ..lsp::ExecuteCommandOptions::default()
    };
    let workspace = lsp::WorkspaceOptions {
        workspace_folders: Some(lsp::WorkspaceFoldersServerCapabilities {
            supported: Some(true),
            change_notifications: Some(true.into()),
        }),
        ..lsp::WorkspaceOptions::default()
    };
    lsp::ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(sync.into()),
        code_action_provider: Some(code_actions.into()),
        hover_provider: Some(true.into()),
        completion_provider: Some(completion),
        execute_command_provider: Some(commands),
        workspace: Some(workspace),
        ..lsp::ServerCapabilities::default()
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
