//! The component indexes of a run, by deployment scope.
//!
//! An index is built when a file needs it for the first time. It stays valid as long as the caller
//! reports all changes of files.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::deployment_scope::DeploymentScope;
use super::find_files::{find_files, is_surely_alone, source_file_at};
use super::partial_report::unreadable;
use super::workspace::Workspace;
use crate::engine::{ComponentIndex, UnreadFile};
use crate::finding::RunError;
use crate::git::Changes;
use crate::project::{ComponentFiles, Project, SourceFile, TypeSet, WholeKey, classify_at, group};
use crate::rule::RuleSet;

/// Up to this number of files, reading and parsing them in one thread is faster than starting others.
const MAX_FILES_IN_ONE_THREAD: usize = 4;

/// The component indexes of a run.
#[derive(Default)]
pub struct Indexes {
    /// Each index with the types that it covers.
    by_scope: HashMap<DeploymentScope, (TypeSet, Arc<ComponentIndex>)>,
    /// The components that can have several files.
    components: BTreeMap<WholeKey, Vec<ComponentFiles>>,
    /// The files of components are kept, for checking and fixing them one by one.
    pub(super) keeps_components: bool,
}

/// The files of a scope that a walk has found.
pub(super) struct ScopeFiles {
    pub files: Vec<SourceFile>,
    pub folder_unreadable: bool,
}

impl Indexes {
    /// Indexes that a run keeps if files are fixed after it.
    pub(crate) fn for_fixes(are_fixed: bool) -> Self {
        Self {
            keeps_components: are_fixed,
            ..Self::default()
        }
    }

    /// Removes all indexes. Fixes still need them after a run.
    pub(crate) fn clear(&mut self) {
        self.by_scope.clear();
        self.components.clear();
    }

    /// Keeps the files of components, if this is wanted.
    pub(super) fn keep_components(&mut self, components: Vec<(WholeKey, ComponentFiles)>) {
        if !self.keeps_components {
            return;
        }
        for (key, component) in components {
            self.components.entry(key).or_default().push(component);
        }
    }

    /// The component that `file` is a part of, if it can have several files. Files and folders that cannot be
    /// read are added to `errors`.
    pub(super) fn component(
        &mut self,
        workspace: &Workspace,
        file: &SourceFile,
        errors: &mut Vec<RunError>,
    ) -> Option<ComponentFiles> {
        let checked = workspace.rules.checked_types();
        if !workspace.rules.may_be_part_of(checked, file) || is_surely_alone(workspace, file) {
            return None;
        }
        let key = WholeKey::of(file);
        let has_file = |it: &&ComponentFiles| it.files().any(|other| other.path == file.path);
        if let Some(known) = self
            .components
            .get(&key)
            .and_then(|all| all.iter().find(has_file))
        {
            return Some(known.clone());
        }
        let mut files = vec![file.clone()];
        if !key.is_ignored {
            let mut types = TypeSet::default();
            types.insert(key.metadata_type);
            let folders = [key.folder.clone()];
            files.extend(find_files(workspace, &file.project, &folders, types, errors).0);
            let unsaved = workspace.sources.overlay.paths();
            files.extend(unsaved.filter_map(|path| workspace.source_file(path)));
        }
        files.retain(|file| {
            workspace.rules.may_be_part_of(checked, file) && WholeKey::of(file) == key
        });
        let components: Vec<_> = group(files).into_iter().map(|(_, it)| it).collect();
        self.components.insert(key, components.clone());
        components.iter().find(has_file).cloned()
    }

    /// Forgets the files of a component if one of them was created or deleted. Returns whether the file is a
    /// part of a component that can have several files.
    fn note_part(&mut self, workspace: &Workspace, path: &Path) -> bool {
        let folder = path.parent().unwrap_or(path);
        let project = workspace.projects.around(folder, folder);
        let Some(file) = SourceFile::new(path.to_path_buf(), project) else {
            return false;
        };
        let checked = workspace.rules.checked_types();
        if !workspace.rules.may_be_part_of(checked, &file) {
            return false;
        }
        let key = WholeKey::of(&file);
        let known = self.components.get(&key).into_iter().flatten();
        let is_known = known
            .flat_map(ComponentFiles::files)
            .any(|it| it.path == path);
        if is_known != workspace.sources.overlay.has_file(path) {
            self.components.remove(&key);
        }
        true
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
            found.unwrap_or_else(|| files_of_scope(workspace, scope, project, types, errors));
        add_unsaved(workspace, scope, &mut found);
        let components = components_of(workspace, found.files, types);
        let decomposed: Vec<_> = match workspace.changes() {
            Some(_) => components
                .iter()
                .filter(|it| it.is_decomposed())
                .cloned()
                .collect(),
            None => Vec::new(),
        };
        let count = components.len();
        let build = || {
            ComponentIndex::build(
                components,
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
            let changed = pool.install(|| changed_versions(workspace, changes, scope, &decomposed));
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
        let is_part = self.note_part(workspace, path);
        let Some(file) = indexed_file(workspace, path) else {
            return is_part;
        };
        let scope = DeploymentScope::of(&file);
        if workspace
            .rules
            .may_be_part_of(workspace.rules.read_types(), &file)
        {
            // Its component would have to be composed again.
            self.by_scope.remove(&scope);
        }
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
fn files_of_scope(
    workspace: &Workspace,
    scope: &DeploymentScope,
    project: &Arc<Project>,
    types: TypeSet,
    errors: &mut Vec<RunError>,
) -> ScopeFiles {
    let folders = scope.folders(project);
    let (mut files, folder_unreadable) = find_files(workspace, project, &folders, types, errors);
    files.retain(|file| DeploymentScope::of(file) == *scope);
    ScopeFiles {
        files,
        folder_unreadable,
    }
}

/// The components of `types` that have these files.
pub(super) fn components_of(
    workspace: &Workspace,
    files: Vec<SourceFile>,
    types: TypeSet,
) -> Vec<ComponentFiles> {
    let mut components = Vec::new();
    let mut parts = Vec::new();
    for file in files {
        let may_be_part = workspace.rules.may_be_part_of(types, &file);
        let is_alone = file.is_component() && (!may_be_part || file.piece().is_some());
        if may_be_part {
            parts.push(file.clone());
        }
        if is_alone && types.contains(file.component.metadata_type) {
            components.push(file.into());
        }
    }
    components.extend(group(parts).into_iter().map(|(_, component)| component));
    components
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
    classify_at(path)?;
    let file = workspace.source_file(path)?;
    let is_indexed = is_read(workspace, &file) && !file.is_forceignored();
    Some(file).filter(|_| is_indexed)
}

/// Whether conditions can read a file, alone or as a part of a component.
fn is_read(workspace: &Workspace, file: &SourceFile) -> bool {
    let read = workspace.rules.read_types();
    read.contains(file.component.metadata_type) || workspace.rules.may_be_part_of(read, file)
}

/// The changed files that conditions can read.
pub(super) fn changed_files(workspace: &Workspace, changes: &Changes) -> Vec<SourceFile> {
    let of_path = |path: &Path| {
        let file = source_file_at(&workspace.projects, path)?;
        let is_indexed = is_read(workspace, &file) && file.is_deployed();
        Some(file).filter(|_| is_indexed)
    };
    let hidden = changes.no_longer_checked.values();
    let hidden = hidden.filter(|file| is_read(workspace, file)).cloned();
    changes.paths().filter_map(of_path).chain(hidden).collect()
}

/// Indexes of the changed components of a scope, with their new texts and their old texts. `decomposed` are
/// those that have several files now.
fn changed_versions(
    workspace: &Workspace,
    changes: &Changes,
    scope: &DeploymentScope,
    decomposed: &[ComponentFiles],
) -> [ComponentIndex; 2] {
    let build = |files, read: &(dyn Fn(&Path) -> io::Result<Vec<u8>> + Sync)| {
        let types = workspace.rules.read_types();
        let components = components_of(workspace, files, types);
        // Errors are not needed: the index treats conditions that read such files as unknown.
        let (index, _): (_, Vec<UnreadFile>) =
            ComponentIndex::build(components, false, &workspace.rules, read);
        index
    };
    let mut files = changed_files(workspace, changes);
    files.retain(|file| DeploymentScope::of(file) == *scope);
    // A change of one file changes the component, which has unchanged files, too.
    let changed: HashSet<&Path> = files.iter().map(|file| file.path.as_path()).collect();
    let keys: BTreeSet<WholeKey> = files.iter().map(WholeKey::of).collect();
    let unchanged = decomposed.iter().flat_map(ComponentFiles::files);
    let unchanged = unchanged.filter(|file| {
        !changed.contains(file.path.as_path()) && keys.contains(&WholeKey::of(file))
    });
    let unchanged: Vec<SourceFile> = unchanged.cloned().collect();
    let exists = |file: &&SourceFile| {
        let is_file = changes.has(&file.path) || changes.is_renamed(&file.path);
        is_file && !changes.no_longer_checked.contains_key(&file.path)
    };
    let existing = files
        .iter()
        .filter(exists)
        .chain(&unchanged)
        .cloned()
        .collect();
    let new = build(existing, &|path| workspace.sources.read(path));
    files.retain(|file| changes.former_text(&file.path).is_some());
    files.extend(unchanged);
    let former = build(files, &|path| match changes.former_text(path) {
        Some(text) => text,
        None => workspace.sources.read(path),
    });
    [new, former]
}
