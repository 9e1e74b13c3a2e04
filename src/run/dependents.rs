//! Files that did not change, but whose findings may differ because others did.
//!
//! A finding of such a file counts if a condition on its way asked about a component that changed,
//! came, went or was renamed, whatever the answer was: evidence that is gone leaves no trace in the
//! finding, and a settings file that no longer lowers a severity is what a reviewer has to see.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::check_files::{check_files, folder_errors};
use super::deployment_scope::DeploymentScope;
use super::indexes::{changed_files, list_staged_files};
use super::partial_report::PartialReport;
use super::workspace::{Monitor, Workspace};
use crate::finding::Tally;
use crate::git::Changes;
use crate::project::{SourceFile, Targets, Wanted, walk};

/// Checks the files that did not change and may ask about others that did.
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
    let may_depend = |file: &SourceFile| {
        types.contains(file.component.metadata_type)
            && !workspace.is_changed(file)
            && !changes.is_renamed(&file.path)
            && scopes.contains(&DeploymentScope::of(file))
    };
    let mut wanted = Wanted {
        types,
        ..Wanted::default()
    };
    let add_errors = |errors: Vec<_>| {
        let mut partial = partial.lock().unwrap_or_else(PoisonError::into_inner);
        partial.errors.extend(errors);
    };
    if let Err(error) = list_staged_files(workspace, &mut wanted) {
        add_errors(vec![error]);
        return;
    }
    let existing = targets.files.iter().filter(|path| changes.is_there(path));
    let mut named = workspace.named_files(existing.cloned(), &mut Tally::default());
    named.retain(may_depend);
    workspace.pool().install(|| {
        let walked = walk(
            &targets.folders,
            &wanted,
            &workspace.projects,
            workspace.options.force_exclude || !targets.folders_are_named,
            &Default::default(),
            &|mut files: Vec<SourceFile>| {
                files.retain(|file| {
                    may_depend(file) && targets.files.binary_search(&file.path).is_err()
                });
                check_files(workspace, monitor, files, false, partial);
            },
        );
        add_errors(folder_errors(
            workspace,
            walked.unreadable,
            &targets.folders,
        ));
        named
            .into_par_iter()
            .for_each(|file| check_files(workspace, monitor, vec![file], true, partial));
    });
}
