//! The files that are not open, judged on request.
//!
//! In: the folders of the workspace, the open texts and the settings, as they are at that time. Out:
//! diagnostics by file. It runs beside the session, on a thread of its own, over the same files as
//! `forcelint check` in each project's folder, and can be stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gen_lsp_types as lsp;
use jiff::civil::Date;
use walkdir::{DirEntry, WalkDir};

use super::client::{Capabilities, Settings};
use super::diagnostics::of_finding;
use super::documents::Documents;
use super::open_project::OpenProject;
use crate::project::{Overlay, PROJECT_FILE, Targets};
use crate::run::{Indexes, Monitor, run};

/// What has to be known beforehand.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// The folders of the workspace.
    pub folders: Vec<PathBuf>,
    /// The open texts.
    pub overlay: Overlay,
    /// What the user set.
    pub settings: Settings,
    /// The day on which it is checked.
    pub today: Date,
    /// What the client can do.
    pub can: Capabilities,
    /// True once nobody waits for it any more.
    pub stop: Arc<AtomicBool>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// What is drawn in each file that has something.
    pub by_file: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
    /// Files that were looked into.
    pub files: u64,
    /// What could not be done.
    pub errors: Vec<String>,
    /// It was stopped before its end.
    pub is_stopped: bool,
}

/// Judges everything in the folders.
pub(super) fn check(order: &Order) -> Checked {
    let mut checked = Checked::default();
    let nothing_open = Documents::default();
    for root in roots(&order.folders) {
        let project = OpenProject::open(&root, &order.overlay, &order.settings, order.today, None);
        let monitor = Monitor {
            stop: Arc::clone(&order.stop),
            ..Monitor::default()
        };
        // Ignore files hold for what no one named.
        let targets = match Targets::resolve(&[], &root, &project.workspace.projects) {
            Ok(targets) => targets,
            Err(error) => {
                checked.errors.push(format!("{}: {error}", root.display()));
                continue;
            }
        };
        let mut report = run(
            &project.workspace,
            &targets,
            &mut Indexes::default(),
            &monitor,
        );
        project.usable.policy.suppress(&mut report);
        project.usable.policy.apply(&mut report);
        checked.files += report.tally.files_checked;
        let errors = report.all_errors().into_iter();
        checked
            .errors
            .extend(errors.map(|error| format!("{}: {}", error.path, error.message)));
        for finding in &report.findings {
            let rules = &project.usable.rules;
            let drawn = of_finding(finding, None, &nothing_open, rules, &order.can);
            let of_file = checked.by_file.entry(finding.file.path.clone());
            of_file.or_default().push(drawn);
        }
    }
    checked.is_stopped = order.stop.load(Ordering::Relaxed);
    checked
}

/// The folders of the projects in a workspace; a folder without any is looked through as it is.
fn roots(folders: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut roots = BTreeSet::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let around = folder.ancestors().find(|above| is_project(above));
        if let Some(root) = around {
            roots.insert(root.to_path_buf());
            continue;
        }
        let below = projects_below(folder);
        if below.is_empty() {
            roots.insert(folder.clone());
        }
        roots.extend(below);
    }
    roots
}

fn is_project(folder: &Path) -> bool {
    folder.join(PROJECT_FILE).is_file()
}

fn projects_below(folder: &Path) -> Vec<PathBuf> {
    let is_source = |entry: &DirEntry| {
        let name = entry.file_name();
        let is_hidden = name.as_encoded_bytes().starts_with(b".") || name == "node_modules";
        entry.depth() == 0 || !is_hidden
    };
    let found = WalkDir::new(folder).into_iter().filter_entry(is_source);
    let found = found.filter_map(Result::ok);
    let files = found.filter(|entry| entry.file_name() == PROJECT_FILE);
    files
        .filter_map(|file| file.path().parent().map(Path::to_path_buf))
        .collect()
}
