//! Files that are changed although git does not show it by their own paths: those behind links, and those
//! that a changed project, ignore or config file brings into scope.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use super::find_files::source_file_at;
use super::workspace::Workspace;
use crate::git::{Changes, FormerText};
use crate::project::{
    CONTROL_FILES, ControlFiles, FolderBefore, Listing, PathGlobs, Projects, SourceFile, Targets,
    TypeSet, WalkFilter, WalkTally, classify_at, project_files, walk,
};

/// What the config was before the changes.
#[derive(Debug, Default)]
pub(crate) struct FormerConfig {
    /// Excluded files, if they were others.
    pub excludes: Option<PathGlobs>,
    /// Moved or renamed files that an exception covered before, and no longer covers.
    pub lost_exceptions: HashSet<PathBuf>,
    /// Why findings can appear in any file.
    pub finds_more: Option<String>,
}

/// Adds the files behind links and those that are newly in scope to the changes.
///
/// # Errors
/// If git's index cannot be read.
pub(crate) fn extend_changes(
    workspace: &Workspace,
    targets: &Targets,
    changes: &mut Changes,
    config: &FormerConfig,
) -> Result<(), String> {
    let former = FormerScope::find(workspace, changes, config);
    let before = former.projects(workspace, config);
    let uncovered = uncovered_moves(workspace, changes, &before, config);
    if !changes.has_links && former.is_same() && uncovered.is_empty() {
        return Ok(());
    }
    let listing = changes.staged_listing().transpose()?;
    let rules = &workspace.rules;
    let types = rules.types_of_files(rules.checked_types().union(rules.read_types()));
    let (mut found, walked) = find_all(workspace, targets, listing, types);
    changes.unreadable = walked.unreadable;
    let named = targets.files.iter();
    found.extend(named.filter(|it| classify_at(it).is_some()).cloned());
    let mut linked = 0;
    if changes.has_links {
        for path in &found {
            linked += usize::from(changes.note_linked(path)?);
        }
    }
    if linked > 0 {
        let files = if linked == 1 { "file" } else { "files" };
        let sentence = format!("through links: {linked} metadata {files} changed");
        changes.compared.push(sentence);
    }
    if !former.is_same() {
        note_new_files(workspace, &before, changes, &found, &former)?;
        note_hidden_files(workspace, targets, &before, types, changes, &found);
        if former.everything.is_some() {
            let files = project_files(&workspace.projects, &targets.folders);
            note_all_new(files.iter().map(|file| &file.path), changes)?;
        }
    }
    let uncovered = uncovered.iter().filter(|it| found.contains(*it));
    let count = note_all_new(uncovered, changes)?;
    note_count(
        "moved out of an exception, `exclude` or ignore file",
        count,
        changes,
    );
    changes.use_found(&found);
    Ok(())
}

/// The files that decide what is checked, before the changes.
#[derive(Debug, Default)]
struct FormerScope {
    /// Texts of the files that were others.
    files: HashMap<PathBuf, Option<String>>,
    /// Why all files may have new findings.
    everything: Option<String>,
    /// The names of the changed files.
    names: BTreeSet<String>,
}

impl FormerScope {
    fn find(workspace: &Workspace, changes: &Changes, config: &FormerConfig) -> Self {
        let mut former = Self {
            everything: config.finds_more.clone(),
            ..Self::default()
        };
        if config.excludes.is_some() {
            former.names.insert("`exclude` in the config".to_owned());
        }
        let is_decisive = |path: &&Path| {
            let name = path.file_name();
            name.is_some_and(|name| CONTROL_FILES.iter().any(|it| name == *it))
        };
        let mut paths: BTreeSet<PathBuf> = changes
            .paths()
            .filter(is_decisive)
            .map(Path::to_path_buf)
            .collect();
        // Links to changed files.
        paths.extend(workspace.projects.control_files());
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match changes.former_of(&path) {
                FormerText::Same => continue,
                FormerText::Missing => drop(former.files.insert(path.clone(), None)),
                FormerText::Text(text) => drop(former.files.insert(path.clone(), Some(text))),
                FormerText::Unknown => {
                    let reason = format!("{name} is partly staged or behind a changed link");
                    former.everything.get_or_insert(reason);
                }
            }
            former.names.insert(name.into_owned());
        }
        former
    }

    fn is_same(&self) -> bool {
        self.names.is_empty() && self.everything.is_none()
    }

    fn projects(&self, workspace: &Workspace, config: &FormerConfig) -> Projects {
        let now = &workspace.projects;
        let excludes = config.excludes.as_ref().unwrap_or(&now.excludes);
        now.before(ControlFiles::former(self.files.clone()), excludes.clone())
    }
}

/// Adds the files that were not checked before, or not in the same way.
fn note_new_files(
    workspace: &Workspace,
    before: &Projects,
    changes: &mut Changes,
    found: &BTreeSet<PathBuf>,
    former: &FormerScope,
) -> Result<(), String> {
    let now = &workspace.projects;
    let mut folders: HashMap<&Path, FolderBefore> = HashMap::new();
    let deleted: Vec<PathBuf> = changes.deleted().cloned().collect();
    let new = found.iter().chain(&deleted).filter(|path| {
        let Some(folder) = path.parent() else {
            return false;
        };
        let is_included = before.excludes.has(path, false) && !now.excludes.has(path, false);
        former.everything.is_some() || is_included || {
            let folder = folders
                .entry(folder)
                .or_insert_with(|| now.folder_before(before, folder));
            !folder.was_checked(path)
        }
    });
    let (new, gone): (Vec<_>, Vec<_>) = new.partition(|path| found.contains(*path));
    for path in gone {
        changes.note_newly_checked(path);
    }
    let count = note_all_new(new.into_iter(), changes)?;
    match &former.everything {
        Some(reason) => note_count(reason, count, changes),
        None => {
            let names: Vec<&str> = former.names.iter().map(String::as_str).collect();
            note_count(&format!("{} changed", names.join(", ")), count, changes);
        }
    }
    Ok(())
}

/// The new paths of moved and renamed files whose findings could not be reported at their former paths.
fn uncovered_moves(
    workspace: &Workspace,
    changes: &Changes,
    before: &Projects,
    config: &FormerConfig,
) -> Vec<PathBuf> {
    let is_deployed = |projects: &Projects, path: &Path| {
        source_file_at(projects, path).is_some_and(|file| file.is_deployed())
    };
    let is_uncovered = |from: &Path, to: &Path| {
        config.lost_exceptions.contains(to)
            || before.excludes.has(from, false)
            || is_deployed(before, from) != is_deployed(&workspace.projects, to)
    };
    let moves = changes
        .moves
        .iter()
        .filter(|[from, to]| is_uncovered(from, to));
    moves.map(|[_, to]| to.clone()).collect()
}

/// Treats files as new. Returns how many were not changed otherwise.
fn note_all_new<'a>(
    mut paths: impl Iterator<Item = &'a PathBuf>,
    changes: &mut Changes,
) -> Result<usize, String> {
    paths.try_fold(0, |count, path| {
        Ok(count + usize::from(changes.note_new(path)?))
    })
}

/// Adds why this number of files count as changed to the description of the comparison.
fn note_count(cause: &str, count: usize, changes: &mut Changes) {
    let (files, verb) = match count {
        0 => return,
        1 => ("file", "counts"),
        _ => ("files", "count"),
    };
    let sentence = format!("{cause}: {count} more metadata {files} {verb} as changed");
    changes.compared.push(sentence);
}

/// Adds the files that conditions could read before, or that were a part of a component, and that are no longer
/// deployed.
fn note_hidden_files(
    workspace: &Workspace,
    targets: &Targets,
    before: &Projects,
    types: TypeSet,
    changes: &mut Changes,
    found: &BTreeSet<PathBuf>,
) {
    let filter = WalkFilter {
        types,
        listing: changes.staged_listing().and_then(Result::ok),
        is_named: targets.folders_are_named && !workspace.options.force_exclude,
        ..WalkFilter::default()
    };
    let mut folders: BTreeSet<PathBuf> = targets.folders.iter().cloned().collect();
    let project = targets.project.as_ref();
    let project = project.map(|it| before.around(&it.root, &it.root));
    if let Some(project) = &project {
        let all = project.package_directories().iter();
        folders.extend(all.filter(|it| it.is_dir()).cloned());
    }
    let folders: Vec<PathBuf> = folders.into_iter().collect();
    let hidden = Mutex::new(Vec::new());
    workspace.pool().install(|| {
        walk(
            &folders,
            project.as_ref(),
            &filter,
            before,
            &AtomicU64::new(0),
            &|mut files: Vec<SourceFile>| {
                files.retain(|file| !found.contains(&file.path) || !is_deployed(workspace, file));
                let mut hidden = hidden.lock().unwrap_or_else(PoisonError::into_inner);
                hidden.append(&mut files);
            },
        )
    });
    let mut hidden = hidden.into_inner().unwrap_or_else(PoisonError::into_inner);
    hidden.extend(changes.paths().filter_map(|path| {
        let was = source_file_at(before, path).filter(SourceFile::is_deployed)?;
        let is = source_file_at(&workspace.projects, path);
        Some(was).filter(|_| is.is_none_or(|file| !file.is_deployed()))
    }));
    hidden.retain(|file| changes.was_there(&file.path));
    changes.set_no_longer_checked(hidden);
}

/// Whether a file is deployed now.
fn is_deployed(workspace: &Workspace, file: &SourceFile) -> bool {
    workspace
        .source_file(&file.path)
        .is_some_and(|file| file.is_deployed())
}

/// The files that a run over all files checks or reads.
fn find_all(
    workspace: &Workspace,
    targets: &Targets,
    listing: Option<Arc<Listing>>,
    types: TypeSet,
) -> (BTreeSet<PathBuf>, WalkTally) {
    let filter = WalkFilter {
        types,
        include_forceignored: workspace.rules.types_checked_when_forceignored(),
        listing,
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
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    (found, walked)
}
