//! The component indexes of a run, by deployment scope.
//!
//! An index is built when a file needs it for the first time. It stays valid as long as the caller
//! reports all changes of files.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use super::deployment_scope::DeploymentScope;
use super::partial_report::{folder_errors, unreadable};
use super::workspace::Workspace;
use crate::engine::{ComponentIndex, UnreadFile};
use crate::finding::RunError;
use crate::git::Changes;
use crate::project::{Project, SourceFile, TypeSet, WalkFilter, classify_at, walk};
use crate::rule::RuleSet;

/// Up to this number of files, reading and parsing them in one thread is faster than starting others.
const MAX_FILES_IN_ONE_THREAD: usize = 4;

/// The component indexes of a run.
#[derive(Default)]
pub struct Indexes {
    /// Each index with the types that it covers.
    by_scope: HashMap<DeploymentScope, (TypeSet, Arc<ComponentIndex>)>,
}

/// The files of a scope that a walk has found.
pub(super) struct ScopeFiles {
    pub files: Vec<SourceFile>,
    pub folder_unreadable: bool,
}

impl Indexes {
    /// Removes all indexes. Fixes still need them after a run.
    pub(crate) fn clear(&mut self) {
        self.by_scope.clear();
    }

    /// The index of the scope of `file`, if it covers `types`.
    pub(super) fn known(&self, file: &SourceFile, types: TypeSet) -> Option<Arc<ComponentIndex>> {
        self.by_scope
            .get(&DeploymentScope::of(file))
            .filter(|(covered, _)| covered.has_all_of(types))
            .map(|(_, index)| Arc::clone(index))
    }

    /// The index of a scope, covering at least `types`. `found` has the files of the scope if a walk
    /// has found all of them. Files and folders that cannot be read are added to `errors`.
    pub(super) fn get(
        &mut self,
        workspace: &Workspace,
        scope: &DeploymentScope,
        project: &Arc<Project>,
        types: TypeSet,
        found: Option<ScopeFiles>,
        errors: &mut Vec<RunError>,
    ) -> Arc<ComponentIndex> {
        let mut types = types;
        if let Some((covered, index)) = self.by_scope.get(scope) {
            if covered.has_all_of(types) {
                return Arc::clone(index);
            }
            types = types.union(*covered);
        }
        let mut found =
            found.unwrap_or_else(|| find_files(workspace, scope, project, types, errors));
        add_unsaved(workspace, scope, &mut found);
        found
            .files
            .retain(|file| types.contains(file.component.metadata_type));
        let count = found.files.len();
        let build = || {
            ComponentIndex::build(
                found.files,
                found.folder_unreadable,
                &workspace.rules,
                |path| workspace.sources.read(path),
            )
        };
        let (mut index, unread) = match count {
            0..=MAX_FILES_IN_ONE_THREAD => build(),
            _ => workspace.pool().install(build),
        };
        errors.extend(unread.iter().map(|(file, error)| unreadable(file, error)));
        if let Some(changes) = workspace.changes() {
            let pool = workspace.pool();
            let changed = pool.install(|| changed_versions(workspace, changes, scope));
            index = index.with_changed(changed);
        }
        let index = Arc::new(index);
        self.by_scope
            .insert(scope.clone(), (types, Arc::clone(&index)));
        index
    }

    /// Updates the indexes for a file that was changed, created or deleted. Returns whether this can
    /// affect findings of other files.
    pub(crate) fn note_change(&mut self, workspace: &Workspace, path: &Path) -> bool {
        let Some(file) = indexed_file(workspace, path) else {
            return false;
        };
        let scope = DeploymentScope::of(&file);
        if let Some((_, index)) = self.by_scope.get_mut(&scope) {
            let sources = &workspace.sources;
            let exists = sources.overlay.has_file(path);
            // A file that exists but cannot be read is treated like one that is not UTF-8.
            let bytes = exists.then(|| sources.read(path).unwrap_or_else(|_| vec![0xFF]));
            match Arc::get_mut(index) {
                Some(index) => index.update_file(&file, bytes, &workspace.rules),
                // It is in use. It is built again for the next file that needs it.
                None => drop(self.by_scope.remove(&scope)),
            }
        }
        true
    }

    /// Removes the indexes that are not complete enough for `rules`. For long files, an index has only
    /// the elements that the `former` rules read.
    pub(crate) fn keep_usable(&mut self, rules: &RuleSet, former: &RuleSet) {
        let reads_no_more = OnceCell::new();
        self.by_scope.retain(|_, (_, index)| {
            index.is_whole() || *reads_no_more.get_or_init(|| rules.asks_no_more_than(former))
        });
    }
}

/// Finds the files of a scope that conditions can read.
fn find_files(
    workspace: &Workspace,
    scope: &DeploymentScope,
    project: &Arc<Project>,
    types: TypeSet,
    errors: &mut Vec<RunError>,
) -> ScopeFiles {
    let found = Mutex::new(Vec::new());
    let mut filter = WalkFilter {
        types,
        ..WalkFilter::default()
    };
    if let Err(error) = list_staged_files(workspace, &mut filter) {
        errors.push(error);
    }
    let folders: Vec<PathBuf> = scope
        .folders(project)
        .into_iter()
        .filter(|it| it.is_dir())
        .collect();
    let walked = workspace.pool().install(|| {
        walk(
            &folders,
            Some(project),
            &filter,
            &workspace.projects,
            &AtomicU64::new(0),
            &|mut files: Vec<SourceFile>| {
                files.retain(|file| DeploymentScope::of(file) == *scope);
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.append(&mut files);
            },
        )
    });
    let folder_unreadable = !walked.unreadable.is_empty();
    errors.extend(folder_errors(workspace, &walked.unreadable, &[]));
    ScopeFiles {
        files: found.into_inner().unwrap_or_else(PoisonError::into_inner),
        folder_unreadable,
    }
}

/// Adds files that are open in an editor but do not exist on disk, so that the walk does not find them.
fn add_unsaved(workspace: &Workspace, scope: &DeploymentScope, found: &mut ScopeFiles) {
    for path in workspace.sources.overlay.paths() {
        let file = indexed_file(workspace, path).filter(|it| DeploymentScope::of(it) == *scope);
        let Some(file) = file else { continue };
        if !found.files.iter().any(|it| it.path == file.path) {
            found.files.push(file);
        }
    }
}

/// The file at a path, if conditions can read it.
fn indexed_file(workspace: &Workspace, path: &Path) -> Option<SourceFile> {
    let (metadata_type, _) = classify_at(path)?;
    if !workspace.rules.read_types().contains(metadata_type) {
        return None;
    }
    let file = workspace.source_file(path)?;
    Some(file).filter(|file| !file.is_forceignored())
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

/// The changed files that conditions can read.
pub(super) fn changed_files(workspace: &Workspace, changes: &Changes) -> Vec<SourceFile> {
    let of_path = |path: &Path| {
        let (metadata_type, _) = classify_at(path)?;
        let folder = path.parent()?;
        if !workspace.rules.read_types().contains(metadata_type) {
            return None;
        }
        let project = workspace.projects.around(folder, folder);
        let file = SourceFile::new(path.to_path_buf(), project)?;
        Some(file).filter(SourceFile::is_deployed)
    };
    let hidden = changes.no_longer_checked.values().cloned();
    changes.paths().filter_map(of_path).chain(hidden).collect()
}

/// Indexes of the changed files of a scope, with their new texts and their old texts.
fn changed_versions(
    workspace: &Workspace,
    changes: &Changes,
    scope: &DeploymentScope,
) -> [ComponentIndex; 2] {
    let build = |files, read: &(dyn Fn(&Path) -> io::Result<Vec<u8>> + Sync)| {
        // Errors are not needed: the index treats conditions that read such files as unknown.
        let (index, _): (_, Vec<UnreadFile>) =
            ComponentIndex::build(files, false, &workspace.rules, read);
        index
    };
    let mut files = changed_files(workspace, changes);
    files.retain(|file| DeploymentScope::of(file) == *scope);
    let exists = |file: &&SourceFile| changes.has(&file.path) || changes.is_renamed(&file.path);
    let existing = files.iter().filter(exists).cloned().collect();
    let new = build(existing, &|path| workspace.sources.read(path));
    files.retain(|file| changes.former_text(&file.path).is_some());
    let former = build(files, &|path| {
        let text = changes.former_text(path);
        text.unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()))
    });
    [new, former]
}
