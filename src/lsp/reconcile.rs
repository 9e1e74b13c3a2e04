//! Brings the session in line with what handlers recorded, and publishes the results.
//!
//! The steps are in an order: first the rules see the new texts, then configs and rules are read
//! again, then stale documents are checked, and last the files that are not open. It runs before a
//! request that needs results and when no message waits, so a burst of edits is checked once.

use std::path::Path;
use std::sync::Arc;

use gen_lsp_types as lsp;

use super::diagnostics::diagnostics;
use super::document::FileResults;
use super::open_project::OpenProject;
use super::publish::{publish, publish_problems};
use super::session::{Phase, Reload, Session, guarded};
use super::workspace_results::refresh_workspace;
use crate::config::CONFIG_FILE;
use crate::project::{CONTROL_FILES, GITIGNORE, Projects, classify_at, slashed};

/// Does everything that follows from the recorded changes.
pub(super) fn reconcile(session: &mut Session) {
    if session.phase != Phase::Running {
        return;
    }
    let result = guarded(|| {
        sync(session);
        check_stale_documents(session);
        refresh_workspace(session);
    });
    if let Err(panic) = result {
        session.recover("checking", &panic);
    }
}

/// The part of [`reconcile`] that needs no other files than the new documents.
pub(super) fn reconcile_new(session: &mut Session) {
    let is_running = session.phase == Phase::Running;
    if !is_running || !session.documents.iter_mut().any(|it| it.is_new) {
        return;
    }
    let result = guarded(|| {
        sync(session);
        check_new_documents(session);
    });
    if let Err(panic) = result {
        session.recover("checking", &panic);
    }
}

/// Gives the rules the new texts, and reads configs, rules and projects again if they changed.
fn sync(session: &mut Session) {
    sync_edits(session);
    sync_disk(session);
    reload(session);
    assign_projects(session);
}

/// Gives the rules the edited texts.
fn sync_edits(session: &mut Session) {
    let mut paths = Vec::new();
    for document in session.documents.iter_mut().filter(|it| it.is_edited) {
        document.is_edited = false;
        if let Some(path) = &document.path {
            let text: Arc<[u8]> = document.text.as_str().as_bytes().into();
            session.overlay.set(path.clone(), Arc::clone(&text));
            for project in session.projects.values_mut() {
                let overlay = &mut project.workspace.sources.overlay;
                overlay.set(path.clone(), Arc::clone(&text));
            }
            paths.push(path.clone());
        }
    }
    for path in paths {
        invalidate(session, &path);
    }
}

/// Records what files that changed on disk affect.
fn sync_disk(session: &mut Session) {
    for path in std::mem::take(&mut session.changed_on_disk) {
        session.workspace.is_stale = true;
        let name = path.file_name().and_then(|name| name.to_str());
        match name {
            Some(name) if name == GITIGNORE || CONTROL_FILES.contains(&name) => {
                session.request_reload(Reload::Projects);
            }
            Some(name) if name.ends_with(".json") || name == CONFIG_FILE => {
                session.request_reload(Reload::Rules);
            }
            _ if path.is_dir() => session.request_reload(Reload::Projects),
            // It may have been a folder. What was in it is unknown.
            _ if path.extension().is_none() && !path.exists() => {
                session.request_reload(Reload::Projects);
            }
            _ => invalidate(session, &path),
        }
    }
}

/// Marks what the new text of a file can affect: rules, or findings in other documents.
fn invalidate(session: &mut Session, path: &Path) {
    if is_config_or_rule(session, path) {
        session.request_reload(Reload::Rules);
    }
    if classify_at(path).is_none() {
        return;
    }
    for (root, project) in &session.projects {
        let mut indexes = project.indexes.borrow_mut();
        if !path.starts_with(root) || !indexes.note_change(&project.workspace, path) {
            continue;
        }
        session.workspace.is_stale = true;
        for document in session.documents.iter_mut() {
            let reads_others = document
                .file
                .as_ref()
                .is_some_and(|file| project.reads_others(file));
            if document.project.as_ref() == Some(root) && reads_others {
                document.is_stale = true;
            }
        }
    }
}

/// Whether a file is the config or a rule file of a project.
fn is_config_or_rule(session: &Session, path: &Path) -> bool {
    let is_config = path.file_name().is_some_and(|name| name == CONFIG_FILE);
    let is_toml = is_toml(path);
    is_config
        || session.projects.values().any(|project| {
            let mut rules = project.rule_paths.iter();
            project.config.as_deref() == Some(path)
                || (is_toml && rules.any(|rules| path.starts_with(rules)))
        })
}

/// Reads configs, rules and projects again, if that was requested.
fn reload(session: &mut Session) {
    let Some(reload) = session.reload.take() else {
        return;
    };
    session.workspace.is_stale = true;
    let previous = std::mem::take(&mut session.projects);
    for (root, project) in previous {
        // It may have become a part of another project.
        let is_root = || Projects::default().around(&root, &root).root == root;
        if reload == Reload::Projects && !is_root() {
            continue;
        }
        let was_broken = project.is_broken;
        let (overlay, settings) = (&session.overlay, &session.client.settings);
        let opened = match reload {
            Reload::Rules => {
                project.reload_rules(&session.folders, overlay, settings, session.today)
            }
            Reload::Projects => {
                let previous = Some(&project.loaded);
                OpenProject::open(
                    &root,
                    &session.folders,
                    overlay,
                    settings,
                    session.today,
                    previous,
                )
            }
        };
        if opened.is_broken && !was_broken {
            report_broken_config(session, &opened);
        }
        session.projects.insert(root, opened);
    }
    for document in session.documents.iter_mut() {
        document.project = None;
        document.is_stale = true;
    }
    publish_problems(session);
}

fn report_broken_config(session: &mut Session, project: &OpenProject) {
    let file = project.config.as_deref().unwrap_or(&project.project.root);
    let message = format!(
        "Invalid {}: using the last valid configuration until it is fixed, or all built-in rules if \
         there was none",
        slashed(file),
    );
    session.client.show(lsp::MessageType::Warning, &message);
}

/// Finds the project of every document, and opens projects that are new.
fn assign_projects(session: &mut Session) {
    let mut opened = Vec::new();
    for document in session.documents.iter_mut() {
        if document.project.is_some() {
            continue;
        }
        let path = document.path.as_deref();
        let path = path.filter(|path| is_toml(path) || classify_at(path).is_some());
        let Some((path, folder)) = path.and_then(|path| Some((path, path.parent()?))) else {
            continue;
        };
        let root = Projects::default().around(folder, folder).root.clone();
        if !session.projects.contains_key(&root) {
            let (overlay, settings) = (&session.overlay, &session.client.settings);
            let project = OpenProject::open(
                &root,
                &session.folders,
                overlay,
                settings,
                session.today,
                None,
            );
            session.projects.insert(root.clone(), project);
            opened.push(root.clone());
        }
        let project = session.projects.get(&root);
        document.file = project.and_then(|project| project.source_file(path));
        document.project = Some(root);
        document.is_stale = true;
    }
    if opened.is_empty() {
        return;
    }
    for root in &opened {
        if let Some(project) = session.projects.remove(root) {
            if project.is_broken {
                report_broken_config(session, &project);
            }
            session.projects.insert(root.clone(), project);
        }
    }
    publish_problems(session);
}

/// Publishes findings of new documents that do not depend on other files, because reading thousands of these takes a
/// while. The next check adds the others. It takes none back, so a file that already has diagnostics has to wait.
fn check_new_documents(session: &mut Session) {
    let mut checked = Vec::new();
    let all = session.documents.iter_mut();
    for document in all.filter(|it| it.is_stale && it.is_new) {
        document.is_new = false;
        let root = document.project.as_ref();
        let project = root.and_then(|root| session.projects.get(root));
        let file = document.file.as_ref();
        let file = file.filter(|it| !session.workspace.by_file.contains_key(&it.path));
        if let Some(results) = file.and_then(|file| project?.check_alone(file)) {
            document.results = results;
            checked.push(document.uri.clone());
        }
    }
    publish_results(session, checked);
}

/// Checks the documents whose results are out of date, and publishes the new ones.
fn check_stale_documents(session: &mut Session) {
    let mut checked = Vec::new();
    for document in session.documents.iter_mut().filter(|it| it.is_stale) {
        (document.is_stale, document.is_new) = (false, false);
        let root = document.project.as_ref();
        let project = root.and_then(|root| session.projects.get(root));
        let had_diagnostics = document.results.has_diagnostics();
        document.results = match (&document.file, project) {
            (Some(file), Some(project)) => {
                guarded(|| project.check(file)).unwrap_or_else(|panic| FileResults {
                    errors: vec![format!("Internal error in forcelint: {panic}")],
                    ..FileResults::default()
                })
            }
            _ => FileResults::default(),
        };
        if document.file.is_some() || had_diagnostics {
            checked.push(document.uri.clone());
        }
    }
    publish_results(session, checked);
}

fn publish_results(session: &mut Session, checked: Vec<lsp::Uri>) {
    for uri in checked {
        let Some(document) = session.documents.get(&uri) else {
            continue;
        };
        let diagnostics = match session.project_of(document) {
            Some(project) => diagnostics(
                document,
                &session.documents,
                &project.loaded.rules,
                &session.client.capabilities,
            ),
            None => Vec::new(),
        };
        let version = Some(document.version);
        publish(&mut session.client, uri, version, diagnostics);
    }
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "toml")
}
