//! Checks the components that can have several files, after a walk has found them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::buffers::Buffers;
use super::check_files::check_alone;
use super::clean_pieces::{CleanPieces, by_component, is_counted_itself};
use super::decomposed::{is_changed, lint_decomposed};
use super::find_files::{find_files, is_surely_alone, source_file_at};
use super::indexes::Indexes;
use super::lint_bytes::report_options;
use super::partial_report::PartialReport;
use super::workspace::Workspace;
use crate::finding::{FileReport, RunError};
use crate::lint::{FileOptions, Linted, mark_incomplete};
use crate::project::{
    ComponentFiles, SourceFile, Targets, TypeSet, WholeKey, folder_of_whole, group, is_ignored,
};
use crate::rule::MALFORMED;

/// Checks the components with the files that were found. `walked` are the folders of which all files were.
pub(super) fn check_components(
    workspace: &Workspace,
    targets: &Targets,
    walked: &[PathBuf],
    indexes: &mut Indexes,
    partial: &Mutex<PartialReport>,
) {
    let lock = || partial.lock().unwrap_or_else(PoisonError::into_inner);
    let mut found = std::mem::take(&mut lock().decomposable);
    let mut clean = by_component(std::mem::take(&mut lock().clean_pieces));
    let deleted = deleted_files(workspace, targets);
    if found.is_empty() && clean.is_empty() && deleted.is_empty() {
        return;
    }
    lock().files_checked += clean.values().map(|pieces| pieces.files).sum::<u64>();
    let first = take_first_pieces(&mut clean, &found);
    // They are counted again as files of their components.
    let again = first.iter().filter(|it| !is_counted_itself(workspace, it));
    lock().files_checked -= again.count() as u64;
    found.extend(first);
    let mut errors = Vec::new();
    let others = other_files(workspace, &found, &deleted, walked, &mut errors);
    let mut components = match others.is_empty() {
        true => group(found),
        false => wanted_components(found, &deleted, others),
    };
    let mut deleted_by_key: BTreeMap<WholeKey, Vec<SourceFile>> = BTreeMap::new();
    for file in deleted {
        let key = WholeKey::of(&file);
        deleted_by_key.entry(key).or_default().push(file);
    }
    for (key, component) in &mut components {
        component.deleted = deleted_by_key.remove(key).unwrap_or_default();
    }
    lock().errors.append(&mut errors);
    let check = |(key, component): &(WholeKey, ComponentFiles)| {
        let is_named = targets.files.binary_search(&component.file.path).is_ok();
        let mut local = PartialReport::default();
        check_component(workspace, component, is_named, &mut local);
        if let Some(pieces) = clean.get(key).filter(|_| !component.is_decomposed()) {
            add_incomplete(workspace, &component.file, pieces, &mut local);
        }
        lock().absorb(local);
    };
    match &components[..] {
        [only] => check(only),
        _ => workspace
            .pool()
            .install(|| components.par_iter().for_each(check)),
    }
    indexes.keep_components(components);
}

/// Takes the first clean piece of each component that does not have exactly one main file. It is enough to check what
/// the others do not have, and decides which path or which main file the component has.
fn take_first_pieces(
    clean: &mut BTreeMap<WholeKey, CleanPieces>,
    found: &[SourceFile],
) -> Vec<SourceFile> {
    let mut main_files: BTreeMap<WholeKey, usize> = BTreeMap::new();
    for file in found.iter().filter(|file| file.piece().is_none()) {
        *main_files.entry(WholeKey::of(file)).or_default() += 1;
    }
    let mut first = Vec::new();
    clean.retain(|key, pieces| {
        let has_main_file = main_files.get(key) == Some(&1);
        if !has_main_file {
            first.push(pieces.first.clone());
        }
        has_main_file
    });
    first
}

/// If a main file could not be checked, adds that the rules about the component were not checked either.
fn add_incomplete(
    workspace: &Workspace,
    main: &SourceFile,
    pieces: &CleanPieces,
    local: &mut PartialReport,
) {
    let is_malformed = local.findings.iter().any(|it| it.rule == MALFORMED);
    if !is_malformed && local.errors.is_empty() {
        return;
    }
    let files = vec![main.clone(), pieces.first.clone()];
    let Some((_, component)) = group(files).pop() else {
        return;
    };
    let options = FileOptions {
        only_by_changed: !is_changed(workspace, &component),
        ..report_options(workspace)
    };
    let mut report = FileReport::default();
    mark_incomplete(&workspace.rules, &component, main, options, &mut report);
    local.not_checked = report.not_checked;
}

/// The components that `found` and `deleted` belong to, with the other files of theirs.
fn wanted_components(
    found: Vec<SourceFile>,
    deleted: &[SourceFile],
    others: Vec<SourceFile>,
) -> Vec<(WholeKey, ComponentFiles)> {
    let incomplete: BTreeSet<WholeKey> = deleted.iter().map(WholeKey::of).collect();
    let wanted: BTreeSet<WholeKey> = found.iter().map(WholeKey::of).collect();
    let targeted: HashSet<PathBuf> = found.iter().map(|file| file.path.clone()).collect();
    let mut components = group(found.into_iter().chain(others).collect());
    components.retain(|(key, it)| {
        let is_targeted = it.is_decomposed() || targeted.contains(&it.file.path);
        incomplete.contains(key) || (wanted.contains(key) && is_targeted)
    });
    components
}

fn check_component(
    workspace: &Workspace,
    component: &ComponentFiles,
    is_named: bool,
    local: &mut PartialReport,
) {
    if !component.is_decomposed() && component.deleted.is_empty() {
        check_alone(
            workspace,
            &mut Buffers::default(),
            &component.file,
            is_named,
            local,
        );
        return;
    }
    let mut errors = Vec::new();
    let options = report_options(workspace);
    let linted = lint_decomposed(workspace, component, None, None, options, &mut errors);
    if !component.file.is_forceignored() && is_changed(workspace, component) {
        local.count_decomposed(component, workspace.rules.checked_types());
    }
    match linted {
        Linted::Done(report) => {
            local.absorb_file(*report);
            local.errors.append(&mut errors);
        }
        Linted::NeedsIndex => local.defer(component.clone(), None),
    }
}

/// The files that were a part of a component, and were deleted or are no longer checked.
fn deleted_files(workspace: &Workspace, targets: &Targets) -> Vec<SourceFile> {
    let Some(changes) = workspace.changes() else {
        return Vec::new();
    };
    let is_target = |path: &PathBuf| {
        let mut folders = targets.folders.iter();
        folders.any(|folder| path.starts_with(folder)) || targets.files.contains(path)
    };
    let checked = workspace.rules.checked_types();
    let paths = changes.paths().map(PathBuf::from);
    let deleted = paths.filter(|path| !changes.has(path) && !changes.is_renamed(path));
    let at = |path: PathBuf| source_file_at(&workspace.projects, &path);
    let deleted = deleted.filter_map(at).filter(SourceFile::is_deployed);
    let hidden = changes.no_longer_checked.keys().cloned().filter_map(at);
    deleted
        .chain(hidden)
        .filter(|file| is_target(&file.path))
        .filter(|file| workspace.rules.may_be_part_of(checked, file))
        .collect()
}

/// The other files of the components that `found` and `deleted` belong to, if they are not all in `walked`
/// folders.
fn other_files(
    workspace: &Workspace,
    found: &[SourceFile],
    deleted: &[SourceFile],
    walked: &[PathBuf],
    errors: &mut Vec<RunError>,
) -> Vec<SourceFile> {
    let mut by_folder: BTreeMap<PathBuf, (&SourceFile, TypeSet)> = BTreeMap::new();
    for file in found.iter().chain(deleted) {
        let folder = folder_of_whole(file);
        let is_walked = walked.iter().any(|walked| folder.starts_with(walked));
        if is_walked || is_ignored(file) || is_surely_alone(workspace, file) {
            continue;
        }
        let (_, types) = by_folder
            .entry(folder.to_path_buf())
            .or_insert((file, TypeSet::default()));
        types.insert(file.whole_type());
    }
    let found = by_folder.into_iter().flat_map(|(folder, (file, types))| {
        find_files(workspace, &file.project, &[folder], types, errors).0
    });
    found.collect()
}
