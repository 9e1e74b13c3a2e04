//! The session's side of background checks: starting and stopping them, and publishing the diagnostics
//! of files that are not open.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, RequestId, Response};
use serde_json::json;

use super::publish::publish;
use super::session::{Answer, Session, WorkspaceState, failure};
use super::workspace_check::{CheckOrder, CheckedWorkspace};
use crate::lsp::uri;

/// Starts a check of the whole workspace, if none runs. `request` is the request that asks for it; it
/// is answered when a check that started after it is done.
pub(super) fn check_workspace(session: &mut Session, request: Option<RequestId>) {
    let workspace = &mut session.workspace;
    if request.is_some() {
        workspace.is_requested = true;
    }
    if workspace.stop.is_some() {
        // The results of the current check may be out of date.
        workspace.is_stale = true;
        workspace.next_requests.extend(request);
        return;
    }
    workspace.is_stale = false;
    workspace.current_requests.extend(request);
    let stop = Arc::new(AtomicBool::new(false));
    workspace.stop = Some(Arc::clone(&stop));
    (session.start_check)(CheckOrder {
        folders: session.folders.clone(),
        overlay: session.overlay.clone(),
        settings: session.client.settings.clone(),
        today: session.today,
        capabilities: session.client.capabilities.clone(),
        stop,
    });
}

/// Starts a check if the results are wanted and out of date, and removes them if they are not wanted.
pub(super) fn refresh_workspace(session: &mut Session) {
    let workspace = &session.workspace;
    let is_wanted = workspace.is_requested || session.client.settings.whole_project;
    if is_wanted && workspace.is_stale && workspace.stop.is_none() {
        check_workspace(session, None);
    } else if !is_wanted && !workspace.by_file.is_empty() {
        publish_workspace(session, BTreeMap::new());
    }
}

/// Takes the results of a check, or the message of a panic in it.
pub(super) fn finish_check(session: &mut Session, checked: Result<CheckedWorkspace, String>) {
    let workspace = &mut session.workspace;
    workspace.stop = None;
    let next = std::mem::take(&mut workspace.next_requests);
    let requests = std::mem::replace(&mut workspace.current_requests, next);
    match checked {
        Ok(checked) if checked.is_stopped => workspace.is_stale = true,
        Ok(checked) => {
            for error in &checked.errors {
                session.client.log(lsp::MessageType::Error, error);
            }
            let findings: usize = checked.by_file.values().map(Vec::len).sum();
            publish_workspace(session, checked.by_file);
            let summary = json!({
                "files": checked.files,
                "findings": findings,
                "errors": checked.errors.len(),
            });
            answer_all(session, requests, &Ok(summary));
        }
        Err(panic) => {
            session.recover("checking the workspace", &panic);
            let error = failure(ErrorCode::InternalError, panic);
            answer_all(session, requests, &Err(error));
        }
    }
}

fn answer_all(session: &mut Session, requests: Vec<RequestId>, answer: &Answer) {
    for id in requests {
        session.client.respond(Response {
            id,
            response_result: answer.clone(),
        });
    }
}

/// Publishes the diagnostics that changed. Open documents have their own.
fn publish_workspace(session: &mut Session, current: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>) {
    let previous = std::mem::replace(&mut session.workspace.by_file, current);
    let current = &session.workspace.by_file;
    let removed = previous.keys().filter(|file| !current.contains_key(*file));
    let removed = removed.map(|file| (file, Vec::new()));
    let changed = current
        .iter()
        .filter(|(file, diagnostics)| previous.get(*file) != Some(diagnostics));
    let changed = changed.map(|(file, diagnostics)| (file, diagnostics.clone()));
    for (file, diagnostics) in removed.chain(changed) {
        if session.documents.at_path(file).is_none() {
            publish(&mut session.client, uri::of_path(file), None, diagnostics);
        }
    }
}

/// Stops the current check.
pub(super) fn stop_check(workspace: &WorkspaceState) {
    if let Some(stop) = &workspace.stop {
        stop.store(true, Ordering::Relaxed);
    }
}

/// Cancels a request for a check. Returns whether it was one that is not answered yet. The check itself
/// stops if no other request waits for it.
pub(super) fn cancel_check(session: &mut Session, id: &RequestId) -> bool {
    let workspace = &mut session.workspace;
    let mut is_known = false;
    for requests in [
        &mut workspace.current_requests,
        &mut workspace.next_requests,
    ] {
        is_known |= requests.contains(id);
        requests.retain(|other| other != id);
    }
    if is_known && workspace.current_requests.is_empty() && workspace.next_requests.is_empty() {
        workspace.is_requested = false;
        stop_check(workspace);
    }
    is_known
}
