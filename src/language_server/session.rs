//! A session: what is open, what holds for it, and what the client has been told.
//!
//! In: messages, in order. Out: messages. Notifications only note what changed; everything that
//! follows is done when [`Session::settle`] is called, before a request that needs it or when no
//! message waits, so that a burst of edits is judged once.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Notification, Request, RequestId, Response, ResponseError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::{self, FIX_ALL, FIX_EVERYTHING, Wish};
use super::client::{Asked, Capabilities, Client, Settings};
use super::diagnostics::{diagnostics, remark};
use super::documents::{Document, Documents, Judged};
use super::open_project::OpenProject;
use super::positions::Text;
use super::problems::Problem;
use super::uri;
use crate::policy::CONFIG_FILE;
use crate::project::{FORCEIGNORE, GITIGNORE, Overlay, PROJECT_FILE, Projects, classify_at};

/// How far the conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Nobody has introduced themselves.
    #[default]
    Before,
    /// Requests are answered.
    Running,
    /// Nothing is expected but the end.
    ShutDown,
    /// The client said goodbye.
    Over,
}

/// A session with one client.
#[derive(Default)]
pub struct Session {
    /// The editor.
    pub client: Client,
    /// How far the conversation is.
    pub phase: Phase,
    /// The session ended as it should.
    pub is_orderly: bool,
    documents: Documents,
    /// By folder.
    projects: BTreeMap<PathBuf, OpenProject>,
    overlay: Overlay,
    folders: Vec<PathBuf>,
    /// Files whose text on disk, or whose being there, changed.
    changed_on_disk: BTreeSet<PathBuf>,
    /// The rules or the projects have to be read anew.
    reload: Option<Reload>,
    /// What is drawn in files of forcelint's own, by file.
    problems: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
}

/// What has to be read anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reload {
    /// Configs and rules.
    Rules,
    /// Everything: which file belongs to which project, too.
    Projects,
}

/// What an answer is, or why there is none.
type Answer = Result<Value, ResponseError>;

fn failure(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError {
        code: code as i32,
        message: message.into(),
        data: None,
    }
}

fn answer(value: impl Serialize) -> Answer {
    serde_json::to_value(value)
        .map_err(|error| failure(ErrorCode::InternalError, error.to_string()))
}

fn read<P: DeserializeOwned>(parameters: Value) -> Result<P, ResponseError> {
    serde_json::from_value(parameters)
        .map_err(|error| failure(ErrorCode::InvalidParams, error.to_string()))
}

/// What a panic says.
fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "something went wrong".to_owned())
}

/// Runs `work`; a mistake of forcelint in it ends neither the session nor in silence.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panic_message(&*panic))
}

impl Session {
    /// Answers a request.
    pub fn request(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let done = guarded(|| self.answer(&method, params));
        let done = done.unwrap_or_else(|panic| {
            self.recover(&method, &panic);
            let message = format!("forcelint made a mistake: {panic}");
            Err(failure(ErrorCode::InternalError, message))
        });
        self.client.respond(Response {
            id,
            response_result: done,
        });
    }

    /// Answers a request that the client does not want answered any more.
    pub fn cancelled(&mut self, id: RequestId) {
        let gone = failure(ErrorCode::RequestCanceled, "it was cancelled");
        self.client.respond(Response {
            id,
            response_result: Err(gone),
        });
    }

    /// Takes note of something.
    pub fn notification(&mut self, notification: Notification) {
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

    /// Takes the answer to a request of ours.
    pub fn response(&mut self, response: Response) {
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

    /// What was known may be half of something after a panic, so all of it is read anew.
    fn recover(&mut self, method: &str, panic: &str) {
        let message = format!("forcelint made a mistake in {method}: {panic}");
        self.client.show(lsp::MessageType::Error, &message);
        self.reload = Some(Reload::Projects);
    }

    fn answer(&mut self, method: &str, parameters: Value) -> Answer {
        match (self.phase, method) {
            (Phase::Before, "initialize") => self.initialize(&parameters),
            (Phase::Before, _) => Err(failure(
                ErrorCode::ServerNotInitialized,
                "`initialize` comes first",
            )),
            (Phase::ShutDown | Phase::Over, _) => {
                Err(failure(ErrorCode::InvalidRequest, "the session is over"))
            }
            (Phase::Running, "initialize") => Err(failure(
                ErrorCode::InvalidRequest,
                "`initialize` comes once",
            )),
            (Phase::Running, "shutdown") => {
                self.phase = Phase::ShutDown;
                Ok(Value::Null)
            }
            (Phase::Running, "textDocument/codeAction") => self.code_actions(read(parameters)?),
            (Phase::Running, _) => Err(failure(
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
                let parameters: lsp::DidOpenTextDocumentParams = read(parameters)?;
                self.documents.open(parameters.text_document);
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
                let parameters: lsp::DidChangeWatchedFilesParams = read(parameters)?;
                for change in parameters.changes {
                    self.changed_on_disk.extend(uri::to_path(&change.uri));
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                let parameters: lsp::DidChangeWorkspaceFoldersParams = read(parameters)?;
                let event = parameters.event;
                let gone: Vec<_> = event
                    .removed
                    .iter()
                    .filter_map(|it| uri::to_path(&it.uri))
                    .collect();
                self.folders.retain(|folder| !gone.contains(folder));
                self.folders
                    .extend(event.added.iter().filter_map(|it| uri::to_path(&it.uri)));
            }
            // What nobody has to understand (`$/…`), and what we have no use for.
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
                "workspace": {
                    "workspaceFolders": { "supported": true, "changeNotifications": true },
                },
            },
        }))
    }

    fn initialized(&mut self) {
        self.client.ask_for_settings();
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

    fn close(&mut self, parameters: lsp::DidCloseTextDocumentParams) {
        let Some(document) = self.documents.close(&parameters.text_document.uri) else {
            return;
        };
        if let Some(path) = document.path {
            self.overlay.remove(&path);
            for project in self.projects.values_mut() {
                project.linter.overlay.remove(&path);
            }
            // What lies on disk counts again.
            self.changed_on_disk.insert(path);
        }
        self.publish(document.uri, None, Vec::new());
    }

    fn saved(&mut self, parameters: lsp::DidSaveTextDocumentParams) {
        if let Some(path) = uri::to_path(&parameters.text_document.uri) {
            self.changed_on_disk.insert(path);
        }
    }

    /// Does all that follows from what was noted, and tells the client.
    pub fn settle(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        let settled = guarded(|| {
            self.take_edits();
            self.take_changes_on_disk();
            self.take_reload();
            self.find_projects();
            self.judge();
        });
        if let Err(panic) = settled {
            self.recover("settling", &panic);
        }
    }

    /// Lets the rules see the texts as they are now.
    fn take_edits(&mut self) {
        let edited = self.documents.iter_mut().filter(|it| it.is_edited);
        let mut paths = Vec::new();
        for document in edited {
            document.is_edited = false;
            if let Some(path) = &document.path {
                let text: std::sync::Arc<[u8]> = document.text.as_str().as_bytes().into();
                self.overlay.set(path.clone(), std::sync::Arc::clone(&text));
                for project in self.projects.values_mut() {
                    project
                        .linter
                        .overlay
                        .set(path.clone(), std::sync::Arc::clone(&text));
                }
                paths.push(path.clone());
            }
        }
        for path in paths {
            self.spread(&path);
        }
    }

    /// What follows for others from another text of a file.
    fn spread(&mut self, path: &Path) {
        if path.extension().is_some_and(|end| end == "toml") {
            self.reload = self.reload.max(Some(Reload::Rules));
        }
        if classify_at(path).is_none() {
            return;
        }
        for (root, project) in &self.projects {
            if !path.starts_with(root) || !project.linter.note_change(path) {
                continue;
            }
            for document in self.documents.iter_mut() {
                let asks = document
                    .file
                    .as_ref()
                    .is_some_and(|file| project.asks_others(file.component.metadata_type));
                if document.project.as_ref() == Some(root) && asks {
                    document.is_stale = true;
                }
            }
        }
    }

    fn take_changes_on_disk(&mut self) {
        for path in std::mem::take(&mut self.changed_on_disk) {
            let name = path.file_name().and_then(|name| name.to_str());
            match name {
                Some(PROJECT_FILE | FORCEIGNORE | GITIGNORE | "package.xml") => {
                    self.reload = Some(Reload::Projects);
                }
                Some(name) if name.ends_with(".json") || name == CONFIG_FILE => {
                    self.reload = self.reload.max(Some(Reload::Rules));
                }
                _ if path.is_dir() => self.reload = Some(Reload::Projects),
                // Of a folder that is gone nobody knows what was in it.
                _ if path.extension().is_none() && !path.exists() => {
                    self.reload = Some(Reload::Projects);
                }
                _ => self.spread(&path),
            }
        }
    }

    fn take_reload(&mut self) {
        let Some(reload) = self.reload.take() else {
            return;
        };
        let former = std::mem::take(&mut self.projects);
        for (root, project) in former {
            if reload == Reload::Projects && !self.is_root(&root) {
                continue;
            }
            let usable = Some(&project.usable);
            let settings = &self.client.settings;
            let opened = OpenProject::open(&root, &self.overlay, settings, usable);
            self.tell_broken(project.is_broken, &opened);
            self.projects.insert(root, opened);
        }
        for document in self.documents.iter_mut() {
            document.project = None;
            document.is_stale = true;
        }
        self.publish_problems();
    }

    /// Whether a folder is still that of a project.
    fn is_root(&self, root: &Path) -> bool {
        Projects::default().around(root, root).root == root
    }

    fn tell_broken(&mut self, was_broken: bool, project: &OpenProject) {
        if project.is_broken && !was_broken {
            let file = project.config.as_deref().unwrap_or(&project.project.root);
            let message = format!(
                "{} cannot be used; until it is mended, {} goes on with what it said before, or \
                 with all built-in rules",
                file.display(),
                "forcelint"
            );
            self.client.show(lsp::MessageType::Warning, &message);
        }
    }

    /// Every document gets its project, which is opened the first time.
    fn find_projects(&mut self) {
        let mut opened = Vec::new();
        for document in self.documents.iter_mut() {
            if document.project.is_some() {
                continue;
            }
            let Some(path) = document.path.as_deref().filter(|path| is_ours(path)) else {
                continue;
            };
            let Some(folder) = path.parent() else {
                continue;
            };
            let root = Projects::default().around(folder, folder).root.clone();
            if !self.projects.contains_key(&root) {
                let settings = &self.client.settings;
                let project = OpenProject::open(&root, &self.overlay, settings, None);
                self.projects.insert(root.clone(), project);
                opened.push(root.clone());
            }
            let project = self.projects.get(&root);
            document.file = project.and_then(|project| project.source_file(path));
            document.project = Some(root);
            document.is_stale = true;
        }
        for root in &opened {
            if let Some(project) = self.projects.remove(root) {
                self.tell_broken(false, &project);
                self.projects.insert(root.clone(), project);
            }
        }
        if !opened.is_empty() {
            self.publish_problems();
        }
    }

    /// Judges what is out of date.
    fn judge(&mut self) {
        let mut judged = Vec::new();
        for document in self.documents.iter_mut().filter(|it| it.is_stale) {
            document.is_stale = false;
            let project = document
                .project
                .as_ref()
                .and_then(|root| self.projects.get(root));
            let was_drawn = document.judged.is_drawn();
            document.judged = match (&document.file, project) {
                (Some(file), Some(project)) => {
                    guarded(|| project.judge(file)).unwrap_or_else(|panic| Judged {
                        errors: vec![format!("forcelint made a mistake: {panic}")],
                        ..Judged::default()
                    })
                }
                _ => Judged::default(),
            };
            if document.file.is_some() || was_drawn {
                judged.push(document.uri.clone());
            }
        }
        for uri in judged {
            let Some(document) = self.documents.get(&uri) else {
                continue;
            };
            let drawn = self.drawn(document);
            self.publish(uri, Some(document.version), drawn);
        }
    }

    fn drawn(&self, document: &Document) -> Vec<lsp::Diagnostic> {
        let project = document
            .project
            .as_ref()
            .and_then(|root| self.projects.get(root));
        let Some(project) = project else {
            return Vec::new();
        };
        let rules = &project.usable.rules;
        diagnostics(document, &self.documents, rules, &self.client.can)
    }

    fn publish(&mut self, uri: lsp::Uri, version: Option<i32>, diagnostics: Vec<lsp::Diagnostic>) {
        let parameters = lsp::PublishDiagnosticsParams {
            uri,
            version,
            diagnostics,
        };
        self.client
            .notify("textDocument/publishDiagnostics", parameters);
    }

    /// Draws what is wrong with files of forcelint's own, open or not.
    fn publish_problems(&mut self) {
        let encoding = self.client.can.encoding;
        let mut by_file: BTreeMap<PathBuf, Vec<&Problem>> = BTreeMap::new();
        for problem in self.projects.values().flat_map(|project| &project.problems) {
            let of_file = by_file.entry(problem.file.clone()).or_default();
            // Several projects may have the same config.
            if !of_file.contains(&problem) {
                of_file.push(problem);
            }
        }
        let mut now: BTreeMap<PathBuf, Vec<lsp::Diagnostic>> = BTreeMap::new();
        for (file, problems) in by_file {
            let text = match self.documents.at(&file) {
                Some(document) => document.text.clone(),
                None => {
                    let text = self.overlay.read_small(&file).unwrap_or_default();
                    Text::new(String::from_utf8_lossy(&text).into_owned())
                }
            };
            let drawn = problems
                .iter()
                .map(|problem| problem.diagnostic(&text, encoding));
            now.insert(file, drawn.collect());
        }
        let before = std::mem::take(&mut self.problems);
        let gone = before.keys().filter(|file| !now.contains_key(*file));
        for file in gone.cloned().collect::<Vec<_>>() {
            let (uri, version) = self.known_as(&file);
            self.publish(uri, version, Vec::new());
        }
        for (file, drawn) in &now {
            let (uri, version) = self.known_as(file);
            self.publish(uri, version, drawn.clone());
        }
        self.problems = now;
    }

    /// What the client calls a file, and which version of it is open.
    fn known_as(&self, file: &Path) -> (lsp::Uri, Option<i32>) {
        match self.documents.at(file) {
            Some(document) => (document.uri.clone(), Some(document.version)),
            None => (uri::of_path(file), None),
        }
    }

    fn code_actions(&mut self, parameters: lsp::CodeActionParams) -> Answer {
        self.settle();
        let uri = &parameters.text_document.uri;
        let Some(document) = self.documents.get(uri) else {
            return Ok(Value::Null);
        };
        let project = document
            .project
            .as_ref()
            .and_then(|root| self.projects.get(root));
        let (Some(file), Some(project)) = (&document.file, project) else {
            return Ok(Value::Null);
        };
        if !self.client.can.code_actions {
            return Ok(Value::Null);
        }
        let can = &self.client.can;
        let wish = Wish {
            document,
            file,
            range: document.text.bytes(parameters.range, can.encoding),
            only: parameters.context.only.as_deref(),
            documents: &self.documents,
            can,
        };
        answer(actions::fixes(&wish, project))
    }
}

/// Whether a file can matter to forcelint.
fn is_ours(path: &Path) -> bool {
    let is_toml = path.extension().is_some_and(|end| end == "toml");
    is_toml || classify_at(path).is_some()
}

/// The folders that are open, as `initialize` tells them.
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

/// At the top of a file that could not be judged.
pub fn not_judged(reason: &str) -> lsp::Diagnostic {
    remark(lsp::DiagnosticSeverity::Error, reason.to_owned())
}
