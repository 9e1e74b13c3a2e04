//! A session: what is open, which configuration applies, and what the client has received.
//!
//! In: messages, in order. Out: messages. Notifications only note what changed; everything that
//! follows is done when [`Session::settle`] is called, before a request that needs it or when no
//! message waits, so that a burst of edits is checked once.

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
use super::documents::Documents;
use super::open_project::OpenProject;
use super::whole_project::Order;
use crate::project::Overlay;

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Phase {
    /// `initialize` has not been received.
    #[default]
    Before,
    /// Requests are answered.
    Running,
    /// Only `exit` is expected.
    ShutDown,
    /// `exit` was received.
    Over,
}

/// A session with one client.
pub(super) struct Session {
    /// The editor.
    pub client: Client,
    /// How far the conversation is.
    pub phase: Phase,
    /// The current day in UTC. It decides which exceptions have expired.
    pub today: Date,
    /// The session ended as it should.
    pub is_orderly: bool,
    pub(crate) documents: Documents,
    /// By folder.
    pub(crate) projects: BTreeMap<PathBuf, OpenProject>,
    pub(crate) overlay: Overlay,
    pub(crate) folders: Vec<PathBuf>,
    /// Files that were created, changed, or deleted on disk.
    pub(crate) changed_on_disk: BTreeSet<PathBuf>,
    /// The rules or the projects have to be read again.
    pub(crate) reload: Option<Reload>,
    /// Diagnostics published for forcelint's own files, by file.
    pub(crate) problems: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
    /// The files that are not open.
    pub(crate) whole: Whole,
    /// Checks those in the background.
    pub(crate) start_check: Box<dyn Fn(Order)>,
}

/// What is known of the files that are not open.
#[derive(Default)]
pub(super) struct Whole {
    /// The user asked for it by a command.
    pub is_asked_for: bool,
    /// What is known is out of date.
    pub is_stale: bool,
    /// Set while a check runs; storing true stops it.
    pub running: Option<Arc<AtomicBool>>,
    /// The requests that the run that is going on answers, and those that came too late for it.
    pub answers: [Vec<RequestId>; 2],
    /// Published diagnostics by file; those of an open file wait until it is closed.
    pub by_file: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
}

/// What has to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reload {
    /// Configs and rules.
    Rules,
    /// Everything: which file belongs to which project, too.
    Projects,
}

/// What an answer is, or why there is none.
pub(super) type Answer = Result<Value, ResponseError>;

pub(super) fn failure(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError {
        code: code as i32,
        message: message.into(),
        data: None,
    }
}

pub(super) fn answer(value: impl Serialize) -> Answer {
    serde_json::to_value(value)
        .map_err(|error| failure(ErrorCode::InternalError, error.to_string()))
}

/// The message of a panic.
fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "something went wrong".to_owned())
}

/// Runs `work`. A panic in it does not end the session; the caller reports its message.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panic_message(&*panic))
}

impl Session {
    /// A session in which nothing has happened. `start_check` checks the files that are not open.
    pub(super) fn new(today: Date, start_check: Box<dyn Fn(Order)>) -> Self {
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
            whole: Whole::default(),
            start_check,
        }
    }

    /// Takes note of the current day. On a new one other exceptions apply and other dates are in
    /// the past, so every open document is checked again.
    pub(super) fn note_day(&mut self, today: Date) {
        if today != self.today {
            self.today = today;
            self.reload = self.reload.max(Some(Reload::Rules));
        }
    }
}
