//! Files that are changed although git does not show it by their own paths: those behind links.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use super::workspace::Workspace;
use crate::git::Changes;
use crate::project::{SourceFile, Targets, WalkFilter, walk};

/// Adds the files behind links to the changes.
///
/// # Errors
/// If git's index cannot be read.
pub fn extend_changes(
    workspace: &Workspace,
    targets: &Targets,
    changes: &mut Changes,
) -> Result<(), String> {
    if !changes.has_links {
        return Ok(());
    }
    let found = find_all(workspace, targets, changes)?;
    let mut linked = 0;
    for path in &found {
        linked += usize::from(changes.note_linked(path)?);
    }
    if linked > 0 {
        let files = if linked == 1 { "file" } else { "files" };
        changes
            .compared
            .push(format!("through links: {linked} metadata {files} changed"));
    }
    changes.use_found(&found);
    Ok(())
}

/// The files that a run over all files checks or reads.
fn find_all(
    workspace: &Workspace,
    targets: &Targets,
    changes: &mut Changes,
) -> Result<Vec<PathBuf>, String> {
    let rules = &workspace.rules;
    let filter = WalkFilter {
        types: rules.checked_types().union(rules.read_types()),
        include_forceignored: rules.types_checked_when_forceignored(),
        listing: changes.staged_listing().transpose()?,
        is_named: targets.folders_are_named && !workspace.options.force_exclude,
        lists_skipped: false,
    };
    let found = Mutex::new(BTreeSet::new());
    let walked = workspace.pool().install(|| {
        walk(
            &targets.folders,
            targets.project.as_ref(),
            &filter,
            &workspace.projects,
            &AtomicU64::new(0),
            &|files: Vec<SourceFile>| {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.extend(files.into_iter().map(|file| file.path));
            },
        )
    });
    changes.unreadable = walked.unreadable;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.extend(targets.files.iter().cloned());
    Ok(found.into_iter().collect())
}
