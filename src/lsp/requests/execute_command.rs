//! `workspace/executeCommand`

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, RequestId};
use serde_json::Value;

use crate::lsp::client::OwnRequest;
use crate::lsp::code_actions::exception::SHOW;
use crate::lsp::code_actions::rule_page::{OPEN_PAGE, page_to_open};
use crate::lsp::reconcile::reconcile;
use crate::lsp::session::{Answer, Session, failure};
use crate::lsp::uri;
use crate::lsp::workspace_results::check_workspace;

/// Checks all files of the workspace, open or not, now and after every change.
pub(in crate::lsp) const CHECK_WORKSPACE: &str = "forcelint.checkWorkspace";

/// Runs a command. A command that takes a while responds later: `None`.
pub(in crate::lsp) fn handle(
    session: &mut Session,
    id: &RequestId,
    params: lsp::ExecuteCommandParams,
) -> Option<Answer> {
    let invalid = |message: String| Some(Err(failure(ErrorCode::InvalidParams, message)));
    match params.command.as_str() {
        CHECK_WORKSPACE => {
            reconcile(session);
            check_workspace(session, Some(id.clone()));
            None
        }
        SHOW => {
            let arguments = params.arguments.unwrap_or_default();
            let Some((uri, selection)) = position_to_show(&arguments) else {
                return invalid(format!("`{SHOW}` takes the URI of a file and a range"));
            };
            let params = lsp::ShowDocumentParams {
                uri,
                external: Some(false),
                take_focus: Some(true),
                selection: Some(selection),
            };
            let client = &mut session.client;
            client.request::<lsp::ShowDocumentRequest>(params, OwnRequest::Other);
            Some(Ok(Value::Null))
        }
        OPEN_PAGE => {
            let arguments = params.arguments.unwrap_or_default();
            let Some(uri) = page_to_open(session, &arguments) else {
                return invalid(format!(
                    "`{OPEN_PAGE}` takes the URI of an open file and the id of a rule with a page"
                ));
            };
            let params = lsp::ShowDocumentParams {
                uri,
                external: Some(true),
                take_focus: None,
                selection: None,
            };
            let client = &mut session.client;
            client.request::<lsp::ShowDocumentRequest>(params, OwnRequest::Other);
            Some(Ok(Value::Null))
        }
        other => invalid(format!("unknown command `{other}`")),
    }
}

/// The arguments of [`SHOW`]. Only files can be shown.
fn position_to_show(arguments: &[Value]) -> Option<(lsp::Uri, lsp::Range)> {
    let [uri, range] = arguments else { return None };
    let path = uri::to_path(&uri.as_str()?.into())?;
    let range = serde_json::from_value(range.clone()).ok()?;
    Some((uri::of_path(&path), range))
}
