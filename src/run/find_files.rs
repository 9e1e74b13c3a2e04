//! Finds the files of metadata types in folders that the user did not name, and the file at a path.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use super::partial_report::folder_errors;
use super::workspace::Workspace;
use crate::finding::RunError;
use crate::git::Changes;
use crate::project::{Project, Projects, SourceFile, TypeSet, WalkFilter, classify_at, walk};

/// The files that make up components of `types` in folders of a project, and whether a folder could not be
/// read.
pub(super) fn find_files(
    workspace: &Workspace,
    project: &Arc<Project>,
    folders: &[PathBuf],
    types: TypeSet,
    errors: &mut Vec<RunError>,
) -> (Vec<SourceFile>, bool) {
    let found = Mutex::new(Vec::new());
    let mut filter = WalkFilter {
        types: workspace.rules.types_of_files(types),
        ..WalkFilter::default()
    };
    if let Err(error) = list_staged_files(workspace, &mut filter) {
        errors.push(error);
    }
    let folders: Vec<PathBuf> = folders
        .iter()
        .filter(|it| workspace.projects.is_folder(it))
        .cloned()
        .collect();
    let walked = workspace.pool().install(|| {
        walk(
            &folders,
            Some(project),
            &filter,
            &workspace.projects,
            &AtomicU64::new(0),
            &|mut files: Vec<SourceFile>| {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.append(&mut files);
            },
        )
    });
    let folder_unreadable = !walked.unreadable.is_empty();
    errors.extend(folder_errors(workspace, &walked.unreadable, &[]));
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    (found, folder_unreadable)
}

/// If the run is about staged files, restricts a walk to them.
pub(super) fn list_staged_files(
    workspace: &Workspace,
    filter: &mut WalkFilter,
) -> Result<(), RunError> {
    let listing = workspace.changes().and_then(Changes::staged_listing);
    filter.listing = listing.transpose().map_err(|message| RunError {
        path: "the git index".to_owned(),
        message: format!("cannot be read: {message}"),
    })?;
    Ok(())
}

/// Whether a main file can have no pieces. Asking this is faster than a walk.
pub(super) fn is_surely_alone(workspace: &Workspace, file: &SourceFile) -> bool {
    let folder = file.path.parent();
    let is_in_folder_of_type = folder.is_some_and(|it| it.ends_with(file.whole_type().folder()));
    let own_folder = folder.map(|it| it.join(&file.component.name));
    // `labels` has the labels themselves.
    let has_own_folder = file.component.name != file.whole_type().name();
    file.piece().is_none()
        && workspace.changes().is_none()
        && is_in_folder_of_type
        && has_own_folder
        && own_folder.is_some_and(|it| !workspace.projects.is_folder(&it))
        && !file.has_text_pieces()
}

/// The file that a path is, or was, in these projects.
pub(crate) fn source_file_at(projects: &Projects, path: &Path) -> Option<SourceFile> {
    classify_at(path)?;
    let folder = path.parent()?;
    SourceFile::new(path.to_path_buf(), projects.around(folder, folder))
}
