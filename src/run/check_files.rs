//! Checks the files that a walk finds.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::buffers::Buffers;
use super::clean_pieces::CleanPieceSearch;
use super::partial_report::PartialReport;
use super::workspace::{Monitor, Workspace};
use crate::lint::Linted;
use crate::project::SourceFile;

/// How files were found.
#[derive(Clone, Copy)]
pub(super) enum FoundBy<'w> {
    /// The user named them.
    Name,
    /// A walk.
    Walk,
    /// A walk of all files in these folders. Clean pieces are only counted.
    FullWalk(&'w [PathBuf]),
}

/// Checks files on the current thread. Those that need an index are deferred.
pub(super) fn check_files(
    workspace: &Workspace,
    monitor: &Monitor,
    files: Vec<SourceFile>,
    found_by: FoundBy<'_>,
    partial: &Mutex<PartialReport>,
) {
    if monitor.stop.load(Ordering::Relaxed) {
        return;
    }
    let mut local = PartialReport::default();
    let mut buffers = Buffers::default();
    let is_named = matches!(found_by, FoundBy::Name);
    let mut clean_pieces = match found_by {
        FoundBy::FullWalk(folders) => Some(CleanPieceSearch::new(workspace, folders)),
        FoundBy::Name | FoundBy::Walk => None,
    };
    let rules = &workspace.rules;
    let (checked, read) = (rules.checked_types(), rules.read_types());
    for file in files {
        let may_be_part = rules.may_be_part_of(checked, &file);
        let is_clean = |search: &mut CleanPieceSearch<'_>| search.add(&mut buffers, &file);
        if may_be_part && !clean_pieces.as_mut().is_some_and(is_clean) {
            local.decomposable.push(file.clone());
        }
        let is_alone = file.is_component() && (!may_be_part || file.piece().is_some());
        if is_alone && checked.contains(file.component.metadata_type) {
            check_alone(workspace, &mut buffers, &file, is_named, &mut local);
        }
        let is_read = read.contains(file.component.metadata_type);
        if is_read || rules.may_be_part_of(read, &file) {
            local.indexable.push(file);
        }
    }
    local.clean_pieces = clean_pieces.map_or_else(Vec::new, |search| search.clean);
    let mut all = partial.lock().unwrap_or_else(PoisonError::into_inner);
    all.absorb(local);
}

/// Checks a component that is one file.
pub(super) fn check_alone(
    workspace: &Workspace,
    buffers: &mut Buffers,
    file: &SourceFile,
    is_named: bool,
    local: &mut PartialReport,
) {
    match buffers.lint(workspace, file, None) {
        Ok(linted) => {
            if !file.is_forceignored() && workspace.is_changed(file) {
                local.count(file);
            }
            match linted {
                Linted::Done(report) => local.absorb_file(*report),
                Linted::NeedsIndex => local.defer(file.clone().into(), buffers.keep()),
            }
        }
        Err(error) => local.unreadable(file, &error, is_named),
    }
}
