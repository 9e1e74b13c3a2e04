//! What the server supports: its answer to `initialize`.

use gen_lsp_types as lsp;

use super::code_actions::exception::SHOW;
use super::code_actions::fixes::{FIX_ALL, FIX_EVERYTHING};
use super::code_actions::rule_page::OPEN_PAGE;
use super::document_text::PositionEncoding;
use super::requests::execute_command::CHECK_WORKSPACE;

pub(super) fn server_capabilities(encoding: PositionEncoding) -> lsp::ServerCapabilities {
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
        commands: [CHECK_WORKSPACE, OPEN_PAGE, SHOW].map(str::to_owned).into(),
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
