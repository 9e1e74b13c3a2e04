//! Converts between the paths of a run, which can contain links, and the paths of git, which cannot.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::error::ChangesError;
use crate::project::{
    CONTROL_FILES, Projects, Targets, absolute, canonical, git_root, resolve_links, slashed,
};

/// The config, which decides what is checked, too.
const CONFIG_FILE: &str = "forcelint.toml";

/// The paths of a run.
#[derive(Debug, Default)]
pub(crate) struct RunPaths {
    /// Links in the paths of the run's folders and what they lead to, each with these folders relative to both.
    linked: BTreeMap<(PathBuf, PathBuf), HashSet<PathBuf>>,
    /// The links in the paths of these folders.
    links: BTreeSet<PathBuf>,
    /// The named folders and files, and the package directories around them, with links resolved.
    pub scopes: Vec<PathBuf>,
    /// Other files and folders that the run reads, such as custom rules.
    also: Vec<PathBuf>,
    /// The roots of the repositories around these paths, with links resolved.
    pub repositories: BTreeSet<PathBuf>,
}

impl RunPaths {
    /// The paths of the targets and of the projects around them.
    pub(crate) fn of(
        targets: &Targets,
        projects: &Projects,
        also: &[PathBuf],
    ) -> Result<Self, ChangesError> {
        let mut paths = Self::default();
        for path in also {
            let folder = path.parent().and_then(|folder| paths.real(folder));
            let path = folder
                .zip(path.file_name())
                .map(|(folder, name)| folder.join(name));
            paths.also.extend(path);
        }
        // By folder, because a long list of files has few folders.
        let mut folders: BTreeMap<PathBuf, Vec<&PathBuf>> = BTreeMap::new();
        for folder in &targets.folders {
            folders.entry(folder.clone()).or_default();
        }
        for file in &targets.files {
            let folder = file.parent().unwrap_or(file);
            folders.entry(folder.to_path_buf()).or_default().push(file);
        }
        for unusable in &targets.unusable {
            // A file that does not exist on disk can be known to git.
            let path = absolute(Path::new(&unusable.argument)).ok();
            if let Some(folder) = path.as_deref().and_then(existing_folder) {
                folders.entry(folder.to_path_buf()).or_default();
            }
        }
        let mut scopes = BTreeSet::new();
        for (folder, files) in folders {
            let Some(real) = paths.real(&folder) else {
                continue;
            };
            let repository = git_root(&real);
            let repository =
                repository.ok_or_else(|| ChangesError::NoRepository(slashed(&folder)))?;
            paths.repositories.insert(repository);
            if targets.folders.binary_search(&folder).is_ok() {
                scopes.insert(real.clone());
            }
            let names = files.iter().filter_map(|file| file.file_name());
            scopes.extend(names.map(|name| real.join(name)));
            // Other files of the project can affect the findings.
            let project = projects.around(&folder, &folder);
            let Some(real) = paths.real(&project.root) else {
                continue;
            };
            paths.repositories.extend(git_root(&real));
            let directories = project.package_directories();
            if directories.is_empty() {
                scopes.insert(real);
            } else {
                scopes.extend(directories.iter().filter_map(|it| paths.real(it)));
            }
        }
        paths.scopes = scopes.into_iter().collect();
        Ok(paths)
    }

    /// The path of a folder with links resolved.
    fn real(&mut self, folder: &Path) -> Option<PathBuf> {
        let real = canonical(folder).ok()?;
        if let Some(resolved) = resolve_links(folder, |path| path.read_link().ok()) {
            self.links.extend(resolved.links);
        }
        if real != folder {
            let (link, target) = without_common_end(folder, &real);
            let below = folder.strip_prefix(link).unwrap_or(folder).to_path_buf();
            let ends = (link.to_path_buf(), target.to_path_buf());
            self.linked.entry(ends).or_default().insert(below);
        }
        Some(real)
    }

    /// The paths that the run can use for a path of git.
    pub(crate) fn aliases(&self, real: &Path) -> Vec<PathBuf> {
        let mut names = vec![real.to_path_buf()];
        for ((link, target), folders) in &self.linked {
            if let Ok(below) = real.strip_prefix(target)
                && below.ancestors().any(|it| folders.contains(it))
            {
                names.push(link.join(below));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The files above the scopes, inside the repository at `root`, that decide what the run checks and how,
    /// and the other ones that it reads.
    pub(crate) fn control_files(&self, root: &Path) -> Vec<PathBuf> {
        let scopes = self.scopes.iter();
        let above = scopes.flat_map(|scope| scope.ancestors().skip(1));
        let folders: BTreeSet<&Path> = above.filter(|it| it.starts_with(root)).collect();
        let names = CONTROL_FILES.into_iter().chain([CONFIG_FILE]);
        let files = folders
            .into_iter()
            .flat_map(|folder| names.clone().map(|name| folder.join(name)));
        let is_here = |path: &PathBuf| {
            let folder = path.parent().unwrap_or(path);
            path.symlink_metadata().is_ok() && git_root(folder).as_deref() == Some(root)
        };
        files
            .chain(self.also.iter().cloned())
            .filter(is_here)
            .collect()
    }

    /// Whether the run could follow the link at this path.
    pub(crate) fn may_follow(&self, link: &Path) -> bool {
        self.links.contains(link) || self.overlap(link)
    }

    /// Whether the run includes the folder or something in it.
    pub(crate) fn overlap(&self, folder: &Path) -> bool {
        self.scopes
            .iter()
            .any(|scope| scope.starts_with(folder) || folder.starts_with(scope))
    }
}

/// A folder and its path with links resolved, both without the names below the innermost link.
fn without_common_end<'a>(folder: &'a Path, real: &'a Path) -> (&'a Path, &'a Path) {
    let (mut link, mut target) = (folder, real);
    while link.file_name().is_some() && link.file_name() == target.file_name() && !link.is_symlink()
    {
        let (Some(above), Some(above_target)) = (link.parent(), target.parent()) else {
            break;
        };
        (link, target) = (above, above_target);
    }
    (link, target)
}

/// The nearest existing folder above a path.
fn existing_folder(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|folder| folder.is_dir())
}
