//! Walks a folder that is not on disk: a zip, or a revision of a repository. Links in it are not followed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::skipped::{SkipReason, Skipped};
use super::walker::{BATCH_SIZE, WalkFilter, WalkSink, WalkTally};
use crate::project::project::Project;
use crate::project::projects::Projects;
use crate::project::source_file::{Deployment, SourceFile};

/// Passes the metadata files in a folder to the sink, and adds the rest to the tally.
pub(super) fn walk_packed<S: WalkSink>(
    folder: &Path,
    filter: &WalkFilter,
    projects: &Projects,
    files_seen: &AtomicU64,
    sink: &S,
    tally: &mut WalkTally,
) {
    let Some(packed) = projects.packed().around(folder) else {
        return;
    };
    files_seen.fetch_add(packed.file_count, Ordering::Relaxed);
    for problem in &packed.problems {
        let problem = (packed.root.clone(), problem.clone());
        tally.unreadable.push(problem);
    }
    let mut paths = packed.paths_in(folder);
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default();
        filter.types.may_have(name.as_encoded_bytes())
    });
    paths.retain(|path| {
        let skipped = match path {
            _ if projects.excludes.has(path, false) => Some(SkipReason::Exclude),
            _ if is_of_macos(path) && !projects.is_audit => Some(SkipReason::NotRegular),
            _ => None,
        };
        if let Some(reason) = skipped {
            note_skipped(path, reason, filter, tally);
        }
        skipped.is_none()
    });
    let has_metadata = AtomicBool::new(false);
    let forceignored = Mutex::new(Vec::new());
    paths.par_chunks(BATCH_SIZE).for_each(|paths| {
        let (files, mut ignored) = source_files(paths, filter, projects);
        let mut all = forceignored.lock().unwrap_or_else(PoisonError::into_inner);
        all.append(&mut ignored);
        drop(all);
        if !files.is_empty() {
            has_metadata.store(true, Ordering::Relaxed);
            sink(files);
        }
    });
    let forceignored = forceignored.into_inner();
    for path in forceignored.unwrap_or_else(PoisonError::into_inner) {
        note_skipped(&path, SkipReason::Forceignore, filter, tally);
    }
    if !has_metadata.into_inner() {
        tally.without_metadata.push(folder.to_path_buf());
    }
}

fn note_skipped(path: &Path, reason: SkipReason, filter: &WalkFilter, tally: &mut WalkTally) {
    *tally.skipped.entry(reason).or_default() += 1;
    if filter.lists_skipped {
        let path = path.to_path_buf();
        tally.skipped_paths.push(Skipped { path, reason });
    }
}

/// Whether macOS stores attributes of another file in this one: its zips have one for each file.
fn is_of_macos(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b"._") && path.iter().any(|folder| folder == "__MACOSX")
}

/// The metadata files among these, and those that are not deployed.
fn source_files(
    paths: &[PathBuf],
    filter: &WalkFilter,
    projects: &Projects,
) -> (Vec<SourceFile>, Vec<PathBuf>) {
    let mut forceignored = Vec::new();
    let mut by_folder: HashMap<&Path, Arc<Project>> = HashMap::new();
    let files = paths.iter().filter_map(|path| {
        let folder = path.parent()?;
        let around = || projects.around(folder, folder);
        let project = by_folder.entry(folder).or_insert_with(around);
        let mut file = SourceFile::new(path.clone(), Arc::clone(project))?;
        let forceignore = project.forceignore_of(folder);
        if forceignore.is_some_and(|it| it.ignores(path, false)) {
            forceignored.push(path.clone());
            file.deployment = Deployment::Forceignored;
            let include = filter.include_forceignored;
            return include
                .contains(file.component.metadata_type)
                .then_some(file);
        }
        file.deployment = Deployment::Deployed;
        Some(file)
    });
    let files = files.collect();
    (files, forceignored)
}
