//! The projects of a run, each opened once.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::constants::{FORCEIGNORE, PROJECT_FILE};
use super::control_files::ControlFiles;
use super::discovery::{Bounds, ListTracked, Repository};
use super::forceignore::Forceignore;
use super::packed::PackedFolders;
use super::path_globs::PathGlobs;
use super::paths::slashed;
use super::project::{Project, git_root};
use super::settings::ProjectError;

/// A folder now and before a change.
#[derive(Debug)]
pub(crate) struct FolderBefore {
    now: Arc<Project>,
    was: Arc<Project>,
    /// Whether it was in the same package directory of the same project, with the same settings.
    is_same: bool,
    /// Those of now and before.
    forceignores: [Option<Arc<Forceignore>>; 2],
}

impl FolderBefore {
    /// Whether a file in the folder, which is checked now, was checked in the same way before, if the
    /// config did not exclude it.
    pub(crate) fn was_checked(&self, path: &Path) -> bool {
        let is_ignored =
            |it: &Option<Arc<Forceignore>>| it.as_ref().is_some_and(|it| it.ignores(path, false));
        let [now, was] = &self.forceignores;
        self.is_same
            && self.now.api_version(path) == self.was.api_version(path)
            && (!is_ignored(was) || is_ignored(now))
    }
}

/// An opened project.
#[derive(Debug)]
struct Opened {
    project: Arc<Project>,
    /// False if only its package directories were of interest.
    is_used: bool,
}

/// The projects of a run. Each is opened once.
#[derive(Debug, Default)]
pub struct Projects {
    /// The excluded files and folders.
    pub excludes: PathGlobs,
    /// How far links may lead.
    pub(crate) bounds: Bounds,
    /// Ignore files skip nothing and only mark files, because the repository is not trusted.
    pub(crate) is_audit: bool,
    files: ControlFiles,
    /// How git is asked for the files that it tracks.
    list_tracked: Option<ListTracked>,
    by_root: Mutex<HashMap<PathBuf, Opened>>,
    repositories: Mutex<HashMap<PathBuf, Arc<Repository>>>,
    report_root: Arc<OnceLock<PathBuf>>,
}

impl Projects {
    /// Without `list_tracked`, `.gitignore` files do not apply: any file could be tracked.
    pub(crate) fn new(list_tracked: Option<ListTracked>) -> Self {
        Self {
            list_tracked,
            ..Self::default()
        }
    }

    /// The projects before a change: with earlier texts of some files, and these excluded files.
    pub(crate) fn before(&self, files: ControlFiles, excludes: PathGlobs) -> Self {
        Self {
            excludes,
            files,
            bounds: self.bounds.clone(),
            list_tracked: self.list_tracked,
            ..Self::default()
        }
    }

    /// Compares a folder with what it was in these former projects.
    pub(crate) fn folder_before(&self, former: &Self, folder: &Path) -> FolderBefore {
        let (now, was) = (self.around(folder, folder), former.around(folder, folder));
        let (placed, was_placed) = (now.placement(folder), was.placement(folder));
        FolderBefore {
            is_same: now.root == was.root
                && now.decisive_settings == was.decisive_settings
                && placed.is_packaged == was_placed.is_packaged
                && placed.package_directory == was_placed.package_directory,
            forceignores: [now.forceignore_of(folder), was.forceignore_of(folder)],
            now,
            was,
        }
    }

    /// The files that decide what the opened projects are and ignore.
    pub(crate) fn control_files(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for project in self.used() {
            files.insert(project.root.join(PROJECT_FILE));
            let folders = project.package_directories().iter();
            let forceignores = folders
                .chain([&project.root])
                .filter_map(|it| project.forceignore_of(it));
            files.extend(forceignores.map(|it| it.folder.join(FORCEIGNORE)));
        }
        files
    }

    /// The folders of this run that are not on disk.
    pub(crate) fn packed(&self) -> &PackedFolders {
        &self.files.packed
    }

    /// Whether there is a folder, on disk or in a packed folder.
    pub(crate) fn is_folder(&self, path: &Path) -> bool {
        self.files.is_folder(path)
    }

    /// The repository around a file or folder.
    pub(super) fn repository_around(&self, path: &Path) -> Option<Arc<Repository>> {
        if self.packed().around(path).is_some() {
            return None;
        }
        let root = git_root(path)?;
        let lock = self.repositories.lock();
        let mut known = lock.unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Repository::new(&root, self.list_tracked));
        Some(Arc::clone(known.entry(root.clone()).or_insert_with(new)))
    }

    /// What users should know about the ignore files that were read.
    pub(crate) fn notes(&self) -> Vec<String> {
        let lock = self.repositories.lock();
        let repositories = lock.unwrap_or_else(PoisonError::into_inner);
        let failed = repositories.values().filter_map(|repository| {
            let root = self.report_path(&repository.root, &[]);
            Some(format!(
                "`.gitignore` does not apply in {root}, because git cannot list the files that it tracks: {}",
                repository.failure()?
            ))
        });
        let mut notes: Vec<String> = failed.collect();
        for project in self.used() {
            let lock = project.forceignores.lock();
            let known = lock.unwrap_or_else(PoisonError::into_inner);
            let top = project.git_root.as_ref().unwrap_or(&project.root);
            let above = known
                .values()
                .flatten()
                .filter(|it| !it.folder.starts_with(top));
            let above = above.filter(|it| top.starts_with(&it.folder));
            notes.extend(above.map(|it| {
                format!(
                    "{} applies, although it is above the {}, as in the Salesforce CLI",
                    slashed(&it.folder.join(FORCEIGNORE)),
                    if project.git_root.is_some() {
                        "repository"
                    } else {
                        "project"
                    }
                )
            }));
        }
        notes
    }

    /// Makes all paths in reports relative to one folder, so that they are distinct: the nearest folder
    /// above the repositories, or the projects without one, of all `targets`.
    pub(crate) fn set_report_root(&self, targets: &[&Path]) {
        let bases = targets.iter().map(|target| {
            let folder = if self.is_folder(target) {
                target
            } else {
                target.parent().unwrap_or(target)
            };
            self.around(folder, folder).own_base().to_path_buf()
        });
        let root = bases.reduce(|one, other| {
            let shared = one.ancestors().find(|above| other.starts_with(above));
            shared.unwrap_or(&one).to_path_buf()
        });
        if let Some(root) = root {
            let _ = self.report_root.set(root);
        }
    }

    /// Makes all paths in reports relative to this folder.
    pub(crate) fn use_report_root(&self, folder: &Path) {
        let _ = self.report_root.set(folder.to_path_buf());
    }

    /// The roots of the repositories of the opened projects, or of the projects without one.
    pub(crate) fn bases(&self) -> Vec<PathBuf> {
        let on_disk = self.used().into_iter().filter(|it| !it.is_packed());
        on_disk.map(|it| it.own_base().to_path_buf()).collect()
    }

    /// The folder that paths in reports are relative to, if there is one for all projects.
    pub(crate) fn report_root(&self) -> Option<&Path> {
        self.report_root.get().map(PathBuf::as_path)
    }

    /// Asks git again for the files that it tracks.
    pub(crate) fn forget_tracked(&self) {
        let lock = self.repositories.lock();
        lock.unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The project in this folder, which has an `sfdx-project.json`.
    pub fn at(&self, root: &Path) -> Arc<Project> {
        self.open(root, true, true)
    }

    /// The project of the files in `folder`: the nearest one at or above it, unless the folder is in a
    /// package directory of another one; else its repository, else `named`, the folder that the user
    /// named.
    pub fn around(&self, folder: &Path, named: &Path) -> Arc<Project> {
        // Nothing around a packed folder applies in it.
        let packed = self.packed().around(folder);
        let mut above = folder
            .ancestors()
            .take_while(|it| packed.is_none_or(|packed| it.starts_with(&packed.root)))
            .filter(|it| self.files.is_file(&it.join(PROJECT_FILE)));
        let nearest = above.next();
        let packages = |project: &Arc<Project>| project.package_directory_of(folder).is_some();
        // The deployment of an outer project includes the projects in its package directories.
        let outer = above
            .map(|root| self.open(root, true, false))
            .filter(packages)
            .last();
        if let Some(outer) = outer {
            return self.open(&outer.root, true, true);
        }
        let nearest = nearest.map(|root| self.open(root, true, true));
        if let Some(nearest) = nearest.as_ref().filter(|it| packages(it)) {
            return Arc::clone(nearest);
        }
        if packed.is_none()
            && let Some(elsewhere) = self.reaching_outside().into_iter().find(packages)
        {
            return elsewhere;
        }
        nearest.unwrap_or_else(|| {
            let root = packed.map_or_else(|| git_root(folder), |packed| Some(packed.root.clone()));
            self.open(root.as_deref().unwrap_or(named), false, true)
        })
    }

    /// The opened projects with package directories outside themselves, sorted by path.
    fn reaching_outside(&self) -> Vec<Arc<Project>> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = by_root
            .values()
            .filter(|it| it.is_used)
            .map(|it| &it.project);
        let outside = opened.filter(|it| it.settings.has_package_directory_outside);
        let mut projects: Vec<_> = outside.cloned().collect();
        projects.sort_by(|one, other| one.root.cmp(&other.root));
        projects
    }

    /// The path of a file or folder in reports: relative to the git root, else to the project, else to
    /// the named folder that contains it. `folders` are the named folders.
    pub fn report_path(&self, path: &Path, folders: &[PathBuf]) -> String {
        let folder = path.parent().unwrap_or(path);
        let named = folders.iter().find(|named| folder.starts_with(named));
        let project = self.around(folder, named.map_or(folder, PathBuf::as_path));
        project.report_path(path)
    }

    fn open(&self, root: &Path, has_file: bool, is_used: bool) -> Arc<Project> {
        let mut by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = by_root.get_mut(root) {
            opened.is_used |= is_used;
            return Arc::clone(&opened.project);
        }
        let project = Arc::new(Project::open(
            root,
            has_file,
            &self.files,
            &self.report_root,
        ));
        let opened = Opened {
            project: Arc::clone(&project),
            is_used,
        };
        by_root.insert(root.to_path_buf(), opened);
        project
    }

    /// The opened projects.
    pub(crate) fn used(&self) -> Vec<Arc<Project>> {
        let by_root = self.by_root.lock().unwrap_or_else(PoisonError::into_inner);
        let used = by_root.values().filter(|it| it.is_used);
        used.map(|it| Arc::clone(&it.project)).collect()
    }

    /// The opened projects, and those around `folders`.
    pub(super) fn opened_for(&self, folders: &[PathBuf]) -> Vec<Arc<Project>> {
        for folder in folders {
            self.around(folder, folder);
        }
        self.used()
    }

    /// The package directories that do not exist, of the projects in these folders and of `checked`: paths
    /// in reports, with reasons that continue a sentence.
    pub(crate) fn missing_package_directories(
        &self,
        folders: &[PathBuf],
        checked: Option<&Arc<Project>>,
    ) -> Vec<(String, &'static str)> {
        let mut missing = Vec::new();
        for project in self.used() {
            let is_checked = checked.is_some_and(|it| it.root == project.root);
            if is_checked
                || folders
                    .iter()
                    .any(|folder| project.root.starts_with(folder))
            {
                let base = project.report_path(&project.root);
                let prefix = if base == "." {
                    String::new()
                } else {
                    format!("{base}/")
                };
                missing.extend(
                    project
                        .missing_package_directories()
                        .map(|(path, reason)| (format!("{prefix}{path}"), reason)),
                );
            }
        }
        missing
    }

    /// The names of the opened projects in alphabetical order, without duplicates.
    pub fn labels(&self) -> Vec<String> {
        let labels: BTreeSet<String> = self.used().iter().filter_map(|it| it.label()).collect();
        labels.into_iter().collect()
    }

    /// The folders of the opened projects that have an `sfdx-project.json`, sorted by path.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let roots = self.used().into_iter().map(|it| it.root.clone());
        roots
            .filter(|root| root.join(PROJECT_FILE).is_file())
            .collect()
    }

    /// The errors of the opened projects, sorted by path.
    pub fn errors(&self) -> Vec<ProjectError> {
        let mut errors: Vec<_> = self
            .used()
            .iter()
            .filter_map(|it| it.broken.clone())
            .collect();
        errors.sort_by(|one, other| (&one.path, &one.file).cmp(&(&other.path, &other.file)));
        errors
    }
}
