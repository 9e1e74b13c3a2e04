//! What comes with messages, as far as it is needed.
//!
//! In: JSON. Out: plain structures. They have fewer fields than those of the protocol and ask for no
//! more than is used: whatever else a client sends, in whatever shape, keeps nothing from being
//! done, and the code that reads it stays small.

use gen_lsp_types as lsp;
use serde::Deserialize;
use serde_json::Value;

/// A document.
#[derive(Debug, Deserialize)]
pub(super) struct Id {
    /// What the client calls it.
    pub uri: lsp::Uri,
}

/// Something about a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfDocument<T> {
    /// The document.
    pub text_document: T,
}

/// A document that is opened.
#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    /// What the client calls it.
    pub uri: lsp::Uri,
    /// The client's count of its changes.
    pub version: i32,
    /// What it holds.
    pub text: String,
}

/// A version of a document.
#[derive(Debug, Deserialize)]
pub(super) struct Version {
    /// What the client calls it.
    pub uri: lsp::Uri,
    /// The client's count of its changes.
    pub version: i32,
}

/// Changes of a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
    /// The document, in its new version.
    pub text_document: Version,
    /// What was done to it, one after the other.
    pub content_changes: Vec<Change>,
}

/// A change of a text.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    /// What is exchanged; without it all.
    pub range: Option<lsp::Range>,
    /// What stands there now.
    pub text: String,
}

/// A place in a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    /// The document.
    pub text_document: Id,
    /// Where in it.
    pub position: lsp::Position,
}

/// Which code actions are asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Actions {
    /// The document.
    pub text_document: Id,
    /// Where in it.
    pub range: lsp::Range,
    /// Which of them.
    #[serde(default)]
    pub context: Context,
}

/// Which code actions are wanted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Context {
    /// Their kinds; all without.
    pub only: Option<Vec<String>>,
}

/// A command.
#[derive(Debug, Deserialize)]
pub(super) struct Command {
    /// Its name.
    pub command: String,
    /// What it is given.
    #[serde(default)]
    pub arguments: Option<Vec<Value>>,
}

/// Files that changed on disk.
#[derive(Debug, Deserialize)]
pub(super) struct Watched {
    /// Which.
    pub changes: Vec<Id>,
}

/// Folders that came and went.
#[derive(Debug, Deserialize)]
pub(super) struct Folders {
    /// Both.
    pub event: FolderEvent,
}

/// Folders that came and went.
#[derive(Debug, Deserialize)]
pub(super) struct FolderEvent {
    /// Those that came.
    pub added: Vec<Id>,
    /// Those that went.
    pub removed: Vec<Id>,
}
