//! A run over folders and files, in parallel.
//!
//! Most files are checked while the walk is still finding others. A file whose conditions read other
//! files is deferred until the walk is complete and the index of its scope has been built.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::buffers::Buffers;
use super::check_components::check_components;
use super::check_files::{FoundBy, check_files};
use super::check_projects::add_projects;
use super::decomposed::{is_changed, lint_decomposed};
use super::dependents::check_dependents;
use super::deployment_scope::DeploymentScope;
use super::indexes::{Indexes, ScopeFiles};
use super::kept_file::Deferred;
use super::lint_bytes::{lint_kept, report_options};
use super::nothing_to_check::nothing_to_check;
use super::partial_report::{PartialReport, folder_errors};
use super::workspace::{Monitor, Workspace};
use crate::engine::ComponentIndex;
use crate::finding::{Report, RunError, Tally};
use crate::git::Changes;
use crate::lint::Phase;
use crate::project::{SourceFile, Targets, TypeSet, WalkFilter, WalkTally, walk};

/// Checks the targets, without keeping indexes.
pub fn run_once(workspace: &Workspace, targets: &Targets) -> Report {
    run(
        workspace,
        targets,
        &mut Indexes::default(),
        &Monitor::default(),
    )
}

/// Checks the targets. The `indexes` are valid afterwards, for checking and fixing single files.
pub fn run(
    workspace: &Workspace,
    targets: &Targets,
    indexes: &mut Indexes,
    monitor: &Monitor,
) -> Report {
    indexes.clear();
    monitor.files_seen.store(0, Ordering::Relaxed);
    let partial = Mutex::new(PartialReport::default());
    let mut tally = Tally::default();
    let timer = workspace.options.timer;
    let walking = timer.measure(Phase::Walk);
    let named = named_files(workspace, targets, &mut tally);
    let mut walked = None;
    if targets.folders.is_empty() && named.len() <= 1 {
        // Starting threads takes longer than checking a file.
        check_files(workspace, monitor, named, FoundBy::Name, &partial);
    } else {
        walked = Some(workspace.pool().install(|| {
            let walked = check_folders(
                workspace,
                targets,
                monitor,
                indexes.keeps_components,
                &partial,
            );
            named.into_par_iter().for_each(|file| {
                check_files(workspace, monitor, vec![file], FoundBy::Name, &partial);
            });
            walked
        }));
    }
    drop(walking);
    let related = timer.measure(Phase::Related);
    if let Some(changes) = workspace.changes() {
        check_dependents(workspace, changes, targets, monitor, &partial);
    }
    if let Some(changes) = workspace.changes() {
        let errors = folder_errors(workspace, &changes.unreadable, &targets.folders);
        let mut partial = partial.lock().unwrap_or_else(PoisonError::into_inner);
        partial.errors.extend(errors);
    }
    let folder_unreadable = walked.as_ref().is_some_and(|it| !it.unreadable.is_empty());
    // A walk for changed files does not find all files.
    let walked_folders = match workspace.changes() {
        None => &targets.folders[..],
        Some(_) => &[],
    };
    check_components(workspace, targets, walked_folders, indexes, &partial);
    let mut partial = partial.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !monitor.stop.load(Ordering::Relaxed) {
        add_projects(workspace, targets, &mut partial);
    }
    check_deferred(
        workspace,
        indexes,
        &mut partial,
        walked_folders,
        folder_unreadable,
    );
    drop(related);
    let mut without_metadata = Vec::new();
    if let Some(mut walked) = walked {
        let errors = folder_errors(workspace, &walked.unreadable, &targets.folders);
        partial.errors.extend(errors);
        without_metadata = std::mem::take(&mut walked.without_metadata);
        count_walked(walked, &mut tally);
    }
    let missing = missing_package_directories(workspace, targets);
    // Without any package directory, the missing ones are the reason for having no metadata.
    if missing.is_empty() || !targets.folders.is_empty() {
        let empty = nothing_to_check(workspace, targets, &without_metadata);
        partial.errors.extend(empty);
    }
    partial.errors.extend(missing);
    partial.finish(workspace, tally, targets)
}

/// The errors about package directories of the checked projects that do not exist.
fn missing_package_directories(workspace: &Workspace, targets: &Targets) -> Vec<RunError> {
    let checked = targets.project.as_ref();
    let missing = workspace
        .projects
        .missing_package_directories(&targets.folders, checked);
    let to_error = |(path, reason): (String, &str)| RunError {
        path,
        message: reason.to_owned(),
    };
    missing.into_iter().map(to_error).collect()
}

/// The named files. If the run is about changes, only the changed ones.
fn named_files(workspace: &Workspace, targets: &Targets, tally: &mut Tally) -> Vec<SourceFile> {
    let changes = workspace.changes();
    let is_changed = |path: &&PathBuf| {
        changes.is_none_or(|changes| changes.has(path) || changes.is_renamed(path))
    };
    let paths = targets.files.iter().filter(is_changed).cloned();
    workspace.named_files(paths, tally)
}

/// Walks the folders and checks the files in them.
fn check_folders(
    workspace: &Workspace,
    targets: &Targets,
    monitor: &Monitor,
    keeps_components: bool,
    partial: &Mutex<PartialReport>,
) -> WalkTally {
    let rules = &workspace.rules;
    // The posture is about all files, and a change of the main file is about all pieces.
    let is_partial = workspace.options.detail.posture || workspace.changes().is_some();
    let found_by = match keeps_components || is_partial {
        true => FoundBy::Walk,
        false => FoundBy::FullWalk(&targets.folders),
    };
    let filter = WalkFilter {
        types: rules.types_of_files(rules.checked_types().union(rules.read_types())),
        include_forceignored: rules.types_checked_when_forceignored(),
        listing: workspace.changes().map(Changes::listing),
        is_named: targets.folders_are_named && !workspace.options.force_exclude,
        lists_skipped: workspace.options.detail.skipped,
    };
    walk(
        &targets.folders,
        targets.project.as_ref(),
        &filter,
        &workspace.projects,
        &monitor.files_seen,
        &|mut files: Vec<SourceFile>| {
            // Named files are checked separately.
            files.retain(|file| targets.files.binary_search(&file.path).is_err());
            check_files(workspace, monitor, files, found_by, partial);
        },
    )
}

/// Checks the deferred files after the walk of the folders `walked`.
fn check_deferred(
    workspace: &Workspace,
    indexes: &mut Indexes,
    partial: &mut PartialReport,
    walked: &[PathBuf],
    folder_unreadable: bool,
) {
    if partial.deferred.is_empty() {
        return;
    }
    let deferred = by_scope(std::mem::take(&mut partial.deferred), |it| {
        &it.component.file
    });
    let mut indexable = std::mem::take(&mut partial.indexable);
    // A file that is not deployed is in no index, even if it was named.
    indexable.retain(SourceFile::may_be_deployed);
    let mut indexable = by_scope(indexable, |file| file);
    let walked: HashSet<&Path> = walked.iter().map(PathBuf::as_path).collect();
    for (scope, components) in deferred {
        let project = Arc::clone(&components[0].component.file.project);
        let is_walked = |folder: &PathBuf| folder.ancestors().any(|it| walked.contains(it));
        // If the whole scope was walked, all of its files are known.
        let found = scope
            .folders(&project)
            .iter()
            .all(is_walked)
            .then(|| ScopeFiles {
                files: indexable.remove(&scope).unwrap_or_default(),
                folder_unreadable,
            });
        let types = components
            .iter()
            .map(|it| it.component.file.component.metadata_type);
        let types = types.fold(TypeSet::default(), |all, it| {
            all.union(workspace.rules.types_read_about(it))
        });
        let errors = &mut partial.errors;
        let index = indexes.get(workspace, &scope, &project, types, found, errors);
        let start = <(Buffers, PartialReport)>::default;
        let check = |(mut buffers, mut all): (Buffers, PartialReport), it: Deferred| {
            check_with_index(workspace, &mut buffers, &it, &index, &mut all);
            (buffers, all)
        };
        let checked: Vec<_> = match components.len() {
            1 => vec![components.into_iter().fold(start(), check)],
            _ => workspace
                .pool()
                .install(|| components.into_par_iter().fold(start, check).collect()),
        };
        for (_, all) in checked {
            partial.absorb(all);
        }
    }
}

fn by_scope<T>(all: Vec<T>, file: impl Fn(&T) -> &SourceFile) -> HashMap<DeploymentScope, Vec<T>> {
    let mut by_scope: HashMap<DeploymentScope, Vec<T>> = HashMap::new();
    for it in all {
        let scope = DeploymentScope::of(file(&it));
        by_scope.entry(scope).or_default().push(it);
    }
    by_scope
}

fn check_with_index(
    workspace: &Workspace,
    buffers: &mut Buffers,
    deferred: &Deferred,
    index: &ComponentIndex,
    all: &mut PartialReport,
) {
    let component = &deferred.component;
    let file = &component.file;
    if component.is_decomposed() {
        let options = report_options(workspace);
        let errors = &mut all.errors;
        let linted = lint_decomposed(workspace, component, None, Some(index), options, errors);
        let report = linted.done();
        let is_affected = !report.findings.is_empty() || !report.not_shown.is_empty();
        if !is_changed(workspace, component) && is_affected {
            all.count_decomposed(component, workspace.rules.checked_types());
        }
        all.absorb_file(report);
        return;
    }
    let linted = match &deferred.kept {
        Some(kept) => Ok(lint_kept(workspace, file, kept, index)),
        None => buffers.lint(workspace, file, Some(index)),
    };
    match linted {
        Ok(linted) => {
            let report = linted.done();
            let is_affected = !report.findings.is_empty() || !report.not_shown.is_empty();
            if !workspace.is_changed(file) && is_affected {
                // It is checked because of changed files.
                all.count(file);
            }
            all.absorb_file(report);
        }
        Err(error) => all.unreadable(file, &error, true),
    }
}

fn count_walked(walked: WalkTally, tally: &mut Tally) {
    tally.files_seen += walked.files_seen;
    for (reason, count) in walked.skipped {
        *tally.skipped.entry(reason).or_default() += count;
    }
    tally.skipped_paths.extend(walked.skipped_paths);
}
