//! Which function answers which method.
//!
//! It is above [`Session`] and the requests, so that neither has to know the other's caller.

use std::path::PathBuf;

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Notification, Request, RequestId, Response, ResponseError};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::{FIX_ALL, FIX_EVERYTHING};
use super::client::{Asked, Capabilities, Settings};
use super::exception_action::SHOW;
use super::parameters::{Folders, Id, OfDocument, Opened, Watched};
use super::requests::CHECK_WORKSPACE;
use super::session::{Answer, Phase, Reload, Session, failure, guarded};
use crate::lsp::{uri, watching};

fn read<P: DeserializeOwned>(parameters: Value) -> Result<P, ResponseError> {
    serde_json::from_value(parameters)
        .map_err(|error| failure(ErrorCode::InvalidParams, error.to_string()))
}

impl Session {
    /// Answers a request.
    pub(super) fn request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let done = guarded(|| self.answer(&id, &method, params));
        let done = done.unwrap_or_else(|panic| {
            self.recover(&method, &panic);
            let message = format!("forcelint made a mistake: {panic}");
            Some(Err(failure(ErrorCode::InternalError, message)))
        });
        if let Some(response_result) = done {
            self.client.respond(Response {
                id,
                response_result,
            });
        }
    }

    /// Answers a request that the client cancelled.
    pub(super) fn cancelled(&mut self, id: RequestId) {
        let gone = failure(ErrorCode::RequestCanceled, "it was cancelled");
        self.client.respond(Response {
            id,
            response_result: Err(gone),
        });
    }

    /// Handles a notification.
    pub(super) fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let done = guarded(|| self.note(&method, params));
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let message = format!("{method}: {}", error.message);
                self.client.log(lsp::MessageType::Error, &message);
            }
            Err(panic) => self.recover(&method, &panic),
        }
    }

    /// Handles the answer to a request that forcelint sent.
    pub(super) fn response(&mut self, response: Response) {
        let about = self.client.answered(&response.id);
        match (about, response.response_result) {
            (Some(Asked::Settings), Ok(Value::Array(sections))) => {
                if let Some(section) = sections.first().filter(|it| !it.is_null()) {
                    self.take_settings(section);
                }
            }
            (Some(_), Err(error)) => {
                self.client.log(lsp::MessageType::Warning, &error.message);
            }
            _ => {}
        }
    }

    /// Reads everything again: a panic may have left the session's state incomplete.
    pub(crate) fn recover(&mut self, method: &str, panic: &str) {
        let message = format!("forcelint made a mistake in {method}: {panic}");
        self.client.show(lsp::MessageType::Error, &message);
        self.reload = Some(Reload::Projects);
    }

    /// The answer to a request; none yet to one that takes its time.
    fn answer(&mut self, id: &RequestId, method: &str, parameters: Value) -> Option<Answer> {
        let refuse = |code, message: &str| Some(Err(failure(code, message)));
        match (self.phase, method) {
            (Phase::Before, "initialize") => Some(self.initialize(&parameters)),
            (Phase::Before, _) => {
                refuse(ErrorCode::ServerNotInitialized, "`initialize` comes first")
            }
            (Phase::ShutDown | Phase::Over, _) => {
                refuse(ErrorCode::InvalidRequest, "the session is over")
            }
            (Phase::Running, "initialize") => {
                refuse(ErrorCode::InvalidRequest, "`initialize` comes once")
            }
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                self.stop_check();
                Some(Ok(Value::Null))
            }
            (Phase::Running, "workspace/executeCommand") => match read(parameters) {
                Ok(parameters) => self.command(id, parameters),
                Err(error) => Some(Err(error)),
            },
            (Phase::Running, _) => Some(self.ask(method, parameters)),
        }
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Answer {
        match method {
            "textDocument/codeAction" => self.code_actions(read(parameters)?),
            "textDocument/hover" => self.hover(read(parameters)?),
            "textDocument/completion" => self.completion(read(parameters)?),
            _ => Err(failure(
                ErrorCode::MethodNotFound,
                format!("there is no `{method}` here"),
            )),
        }
    }

    fn note(&mut self, method: &str, parameters: Value) -> Result<(), ResponseError> {
        if method == "exit" {
            self.is_orderly = self.phase == Phase::ShutDown;
            self.phase = Phase::Over;
            return Ok(());
        }
        if self.phase != Phase::Running {
            return Ok(());
        }
        match method {
            "initialized" => self.initialized(),
            "textDocument/didOpen" => {
                let opened: OfDocument<Opened> = read(parameters)?;
                self.documents.open(opened.text_document);
                self.look_again();
            }
            "textDocument/didChange" => {
                let encoding = self.client.can.encoding;
                let changed = self.documents.change(read(parameters)?, encoding);
                changed.map_err(|error| failure(ErrorCode::InvalidParams, error))?;
            }
            "textDocument/didClose" => self.close(read(parameters)?),
            "textDocument/didSave" => self.saved(read(parameters)?),
            "workspace/didChangeConfiguration" => match &parameters["settings"] {
                Value::Null => self.client.ask_for_settings(),
                settings => self.take_settings(&settings.clone()),
            },
            "workspace/didChangeWatchedFiles" => {
                let parameters: Watched = read(parameters)?;
                for change in parameters.changes {
                    self.changed_on_disk.extend(uri::to_path(&change.uri));
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                let parameters: Folders = read(parameters)?;
                let event = parameters.event;
                let gone: Vec<_> = event
                    .removed
                    .iter()
                    .filter_map(|it| uri::to_path(&it.uri))
                    .collect();
                self.folders.retain(|folder| !gone.contains(folder));
                self.whole.is_stale = true;
                self.folders
                    .extend(event.added.iter().filter_map(|it| uri::to_path(&it.uri)));
            }
            // Optional notifications (`$/…`) and those that forcelint does not use.
            _ => {}
        }
        Ok(())
    }

    fn initialize(&mut self, parameters: &Value) -> Answer {
        self.client.can = Capabilities::of(parameters);
        self.folders = folders(parameters);
        match Settings::read(&parameters["initializationOptions"]) {
            Ok(settings) => self.client.settings = self.with_absolute_paths(settings),
            Err(error) => self.refuse_settings(&error),
        }
        self.phase = Phase::Running;
        let can = &self.client.can;
        Ok(json!({
            "serverInfo": { "name": "forcelint", "version": env!("CARGO_PKG_VERSION") },
            "capabilities": {
                "positionEncoding": can.encoding.name(),
                "textDocumentSync": { "openClose": true, "change": 2, "save": true },
                "codeActionProvider": {
                    "codeActionKinds": ["quickfix", FIX_ALL, FIX_EVERYTHING],
                },
                "hoverProvider": true,
                "completionProvider": { "triggerCharacters": ["<", ">", "/", "\"", "=", "["] },
                "executeCommandProvider": { "commands": [CHECK_WORKSPACE, SHOW] },
                "workspace": {
                    "workspaceFolders": { "supported": true, "changeNotifications": true },
                },
            },
        }))
    }

    fn initialized(&mut self) {
        self.client.ask_for_settings();
        if self.client.can.watches_files {
            let registration = watching::registration();
            self.client
                .ask("client/registerCapability", registration, Asked::Nothing);
        }
        self.whole.is_stale = true;
    }

    fn take_settings(&mut self, sent: &Value) {
        match Settings::read(sent) {
            Ok(settings) => {
                let settings = self.with_absolute_paths(settings);
                if settings != self.client.settings {
                    self.client.settings = settings;
                    self.reload = self.reload.max(Some(Reload::Rules));
                }
            }
            Err(error) => self.refuse_settings(&error),
        }
    }

    fn refuse_settings(&mut self, error: &str) {
        let message = format!("the settings of forcelint cannot be used: {error}");
        self.client.show(lsp::MessageType::Warning, &message);
    }

    fn with_absolute_paths(&self, mut settings: Settings) -> Settings {
        if let (Some(path), Some(folder)) = (&settings.config_path, self.folders.first()) {
            settings.config_path = Some(folder.join(path));
        }
        settings
    }

    fn close(&mut self, parameters: OfDocument<Id>) {
        let Some(document) = self.documents.close(&parameters.text_document.uri) else {
            return;
        };
        if let Some(path) = document.path {
            self.overlay.remove(&path);
            for project in self.projects.values_mut() {
                project.workspace.sources.overlay.remove(&path);
            }
            // The text on disk applies again.
            self.whole.by_file.remove(&path);
            self.changed_on_disk.insert(path);
        }
        self.publish(document.uri, None, Vec::new());
    }

    /// A client that does not watch files does not report changes by other programs, so
    /// everything is read again.
    fn look_again(&mut self) {
        if !self.client.can.watches_files {
            self.reload = Some(Reload::Projects);
        }
    }

    fn saved(&mut self, parameters: OfDocument<Id>) {
        self.look_again();
        if let Some(path) = uri::to_path(&parameters.text_document.uri) {
            self.changed_on_disk.insert(path);
        }
    }
}

/// The open folders, from the parameters of `initialize`.
fn folders(parameters: &Value) -> Vec<PathBuf> {
    let to_path = |uri: &Value| uri::to_path(&lsp::Uri::from(uri.as_str()?));
    let listed = parameters["workspaceFolders"].as_array();
    let folders: Vec<PathBuf> = match listed {
        Some(folders) => folders
            .iter()
            .filter_map(|it| to_path(&it["uri"]))
            .collect(),
        None => Vec::new(),
    };
    if !folders.is_empty() {
        return folders;
    }
    let root = to_path(&parameters["rootUri"]);
    let root = root.or_else(|| parameters["rootPath"].as_str().map(PathBuf::from));
    root.into_iter().collect()
}
