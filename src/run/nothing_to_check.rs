//! Named folders, projects and files in which there is nothing to check.
//!
//! A run that checks nothing because a path is wrong or an ignore file skips everything must not look
//! like a pass.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use super::workspace::Workspace;
use crate::finding::RunError;
use crate::project::{Targets, TypeSet, WalkFilter, WalkTally, classify_at, is_zip, walk};
use crate::text::sanitize;

/// The errors about targets without metadata. `without_metadata` has the walked folders in which no file
/// was checked.
pub(super) fn nothing_to_check(
    workspace: &Workspace,
    targets: &Targets,
    without_metadata: &[PathBuf],
) -> Vec<RunError> {
    let options = &workspace.options;
    if options.allow_empty || options.force_exclude || workspace.changes().is_some() {
        return Vec::new();
    }
    let mut errors = Vec::new();
    // An editor pipes files of all kinds.
    let is_piped = |file: &&PathBuf| workspace.sources.overlay.text(file).is_some();
    let others = targets
        .files
        .iter()
        .filter(|file| classify_at(file).is_none());
    for file in others.filter(|file| !is_piped(file)) {
        errors.push(RunError {
            path: workspace.projects.report_path(file, &[]),
            message: "is not a metadata file that forcelint knows; to skip such files, use \
                      `--force-exclude` or `--allow-empty`"
                .to_owned(),
        });
    }
    match &targets.project {
        Some(project) if without_metadata.len() == targets.folders.len() => {
            let folders = &targets.folders[..];
            errors.extend(error_about(workspace, targets, folders, &project.root));
        }
        Some(_) => {}
        None => {
            for folder in without_metadata {
                let folders = std::slice::from_ref(folder);
                errors.extend(error_about(workspace, targets, folders, folder));
            }
        }
    }
    errors
}

/// The error about `shown`, if the folders have no metadata of any type, or all of it is skipped.
fn error_about(
    workspace: &Workspace,
    targets: &Targets,
    folders: &[PathBuf],
    shown: &Path,
) -> Option<RunError> {
    let filter = WalkFilter {
        types: TypeSet::all(),
        is_named: targets.folders_are_named,
        ..WalkFilter::default()
    };
    let walked = workspace.pool().install(|| {
        let project = targets.project.as_ref();
        walk(
            folders,
            project,
            &filter,
            &workspace.projects,
            &AtomicU64::new(0),
            &|_| {},
        )
    });
    if walked.without_metadata.len() < folders.len() {
        return None;
    }
    Some(RunError {
        path: workspace.projects.report_path(shown, &targets.folders),
        message: reason(&walked) + &zip_in(shown),
    })
}

/// The advice about a zip in a folder without metadata.
fn zip_in(folder: &Path) -> String {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    match names.filter(|name| is_zip(Path::new(name))).min() {
        Some(name) => format!(
            " (to check the zip `{}` in it, name the zip)",
            sanitize(&name.to_string_lossy())
        ),
        None => String::new(),
    }
}

fn reason(walked: &WalkTally) -> String {
    if walked.skipped.is_empty() {
        return "contains no Salesforce metadata; check the path, or use `--allow-empty`"
            .to_owned();
    }
    let mut text = "has nothing to check, because all metadata in it is skipped (".to_owned();
    for (at, (reason, count)) in walked.skipped.iter().enumerate() {
        let separator = if at == 0 { "" } else { ", " };
        let _ = write!(text, "{separator}{count} by {}", reason.source());
    }
    text.push_str("); list it with `--show-skipped`, or use `--allow-empty`");
    text
}
