//! Finds the handler of each message.
//!
//! It is above the handlers and [`Session`], so that neither has to know its caller.

use lsp_server::{ErrorCode, Notification, Request, RequestId, Response, ResponseError};
use serde::de::DeserializeOwned;
use serde_json::Value;

use gen_lsp_types as lsp;

use super::client::OwnRequest;
use super::notifications::{
    did_change, did_change_configuration, did_change_watched_files, did_change_workspace_folders,
    did_close, did_open, did_save, exit, initialized,
};
use super::requests::{code_action, completion, execute_command, hover, initialize, shutdown};
use super::session::{Answer, Phase, Session, answer, failure, guarded};

fn read<P: DeserializeOwned>(params: Value) -> Result<P, ResponseError> {
    serde_json::from_value(params)
        .map_err(|error| failure(ErrorCode::InvalidParams, error.to_string()))
}

/// Answers a request.
pub(super) fn request(session: &mut Session, request: Request) {
    let Request { id, method, params } = request;
    let result = guarded(|| route_request(session, &id, &method, params));
    let result = result.unwrap_or_else(|panic| {
        session.recover(&method, &panic);
        let message = format!("Internal error in forcelint: {panic}");
        Some(Err(failure(ErrorCode::InternalError, message)))
    });
    if let Some(response_result) = result {
        session.client.respond(Response {
            id,
            response_result,
        });
    }
}

/// Answers a request that the client cancelled.
pub(super) fn cancelled(session: &mut Session, id: RequestId) {
    let error = failure(ErrorCode::RequestCanceled, "cancelled by the client");
    session.client.respond(Response {
        id,
        response_result: Err(error),
    });
}

/// Handles a notification.
pub(super) fn notification(session: &mut Session, notification: Notification) {
    let Notification { method, params } = notification;
    let result = guarded(|| route_notification(session, &method, params));
    match result {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            let message = format!("{method}: {}", error.message);
            session.client.log(lsp::MessageType::Error, &message);
        }
        Err(panic) => session.recover(&method, &panic),
    }
}

/// Handles the response to one of forcelint's own requests.
pub(super) fn response(session: &mut Session, response: Response) {
    let request = session.client.take_request(&response.id);
    match (request, response.response_result) {
        (Some(OwnRequest::Configuration), Ok(Value::Array(sections))) => {
            if let Some(section) = sections.first().filter(|it| !it.is_null()) {
                did_change_configuration::apply(session, section);
            }
        }
        (Some(_), Err(error)) => {
            let message = &error.message;
            session.client.log(lsp::MessageType::Warning, message);
        }
        _ => {}
    }
}

/// The response to a request; `None` if it is sent later.
fn route_request(
    session: &mut Session,
    id: &RequestId,
    method: &str,
    params: Value,
) -> Option<Answer> {
    let refuse = |code, message: &str| Some(Err(failure(code, message)));
    match (session.phase, method) {
        (Phase::Uninitialized, "initialize") => {
            Some(read(params).and_then(|params| answer(initialize::handle(session, params))))
        }
        (Phase::Uninitialized, _) => refuse(
            ErrorCode::ServerNotInitialized,
            "the first request must be `initialize`",
        ),
        (Phase::ShutDown | Phase::Exited, _) => {
            refuse(ErrorCode::InvalidRequest, "the server was shut down")
        }
        (Phase::Running, "initialize") => refuse(
            ErrorCode::InvalidRequest,
            "the server is already initialized",
        ),
        (Phase::Running, "workspace/executeCommand") => match read(params) {
            Ok(params) => execute_command::handle(session, id, params),
            Err(error) => Some(Err(error)),
        },
        (Phase::Running, _) => Some(route_plain_request(session, method, params)),
    }
}

/// The response to a request that is answered at once.
fn route_plain_request(session: &mut Session, method: &str, params: Value) -> Answer {
    match method {
        "shutdown" => {
            shutdown::handle(session);
            Ok(Value::Null)
        }
        "textDocument/codeAction" => answer(code_action::handle(session, &read(params)?)),
        "textDocument/completion" => answer(completion::handle(session, &read(params)?)),
        "textDocument/hover" => answer(hover::handle(session, &read(params)?)),
        _ => Err(failure(
            ErrorCode::MethodNotFound,
            format!("unsupported request `{method}`"),
        )),
    }
}

fn route_notification(
    session: &mut Session,
    method: &str,
    params: Value,
) -> Result<(), ResponseError> {
    if method == "exit" {
        exit::handle(session);
        return Ok(());
    }
    if session.phase != Phase::Running {
        return Ok(());
    }
    match method {
        "initialized" => initialized::handle(session),
        "textDocument/didChange" => did_change::handle(session, read(params)?)?,
        "textDocument/didClose" => did_close::handle(session, &read(params)?),
        "textDocument/didOpen" => did_open::handle(session, read(params)?),
        "textDocument/didSave" => did_save::handle(session, &read(params)?),
        "workspace/didChangeConfiguration" => {
            did_change_configuration::handle(session, &read(params)?);
        }
        "workspace/didChangeWatchedFiles" => {
            did_change_watched_files::handle(session, &read(params)?);
        }
        "workspace/didChangeWorkspaceFolders" => {
            did_change_workspace_folders::handle(session, &read(params)?);
        }
        // Optional notifications (`$/…`) and those that forcelint does not use.
        _ => {}
    }
    Ok(())
}
