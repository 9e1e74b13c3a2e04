//! The state of a session with one client.
//!
//! It is plain data. Handlers change it, and `reconcile` brings everything else in line with it.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gen_lsp_types as lsp;
use jiff::civil::Date;
use lsp_server::{ErrorCode, RequestId, ResponseError};
use serde::Serialize;
use serde_json::Value;

use super::client::Client;
use super::document::{Document, Documents};
use super::open_project::OpenProject;
use super::workspace_check::CheckOrder;
use crate::project::Overlay;

/// The phase of the session's life cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    /// Before `initialize`.
    #[default]
    Uninitialized,
    /// Requests are answered.
    Running,
    /// After `shutdown`: only `exit` is expected.
    ShutDown,
    /// After `exit`.
    Exited,
}

/// A session with one client.
pub(super) struct Session {
    pub client: Client,
    pub phase: Phase,
    /// The current day in UTC. It decides which exceptions have expired.
    pub today: Date,
    /// The client sent `shutdown` before `exit`.
    pub is_orderly: bool,
    pub documents: Documents,
    /// The projects of open documents, by root folder.
    pub projects: BTreeMap<PathBuf, OpenProject>,
    /// The texts of open documents, which replace the files on disk.
    pub overlay: Overlay,
    /// The workspace folders.
    pub folders: Vec<PathBuf>,
    /// Files that were created, changed, or deleted on disk.
    pub changed_on_disk: BTreeSet<PathBuf>,
    /// What has to be read again.
    pub reload: Option<Reload>,
    /// Published diagnostics of configs, rule files and baselines, by file.
    pub problems: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
    /// The files that are not open.
    pub workspace: WorkspaceState,
    /// Starts a background check of the files that are not open.
    pub start_check: Box<dyn Fn(CheckOrder)>,
}

/// What is known about the files that are not open.
#[derive(Default)]
pub(super) struct WorkspaceState {
    /// The user requested a check by a command.
    pub is_requested: bool,
    /// The results are out of date.
    pub is_stale: bool,
    /// Present while a check runs; storing `true` stops it.
    pub stop: Option<Arc<AtomicBool>>,
    /// Requests that the current check answers.
    pub current_requests: Vec<RequestId>,
    /// Requests that arrived too late for the current check.
    pub next_requests: Vec<RequestId>,
    /// Diagnostics by file; those of an open file are published when it is closed.
    pub by_file: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
}

/// What has to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reload {
    /// Configs and rules.
    Rules,
    /// Everything, including which file belongs to which project.
    Projects,
}

/// The result of a request, or its error.
pub(super) type Answer = Result<Value, ResponseError>;

/// An error response.
pub(super) fn failure(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError {
        code: code as i32,
        message: message.into(),
        data: None,
    }
}

/// A response.
pub(super) fn answer(value: impl Serialize) -> Answer {
    serde_json::to_value(value)
        .map_err(|error| failure(ErrorCode::InternalError, error.to_string()))
}

/// Runs `work` and returns the message of a panic in it, so that a defect does not end the session.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panic_message(&*panic))
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "unknown panic".to_owned())
}

impl Session {
    /// A new session. `start_check` starts a check of the files that are not open.
    pub(super) fn new(today: Date, start_check: Box<dyn Fn(CheckOrder)>) -> Self {
        Self {
            client: Client::default(),
            phase: Phase::default(),
            is_orderly: false,
            today,
            documents: Documents::default(),
            projects: BTreeMap::new(),
            overlay: Overlay::default(),
            folders: Vec::new(),
            changed_on_disk: BTreeSet::new(),
            reload: None,
            problems: BTreeMap::new(),
            workspace: WorkspaceState::default(),
            start_check,
        }
    }

    /// The project of a document.
    pub(super) fn project_of(&self, document: &Document) -> Option<&OpenProject> {
        self.projects.get(document.project.as_ref()?)
    }

    /// Records the current day. On a new day other exceptions apply and other dates are in the past,
    /// so every open document is checked again.
    pub(super) fn set_day(&mut self, today: Date) {
        if today != self.today {
            self.today = today;
            self.request_reload(Reload::Rules);
        }
    }

    /// Has at least `reload` read again.
    pub(super) fn request_reload(&mut self, reload: Reload) {
        self.reload = self.reload.max(Some(reload));
    }

    /// git may track files by now that it did not, which `.gitignore` does not skip.
    pub(super) fn forget_tracked(&self) {
        for project in self.projects.values() {
            project.workspace.projects.forget_tracked();
        }
    }

    /// Reloads everything if the client does not watch files: it does not report what other programs
    /// change.
    pub(super) fn reload_unless_watched(&mut self) {
        if !self.client.capabilities.watches_files {
            self.request_reload(Reload::Projects);
        }
    }

    /// Reloads everything after a panic, which may have left the state incomplete.
    pub(super) fn recover(&mut self, activity: &str, panic: &str) {
        let message = format!("Internal error in forcelint ({activity}): {panic}");
        self.client.show(lsp::MessageType::Error, &message);
        self.request_reload(Reload::Projects);
    }
}
