//! Unchanged files whose findings changed files can affect.
//!
//! A finding of such a file is reported if one of its conditions read a component that was changed,
//! added, deleted or renamed, whatever the result was. The finding itself does not show evidence that
//! was deleted, such as a settings file that lowered the severity.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::check_files::{FoundBy, check_files};
use super::deployment_scope::DeploymentScope;
use super::find_files::list_staged_files;
use super::indexes::changed_files;
use super::partial_report::{PartialReport, folder_errors};
use super::workspace::{Monitor, Workspace};
use crate::finding::Tally;
use crate::git::Changes;
use crate::project::{SourceFile, Targets, WalkFilter, walk};

/// Checks the unchanged files whose conditions can read changed files.
pub(super) fn check_dependents(
    workspace: &Workspace,
    changes: &Changes,
    targets: &Targets,
    monitor: &Monitor,
    partial: &Mutex<PartialReport>,
) {
    let changed = changed_files(workspace, changes);
    let scopes: HashSet<DeploymentScope> = changed.iter().map(DeploymentScope::of).collect();
    if scopes.is_empty() {
        return;
    }
    let types = workspace.rules.types_reading_others();
    let is_of_type = |file: &SourceFile| {
        types.contains(file.component.metadata_type) || workspace.rules.may_be_part_of(types, file)
    };
    let may_depend = |file: &SourceFile| {
        is_of_type(file)
            && !workspace.is_changed(file)
            && !changes.is_renamed(&file.path)
            && scopes.contains(&DeploymentScope::of(file))
    };
    let mut filter = WalkFilter {
        types: workspace.rules.types_of_files(types),
        is_named: targets.folders_are_named && !workspace.options.force_exclude,
        ..WalkFilter::default()
    };
    let add_errors = |errors: Vec<_>| {
        let mut partial = partial.lock().unwrap_or_else(PoisonError::into_inner);
        partial.errors.extend(errors);
    };
    if let Err(error) = list_staged_files(workspace, &mut filter) {
        add_errors(vec![error]);
        return;
    }
    let existing = targets.files.iter().filter(|path| changes.exists(path));
    let mut named = workspace.named_files(existing.cloned(), &mut Tally::default());
    named.retain(may_depend);
    workspace.pool().install(|| {
        let walked = walk(
            &targets.folders,
            targets.project.as_ref(),
            &filter,
            &workspace.projects,
            &Default::default(),
            &|mut files: Vec<SourceFile>| {
                files.retain(|file| {
                    may_depend(file) && targets.files.binary_search(&file.path).is_err()
                });
                check_files(workspace, monitor, files, FoundBy::Walk, partial);
            },
        );
        add_errors(folder_errors(
            workspace,
            &walked.unreadable,
            &targets.folders,
        ));
        named
            .into_par_iter()
            .for_each(|file| check_files(workspace, monitor, vec![file], FoundBy::Name, partial));
    });
}
