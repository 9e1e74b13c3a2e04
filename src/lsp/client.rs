//! The editor at the other end: what it can do, what its user set, and how it is told something.
//!
//! In: the parameters of `initialize` and what goes out. Out: messages, and the answers that come
//! to requests of ours. Capabilities are read leniently: what a client says in another way than we
//! know it, it does not have.

use std::collections::HashMap;
use std::path::PathBuf;

use gen_lsp_types as lsp;
use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::positions::Encoding;
use crate::rule::Severity;

/// What a client can do, as far as it matters.
#[derive(Debug, Clone, Default)]
pub(super) struct Capabilities {
    /// How it counts characters.
    pub encoding: Encoding,
    /// Edits can name the version that they are meant for.
    pub document_changes: bool,
    /// Edits can create files.
    pub creates_files: bool,
    /// Diagnostics can point at further places.
    pub related_information: bool,
    /// Diagnostics can have a link.
    pub code_description: bool,
    /// It tells of changes of files that it is asked to watch.
    pub watches_files: bool,
    /// It can be asked for its settings.
    pub configuration: bool,
    /// It understands Markdown in hovers.
    pub markdown: bool,
    /// Completions can have places to fill in.
    pub snippets: bool,
    /// It can be asked to show a place.
    pub shows_documents: bool,
    /// It takes actions that are more than commands.
    pub code_actions: bool,
}

impl Capabilities {
    /// Those that `initialize` tells.
    pub(super) fn of(parameters: &Value) -> Self {
        let capabilities = &parameters["capabilities"];
        let at = |path: &str| capabilities.pointer(path);
        let is = |path: &str| at(path).and_then(Value::as_bool) == Some(true);
        let has = |path: &str, wanted: &str| {
            let listed = at(path).and_then(Value::as_array);
            listed.is_some_and(|list| list.iter().any(|it| it == wanted))
        };
        let utf8 = has("/general/positionEncodings", "utf-8");
        Self {
            encoding: if utf8 {
                Encoding::Utf8
            } else {
                Encoding::Utf16
            },
            document_changes: is("/workspace/workspaceEdit/documentChanges"),
            creates_files: has("/workspace/workspaceEdit/resourceOperations", "create"),
            related_information: is("/textDocument/publishDiagnostics/relatedInformation"),
            code_description: is("/textDocument/publishDiagnostics/codeDescriptionSupport"),
            watches_files: is("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            configuration: is("/workspace/configuration"),
            markdown: has("/textDocument/hover/contentFormat", "markdown"),
            snippets: is("/textDocument/completion/completionItem/snippetSupport"),
            shows_documents: is("/window/showDocument/support"),
            code_actions: at("/textDocument/codeAction/codeActionLiteralSupport").is_some(),
        }
    }
}

/// What the user set in the editor. Each has the default of the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Settings {
    /// A config in place of the nearest `forcelint.toml`; relative to the first folder.
    pub config_path: Option<PathBuf>,
    /// The mildest severity that is shown.
    pub min_severity: Option<Severity>,
    /// Files that are not open are judged as well.
    pub whole_project: bool,
}

impl Settings {
    /// Reads them out of what a client sent, by itself or below `forcelint`. Keys of which forcelint
    /// knows nothing are the client's own; `null` and an empty text are as if they were not there.
    ///
    /// # Errors
    /// When a key has a value that it cannot have, in words.
    pub(super) fn read(sent: &Value) -> Result<Self, String> {
        let section = match &sent["forcelint"] {
            Value::Null => sent,
            section => section,
        };
        let Some(section) = section.as_object() else {
            return Ok(Self::default());
        };
        let is_said = |value: &Value| !(value.is_null() || value == "");
        let said = section.iter().filter(|(_, value)| is_said(value));
        let said: Value = said
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        Self::deserialize(said).map_err(|error| error.to_string())
    }
}

/// What a request of ours was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The settings.
    Settings,
    /// Something of which the answer does not matter.
    Nothing,
}

/// The editor, as the session talks to it.
#[derive(Default)]
pub(super) struct Client {
    /// What it can do.
    pub can: Capabilities,
    /// What its user set.
    pub settings: Settings,
    outgoing: Vec<Message>,
    asked: HashMap<RequestId, Asked>,
    requests: i32,
}

impl Client {
    /// What has to be sent, in order. It is not kept.
    pub(super) fn take_outgoing(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.outgoing)
    }

    /// Sends a notification.
    pub(super) fn notify(&mut self, method: &str, parameters: impl Serialize) {
        let message = Notification::new(method.to_owned(), parameters);
        self.outgoing.push(message.into());
    }

    /// Answers a request.
    pub(super) fn respond(&mut self, response: Response) {
        self.outgoing.push(response.into());
    }

    /// Asks the client for something.
    pub(super) fn ask(&mut self, method: &str, parameters: impl Serialize, about: Asked) {
        self.requests += 1;
        let id = RequestId::from(self.requests);
        self.asked.insert(id.clone(), about);
        let message = Request::new(id, method.to_owned(), parameters);
        self.outgoing.push(message.into());
    }

    /// What the answer to a request of ours is about.
    pub(super) fn answered(&mut self, id: &RequestId) -> Option<Asked> {
        self.asked.remove(id)
    }

    /// Asks for the settings, of a client that can be asked.
    pub(super) fn ask_for_settings(&mut self) {
        if self.can.configuration {
            let wanted = json!({ "items": [{ "section": "forcelint" }] });
            self.ask("workspace/configuration", wanted, Asked::Settings);
        }
    }

    /// Writes into the client's log.
    pub(super) fn log(&mut self, kind: lsp::MessageType, message: &str) {
        let message = message.to_owned();
        self.notify("window/logMessage", lsp::LogMessageParams { kind, message });
    }

    /// Shows the user something that cannot wait.
    pub(super) fn show(&mut self, kind: lsp::MessageType, message: &str) {
        self.log(kind, message);
        let message = message.to_owned();
        self.notify(
            "window/showMessage",
            lsp::ShowMessageParams { kind, message },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_clients_send_them() {
        let strict = Settings {
            min_severity: Some(Severity::High),
            whole_project: true,
            config_path: None,
        };
        let keys =
            json!({ "minSeverity": "high", "wholeProject": true, "configPath": "", "path": 1 });
        assert_eq!(Settings::read(&keys), Ok(strict.clone()));
        assert_eq!(Settings::read(&json!({ "forcelint": keys })), Ok(strict));
        for nothing in [
            json!(null),
            json!({}),
            json!({ "forcelint": null }),
            json!([1]),
        ] {
            assert_eq!(Settings::read(&nothing), Ok(Settings::default()));
        }
        assert!(Settings::read(&json!({ "minSeverity": "worst" })).is_err());
    }
}
