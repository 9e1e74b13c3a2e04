//! What follows from what was noted.
//!
//! In: a [`Session`] in which texts, files or settings changed. Out: everything that this has an
//! effect on judged anew, and the client told: first the texts, then which rules hold, then the
//! open documents, and in the end the files that are not open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, RequestId, Response};
use serde_json::json;

use super::diagnostics::diagnostics;
use super::documents::{Document, Judged};
use super::open_project::OpenProject;
use super::positions::Text;
use super::problems::Problem;
use super::session::{Phase, Reload, Session, failure, guarded};
use super::whole_project::{Checked, Order};
use crate::config::CONFIG_FILE;
use crate::lsp::uri;
use crate::project::{FORCEIGNORE, GITIGNORE, PROJECT_FILE, Projects, classify_at};

impl Session {
    /// Does all that follows from what was noted, and tells the client.
    pub(super) fn settle(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        let settled = guarded(|| {
            self.take_edits();
            self.take_changes_on_disk();
            self.take_reload();
            self.find_projects();
            self.judge();
            self.keep_whole();
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
                let text: Arc<[u8]> = document.text.as_str().as_bytes().into();
                self.overlay.set(path.clone(), Arc::clone(&text));
                for project in self.projects.values_mut() {
                    project
                        .workspace
                        .sources
                        .overlay
                        .set(path.clone(), Arc::clone(&text));
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
        if self.is_of_rules(path) {
            self.reload = self.reload.max(Some(Reload::Rules));
        }
        if classify_at(path).is_none() {
            return;
        }
        for (root, project) in &self.projects {
            let mut indexes = project.indexes.borrow_mut();
            if !path.starts_with(root) || !indexes.note_change(&project.workspace, path) {
                continue;
            }
            self.whole.is_stale = true;
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

    /// Whether a file is a config or a rule of some project.
    fn is_of_rules(&self, path: &Path) -> bool {
        let is_config = path.file_name().is_some_and(|name| name == CONFIG_FILE);
        let is_toml = path.extension().is_some_and(|end| end == "toml");
        is_config
            || self.projects.values().any(|project| {
                let mut rules = project.rule_paths.iter();
                project.config.as_deref() == Some(path)
                    || (is_toml && rules.any(|rules| path.starts_with(rules)))
            })
    }

    fn take_changes_on_disk(&mut self) {
        for path in std::mem::take(&mut self.changed_on_disk) {
            self.whole.is_stale = true;
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
        self.whole.is_stale = true;
        let former = std::mem::take(&mut self.projects);
        for (root, project) in former {
            if reload == Reload::Projects && !self.is_root(&root) {
                continue;
            }
            let was_broken = project.is_broken;
            let settings = &self.client.settings;
            let opened = match reload {
                Reload::Rules => project.reopen(&self.overlay, settings, self.today),
                Reload::Projects => {
                    let usable = Some(&project.usable);
                    OpenProject::open(&root, &self.overlay, settings, self.today, usable)
                }
            };
            self.tell_broken(was_broken, &opened);
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
                let project = OpenProject::open(&root, &self.overlay, settings, self.today, None);
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

    /// The project of a document.
    pub(crate) fn project_of(&self, document: &Document) -> Option<&OpenProject> {
        self.projects.get(document.project.as_ref()?)
    }

    fn drawn(&self, document: &Document) -> Vec<lsp::Diagnostic> {
        let Some(project) = self.project_of(document) else {
            return Vec::new();
        };
        let rules = &project.usable.rules;
        diagnostics(document, &self.documents, rules, &self.client.can)
    }

    pub(crate) fn publish(
        &mut self,
        uri: lsp::Uri,
        version: Option<i32>,
        diagnostics: Vec<lsp::Diagnostic>,
    ) {
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

    /// Judges the files that are not open, on request by `request` or because the settings say so.
    pub(crate) fn check_whole(&mut self, request: Option<RequestId>) {
        if request.is_some() {
            self.whole.is_asked_for = true;
        }
        if self.whole.running.is_some() {
            // What it says may be out of date; another run answers.
            self.whole.is_stale = true;
            self.whole.answers[1].extend(request);
            return;
        }
        self.whole.is_stale = false;
        self.whole.answers[0].extend(request);
        let stop = Arc::new(AtomicBool::new(false));
        self.whole.running = Some(Arc::clone(&stop));
        (self.start_check)(Order {
            folders: self.folders.clone(),
            overlay: self.overlay.clone(),
            settings: self.client.settings.clone(),
            today: self.today,
            can: self.client.can.clone(),
            stop,
        });
    }

    /// Takes what a run over the whole workspace found.
    pub(super) fn checked(&mut self, checked: Result<Checked, String>) {
        self.whole.running = None;
        let later = std::mem::take(&mut self.whole.answers[1]);
        let waiting = std::mem::replace(&mut self.whole.answers[0], later);
        let checked = match checked {
            Ok(checked) if checked.is_stopped => {
                self.whole.is_stale = true;
                return;
            }
            Ok(checked) => checked,
            Err(panic) => {
                self.recover("judging the workspace", &panic);
                for id in waiting {
                    let response_result = Err(failure(ErrorCode::InternalError, panic.clone()));
                    self.client.respond(Response {
                        id,
                        response_result,
                    });
                }
                return;
            }
        };
        for error in &checked.errors {
            self.client.log(lsp::MessageType::Error, error);
        }
        let findings: usize = checked.by_file.values().map(Vec::len).sum();
        self.draw_whole(checked.by_file);
        for id in waiting {
            self.client.respond(Response {
                id,
                response_result: Ok(json!({
                    "files": checked.files,
                    "findings": findings,
                    "errors": checked.errors.len(),
                })),
            });
        }
    }

    /// Draws what was found in files that are not open; of the others they know themselves.
    fn draw_whole(&mut self, now: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>) {
        let before = std::mem::replace(&mut self.whole.by_file, now);
        let mut changed: Vec<(PathBuf, Vec<lsp::Diagnostic>)> = Vec::new();
        for file in before.keys() {
            if !self.whole.by_file.contains_key(file) {
                changed.push((file.clone(), Vec::new()));
            }
        }
        for (file, drawn) in &self.whole.by_file {
            if before.get(file) != Some(drawn) {
                changed.push((file.clone(), drawn.clone()));
            }
        }
        for (file, drawn) in changed {
            if self.documents.at(&file).is_none() {
                self.publish(uri::of_path(&file), None, drawn);
            }
        }
    }

    /// Sees to it that what is known of files that are not open follows what changes.
    fn keep_whole(&mut self) {
        let is_wanted = self.whole.is_asked_for || self.client.settings.whole_project;
        if is_wanted && self.whole.is_stale && self.whole.running.is_none() {
            self.check_whole(None);
        }
        if !is_wanted && !self.whole.by_file.is_empty() {
            self.draw_whole(BTreeMap::new());
        }
    }

    /// Lets a run end that nobody waits for any more.
    pub(crate) fn stop_check(&mut self) {
        if let Some(stop) = &self.whole.running {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// The client does not want the answer to a request any more that is being worked on.
    pub(super) fn cancel_check(&mut self, id: &RequestId) {
        let mut is_known = false;
        for answers in &mut self.whole.answers {
            is_known |= answers.contains(id);
            answers.retain(|other| other != id);
        }
        if !is_known {
            return;
        }
        self.cancelled(id.clone());
        if self.whole.answers.iter().all(Vec::is_empty) {
            self.whole.is_asked_for = false;
            self.stop_check();
        }
    }

    /// What the client calls a file, and which version of it is open.
    fn known_as(&self, file: &Path) -> (lsp::Uri, Option<i32>) {
        match self.documents.at(file) {
            Some(document) => (document.uri.clone(), Some(document.version)),
            None => (uri::of_path(file), None),
        }
    }
}

/// Whether a file can matter to forcelint.
fn is_ours(path: &Path) -> bool {
    let is_toml = path.extension().is_some_and(|end| end == "toml");
    is_toml || classify_at(path).is_some()
}
