//! A run over folders and files, in parallel.
//!
//! Most files are checked while the walk is still finding others. A file whose conditions ask about
//! other files is deferred until the walk is over and the index of its scope exists.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::check_files::{Buffers, check_files, folder_errors};
use super::dependents::check_dependents;
use super::deployment_scope::DeploymentScope;
use super::indexes::{Indexes, ScopeFiles};
use super::partial_report::PartialReport;
use super::workspace::{Monitor, Workspace};
use crate::engine::ComponentIndex;
use crate::finding::{Report, SkipReason, Tally};
use crate::git::Changes;
use crate::project::{Project, SourceFile, Targets, TypeSet, WalkTally, Wanted, walk};

/// Checks everything that the targets name, once.
pub fn run_once(workspace: &Workspace, targets: &Targets) -> Report {
    run(
        workspace,
        targets,
        &mut Indexes::default(),
        &Monitor::default(),
    )
}

/// Checks everything that the targets name. The `indexes` that it builds are valid afterwards, for
/// checking and fixing single files.
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
    let named = named_files(workspace, targets, &mut tally);
    let mut walked = None;
    if targets.folders.is_empty() && named.len() <= 1 {
        // Starting threads takes longer than checking a file.
        check_files(workspace, monitor, named, true, &partial);
    } else {
        walked = Some(workspace.pool().install(|| {
            let walked = check_folders(workspace, targets, monitor, &partial);
            named.into_par_iter().for_each(|file| {
                check_files(workspace, monitor, vec![file], true, &partial);
            });
            walked
        }));
    }
    if let Some(changes) = workspace.changes() {
        check_dependents(workspace, changes, targets, monitor, &partial);
    }
    let mut partial = partial.into_inner().unwrap_or_else(PoisonError::into_inner);
    let folder_unreadable = walked.as_ref().is_some_and(|it| !it.unreadable.is_empty());
    // A walk that only looked for changes has not seen all files.
    let walked_folders = match workspace.changes() {
        None => &targets.folders[..],
        Some(_) => &[],
    };
    check_deferred(
        workspace,
        indexes,
        &mut partial,
        walked_folders,
        folder_unreadable,
    );
    if let Some(walked) = walked {
        count_walked(&walked, &mut tally);
        let errors = folder_errors(workspace, walked.unreadable, &targets.folders);
        partial.errors.extend(errors);
    }
    partial.finish(workspace, tally, targets)
}

/// The named files; if a run is about changes, the changed ones.
fn named_files(workspace: &Workspace, targets: &Targets, tally: &mut Tally) -> Vec<SourceFile> {
    let changes = workspace.changes();
    let is_asked = |path: &&PathBuf| {
        changes.is_none_or(|changes| changes.has(path) || changes.is_renamed(path))
    };
    let paths = targets.files.iter().filter(is_asked).cloned();
    workspace.named_files(paths, tally)
}

/// Walks the folders and checks the files in them.
fn check_folders(
    workspace: &Workspace,
    targets: &Targets,
    monitor: &Monitor,
    partial: &Mutex<PartialReport>,
) -> WalkTally {
    let rules = &workspace.rules;
    let wanted = Wanted {
        types: rules.checked_types().union(rules.read_types()),
        even_forceignored: rules.types_checked_when_forceignored(),
        listing: workspace.changes().map(Changes::listing),
    };
    walk(
        &targets.folders,
        &wanted,
        &workspace.projects,
        workspace.options.force_exclude || !targets.folders_are_named,
        &monitor.files_seen,
        &|mut files: Vec<SourceFile>| {
            // Files that were named are checked as such.
            files.retain(|file| targets.files.binary_search(&file.path).is_err());
            check_files(workspace, monitor, files, false, partial);
        },
    )
}

/// Checks the deferred files, now that the walk of `walked` is over.
fn check_deferred(
    workspace: &Workspace,
    indexes: &mut Indexes,
    partial: &mut PartialReport,
    walked: &[PathBuf],
    folder_unreadable: bool,
) {
    let mut by_scope: HashMap<DeploymentScope, (Arc<Project>, Vec<SourceFile>)> = HashMap::new();
    for file in std::mem::take(&mut partial.deferred) {
        by_scope
            .entry(DeploymentScope::of(&file))
            .or_insert_with(|| (Arc::clone(&file.project), Vec::new()))
            .1
            .push(file);
    }
    let mut indexable = std::mem::take(&mut partial.indexable);
    for (scope, (project, files)) in by_scope {
        let is_walked = |folder: &PathBuf| walked.iter().any(|walked| folder.starts_with(walked));
        // A walk over the whole scope has found all of its files.
        let found = scope
            .folders(&project)
            .iter()
            .all(is_walked)
            .then(|| ScopeFiles {
                files: indexable
                    .extract_if(.., |file| DeploymentScope::of(file) == scope)
                    .collect(),
                folder_unreadable,
            });
        let types = files.iter().map(|file| file.component.metadata_type);
        let types = types.fold(TypeSet::default(), |all, it| {
            all.union(workspace.rules.types_read_about(it))
        });
        let errors = &mut partial.errors;
        let index = indexes.get(workspace, &scope, &project, types, found, errors);
        let check = |buffers: &mut Buffers, file: SourceFile| {
            check_with_index(workspace, buffers, &file, &index)
        };
        let checked: Vec<PartialReport> = match files.len() {
            1 => {
                let mut buffers = Buffers::default();
                let files = files.into_iter();
                files.map(|file| check(&mut buffers, file)).collect()
            }
            _ => workspace.pool().install(|| {
                let files = files.into_par_iter();
                files.map_init(Buffers::default, check).collect()
            }),
        };
        checked.into_iter().for_each(|one| partial.absorb(one));
    }
}

fn check_with_index(
    workspace: &Workspace,
    buffers: &mut Buffers,
    file: &SourceFile,
    index: &ComponentIndex,
) -> PartialReport {
    let mut local = PartialReport::default();
    match buffers.lint(workspace, file, Some(index)) {
        Ok(linted) => {
            local.absorb_file(linted.done());
            if !workspace.is_changed(file) && !local.findings.is_empty() {
                // It counts because of other files.
                local.count(file);
            }
        }
        Err(error) => local.unreadable(file, &error, true),
    }
    local
}

fn count_walked(walked: &WalkTally, tally: &mut Tally) {
    tally.files_seen += walked.files_seen;
    for (reason, count) in [
        (SkipReason::Forceignore, walked.forceignored),
        (SkipReason::Gitignore, walked.gitignored),
        (SkipReason::Exclude, walked.excluded),
        (SkipReason::NotRegular, walked.not_regular),
    ] {
        if count > 0 {
            *tally.skipped.entry(reason).or_default() += count;
        }
    }
}
