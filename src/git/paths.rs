//! Where a run looks, in two names.
//!
//! In: the paths of a run. Out: [`Places`]: what links lead to, since git knows no others, and back
//! from there to the names that the run has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::error::ChangesError;
use crate::project::{Projects, Targets, absolute, git_root, slashed};

/// The folders of a run.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Folders whose name has a link in it, and what they are.
    linked: Vec<(PathBuf, PathBuf)>,
    /// What the run is about, without links: folders, files, and the package directories around
    /// them.
    pub scopes: Vec<PathBuf>,
    /// The tops of the repositories around the paths, without links.
    pub repositories: BTreeSet<PathBuf>,
}

impl Places {
    /// The places of the targets, and of the projects around them.
    pub(crate) fn of(targets: &Targets, projects: &Projects) -> Result<Self, ChangesError> {
        let mut places = Self::default();
        // Folder by folder: the files of a long list share a few.
        let mut folders: BTreeMap<PathBuf, Vec<&PathBuf>> = BTreeMap::new();
        for folder in &targets.folders {
            folders.entry(folder.clone()).or_default();
        }
        for file in &targets.files {
            let folder = file.parent().unwrap_or(file);
            folders.entry(folder.to_path_buf()).or_default().push(file);
        }
        for unusable in &targets.unusable {
            // A file that is gone from disk may be one that git knows.
            let path = absolute(Path::new(&unusable.argument)).ok();
            if let Some(folder) = path.as_deref().and_then(existing_folder) {
                folders.entry(folder.to_path_buf()).or_default();
            }
        }
        let mut scopes = BTreeSet::new();
        for (folder, files) in folders {
            let Some(real) = places.real(&folder) else {
                continue;
            };
            let repository = git_root(&real);
            let repository =
                repository.ok_or_else(|| ChangesError::NoRepository(slashed(&folder)))?;
            places.repositories.insert(repository);
            if targets.folders.binary_search(&folder).is_ok() {
                scopes.insert(real.clone());
            }
            let names = files.iter().filter_map(|file| file.file_name());
            scopes.extend(names.map(|name| real.join(name)));
            // What the files of a project say about each other counts as well.
            let project = projects.around(&folder, &folder);
            let Some(real) = places.real(&project.root) else {
                continue;
            };
            places.repositories.extend(git_root(&real));
            let directories = project.package_directories();
            if directories.is_empty() {
                scopes.insert(real);
            } else {
                scopes.extend(directories.iter().filter_map(|it| places.real(it)));
            }
        }
        places.scopes = scopes.into_iter().collect();
        Ok(places)
    }

    /// What a folder is without links in its path.
    fn real(&mut self, folder: &Path) -> Option<PathBuf> {
        let real = without_prefix(fs::canonicalize(folder).ok()?);
        let pair = (folder.to_path_buf(), real.clone());
        if real != folder && !self.linked.contains(&pair) {
            self.linked.push(pair);
        }
        Some(real)
    }

    /// The names that the run may have for a path of git.
    pub(crate) fn shown(&self, real: &Path) -> Vec<PathBuf> {
        let mut names = vec![real.to_path_buf()];
        for (link, target) in &self.linked {
            if let Ok(below) = real.strip_prefix(target) {
                names.push(link.join(below));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether the run is about something in this folder, or about the folder.
    pub(crate) fn touch(&self, folder: &Path) -> bool {
        self.scopes
            .iter()
            .any(|scope| scope.starts_with(folder) || folder.starts_with(scope))
    }
}

/// The nearest folder above a path that is there.
fn existing_folder(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|folder| folder.is_dir())
}

/// Windows marks paths that were worked out, and git takes that for another place.
fn without_prefix(path: PathBuf) -> PathBuf {
    let text = path.to_str().and_then(|text| text.strip_prefix(r"\\?\"));
    match text {
        Some(text) if text.as_bytes().get(1) == Some(&b':') => PathBuf::from(text),
        _ => path,
    }
}
