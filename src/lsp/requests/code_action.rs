//! `textDocument/codeAction`

use gen_lsp_types as lsp;

use crate::lsp::code_actions::ActionRequest;
use crate::lsp::code_actions::comment::comments;
use crate::lsp::code_actions::exception::exceptions;
use crate::lsp::code_actions::fixes::fixes;
use crate::lsp::code_actions::rule_page::rule_pages;
use crate::lsp::reconcile::reconcile;
use crate::lsp::session::Session;

/// The fixes for the findings in a range, ways to suppress them, and the pages about their rules.
pub(in crate::lsp) fn handle(
    session: &mut Session,
    params: &lsp::CodeActionParams,
) -> Option<Vec<lsp::CodeAction>> {
    let supports_actions = session.client.capabilities.code_actions;
    // Otherwise an action can only be a command.
    if !supports_actions {
        return None;
    }
    reconcile(session);
    let capabilities = &session.client.capabilities;
    let document = session.documents.get(&params.text_document.uri)?;
    let file = document.file.as_ref()?;
    let project = session.project_of(document)?;
    let request = ActionRequest {
        document,
        file,
        range: document.text.bytes(params.range, capabilities.encoding),
        only: params.context.only.as_deref(),
        documents: &session.documents,
        capabilities,
    };
    let mut actions = fixes(&request, project);
    actions.extend(exceptions(&request, project, &session.overlay));
    actions.extend(comments(&request, project));
    actions.extend(rule_pages(&request, project));
    Some(actions)
}
