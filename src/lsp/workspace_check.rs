//! The check of the files that are not open.
//!
//! It runs on its own thread over copies of the session's state, checks the same files as `forcelint
//! check` in each project's root, and can be stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gen_lsp_types as lsp;
use jiff::civil::Date;
use walkdir::{DirEntry, WalkDir};

use super::client_capabilities::Capabilities;
use super::diagnostics::finding_diagnostic;
use super::document::Documents;
use super::open_project::OpenProject;
use super::settings::Settings;
use crate::project::{Overlay, PROJECT_FILE, Targets, slashed};
use crate::run::{Indexes, Monitor, run};

/// What a check needs.
#[derive(Debug, Clone)]
pub(super) struct CheckOrder {
    /// The folders of the workspace.
    pub folders: Vec<PathBuf>,
    /// The open texts.
    pub overlay: Overlay,
    pub settings: Settings,
    /// The current day in UTC.
    pub today: Date,
    pub capabilities: Capabilities,
    /// Storing `true` stops the check.
    pub stop: Arc<AtomicBool>,
}

/// The results of a check.
#[derive(Debug, Default)]
pub(super) struct CheckedWorkspace {
    /// The diagnostics of each file that has some.
    pub by_file: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
    /// Number of checked files.
    pub files: u64,
    /// What could not be read.
    pub errors: Vec<String>,
    /// The check was stopped, so the results are incomplete.
    pub is_stopped: bool,
}

/// Checks all projects in the folders.
pub(super) fn check(order: &CheckOrder) -> CheckedWorkspace {
    let mut checked = CheckedWorkspace::default();
    let nothing_open = Documents::default();
    for root in roots(&order.folders) {
        let project = OpenProject::open(
            &root,
            &order.folders,
            &order.overlay,
            &order.settings,
            order.today,
            None,
        );
        let monitor = Monitor {
            stop: Arc::clone(&order.stop),
            ..Monitor::default()
        };
        let targets = match Targets::resolve(&[], &root, &project.workspace.projects) {
            Ok(targets) => targets,
            Err(error) => {
                checked.errors.push(format!("{}: {error}", slashed(&root)));
                continue;
            }
        };
        let mut report = run(
            &project.workspace,
            &targets,
            &mut Indexes::default(),
            &monitor,
        );
        project.loaded.policy.suppress(&mut report);
        project.loaded.policy.apply(&mut report);
        checked.files += report.tally.files_checked;
        let errors = report.all_errors().into_iter();
        checked
            .errors
            .extend(errors.map(|error| format!("{}: {}", error.path, error.message)));
        // A finding on the project depends on all files, and files are checked again one by one.
        let in_files = report.findings.iter();
        let in_files = in_files.filter(|it| !it.file.component.metadata_type.is_project());
        for finding in in_files {
            let rules = &project.loaded.rules;
            let diagnostic =
                finding_diagnostic(finding, None, &nothing_open, rules, &order.capabilities);
            let of_file = checked.by_file.entry(finding.file.path.clone());
            of_file.or_default().push(diagnostic);
        }
    }
    checked.is_stopped = order.stop.load(Ordering::Relaxed);
    checked
}

/// The roots of the projects in a workspace. A folder without a project is its own root.
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
