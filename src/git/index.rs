//! The indexes of the repositories of a run: what is staged.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::command::os_string;
use super::error::ChangesError;
use super::paths::RunPaths;
use super::repository::{IndexEntry, Repository};
use crate::project::{ListedLinks, Listing, classify_at};

/// The id of the empty blob, with SHA-1 and SHA-256.
const EMPTY: [&str; 2] = [
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
];

/// The staged metadata files of all repositories.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The index of the repository and the blob, which is `None` during a merge.
    blobs: HashMap<PathBuf, (usize, Option<String>)>,
    /// The metadata files.
    files: Vec<PathBuf>,
    pub(super) listing: Arc<Listing>,
    pub(super) links: ListedLinks,
}

impl Index {
    /// Reads the indexes of the repositories. `has_links`: whether the run could follow a link.
    pub(super) fn read(
        repositories: &[Repository],
        run_paths: &RunPaths,
        has_links: bool,
        changed_links: &HashSet<PathBuf>,
    ) -> Result<Self, ChangesError> {
        let mut index = Self::default();
        for (at, repository) in repositories.iter().enumerate() {
            index.add(at, repository, run_paths, has_links)?;
        }
        index.links.changed.clone_from(changed_links);
        let mut listing = Listing::new(index.files.iter().cloned(), false);
        let paths = index.links.targets.keys().cloned();
        listing.add_links(index.links.clone(), paths);
        index.listing = Arc::new(listing);
        Ok(index)
    }

    /// Adds the index of a repository.
    fn add(
        &mut self,
        at: usize,
        repository: &Repository,
        run_paths: &RunPaths,
        has_links: bool,
    ) -> Result<(), ChangesError> {
        let mut entries = repository.index()?;
        self.links.known_in.push(repository.git.root.clone());
        // Links that the run cannot follow do not matter.
        for (path, blob) in entries.links.into_iter().filter(|_| has_links) {
            let text = repository.text(&blob);
            let target = text.map_err(|error| repository.git.failed(&error))?;
            for path in run_paths.aliases(&path) {
                self.links.targets.insert(path, os_string(&target).into());
            }
        }
        let is_metadata = |file: &IndexEntry| classify_at(&file.path).is_some();
        if !has_links {
            entries.files.retain(is_metadata);
        }
        let is_empty =
            |blob: &Option<String>| blob.as_deref().is_some_and(|blob| EMPTY.contains(&blob));
        if entries.files.iter().any(|file| is_empty(&file.blob)) {
            let intended = repository.intent_to_add()?;
            entries.files.retain(|file| !intended.contains(&file.path));
        }
        for file in entries.files {
            let is_metadata = is_metadata(&file);
            for path in run_paths.aliases(&file.path) {
                if is_metadata {
                    self.files.push(path.clone());
                } else {
                    self.links.add_file(path.clone());
                }
                self.blobs.insert(path, (at, file.blob.clone()));
            }
        }
        Ok(())
    }

    /// The repository and the blob of a file, which may be reached through links.
    pub(super) fn blob(&self, path: &Path) -> Option<(usize, Option<&String>)> {
        let found = self.blobs.get(path).or_else(|| {
            let resolved = self.links.resolve(path)?;
            self.blobs.get(&resolved.path)
        });
        found.map(|(repository, blob)| (*repository, blob.as_ref()))
    }
}
