//! The changed files of a run, their old texts, and the texts of staged files.
//!
//! A file that was only moved or renamed is not changed; see `renames`.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::paths::RunPaths;
use super::repository::{FileState, Repository};
use crate::project::{Listing, Targets, absolute, classify_at};

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The working tree with the merge base of HEAD and this ref.
    Since(String),
    /// The index with HEAD.
    Staged,
}

/// The change of a file.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The index of the repository.
    pub(crate) repository: usize,
    /// The blob before the change.
    pub(crate) former: Option<String>,
    pub(crate) state: FileState,
    pub(crate) is_renamed: bool,
}

/// The files that differ, in all repositories of a run. Paths are those that the run uses.
#[derive(Debug, Default)]
pub struct Changes {
    /// A description of the comparison, for each repository.
    pub compared: Vec<String>,
    pub(crate) is_staged: bool,
    pub(crate) repositories: Vec<Repository>,
    pub(crate) run_paths: RunPaths,
    pub(crate) changed: HashMap<PathBuf, Change>,
    pub(crate) listing: Arc<Listing>,
    pub(crate) index: OnceLock<Result<Index, String>>,
}

/// The staged metadata files of all repositories.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The index of the repository and the blob, which is `None` during a merge.
    blobs: HashMap<PathBuf, (usize, Option<String>)>,
    listing: Arc<Listing>,
}

impl Changes {
    /// The changed and renamed files that exist, for a walk.
    pub fn listing(&self) -> Arc<Listing> {
        Arc::clone(&self.listing)
    }

    /// Whether a file exists and is changed.
    pub fn has(&self, path: &Path) -> bool {
        self.changed
            .get(path)
            .is_some_and(|change| change.state != FileState::Deleted && !change.is_renamed)
    }

    /// Whether a file has the text of a deleted file with another name.
    pub fn is_renamed(&self, path: &Path) -> bool {
        self.changed
            .get(path)
            .is_some_and(|change| change.state != FileState::Deleted && change.is_renamed)
    }

    /// The paths of all changes, including deleted files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.changed.keys().map(PathBuf::as_path)
    }

    /// The text of a changed file before the change. `None` if the file is new.
    pub fn former_text(&self, path: &Path) -> Option<io::Result<Vec<u8>>> {
        let change = self.changed.get(path)?;
        let former = change.former.as_ref()?;
        Some(self.repositories[change.repository].text(former))
    }

    /// The staged text of a file. `None` if the run is about the working tree.
    pub fn staged_text(&self, path: &Path) -> Option<io::Result<Vec<u8>>> {
        if !self.is_staged {
            return None;
        }
        let known = match self.changed.get(path) {
            Some(change) => match &change.state {
                FileState::Staged(blob) => Ok((change.repository, Some(blob))),
                FileState::Unmerged => Ok((change.repository, None)),
                FileState::Deleted | FileState::OnDisk(_) => Err(io::ErrorKind::NotFound.into()),
            },
            None => self.index().map_err(io::Error::other).and_then(|index| {
                let (repository, blob) = index.blobs.get(path).ok_or(io::ErrorKind::NotFound)?;
                Ok((*repository, blob.as_ref()))
            }),
        };
        Some(known.and_then(|(repository, blob)| {
            let unmerged = "it has an unresolved merge conflict; resolve and stage it";
            let blob = blob.ok_or_else(|| io::Error::other(unmerged))?;
            self.repositories[repository].text(blob)
        }))
    }

    /// The staged files, for a walk. `None` if the run is about the working tree.
    ///
    /// # Errors
    /// If git cannot list them.
    pub fn staged_listing(&self) -> Option<Result<Arc<Listing>, String>> {
        let listing = || self.index().map(|index| Arc::clone(&index.listing));
        self.is_staged.then(listing)
    }

    /// Whether an unchanged file exists for the run: with `--staged`, it must be in the index.
    pub fn exists(&self, path: &Path) -> bool {
        !self.is_staged
            || self
                .index()
                .is_ok_and(|index| index.blobs.contains_key(path))
    }

    /// Whether `text`, from the working tree, differs from the staged text. Line ends are ignored,
    /// because git can convert them.
    ///
    /// # Errors
    /// If the staged text cannot be read.
    pub fn is_partly_staged(&self, path: &Path, text: &[u8]) -> io::Result<bool> {
        match self.staged_text(path) {
            None => Ok(false),
            Some(staged) => Ok(!super::renames::is_same_text(&staged?, text)),
        }
    }

    /// Resolves the arguments that do not exist on disk: a deleted file has no findings, and a staged
    /// file is checked.
    pub fn reconcile_targets(&self, targets: &mut Targets) {
        targets.unusable.retain(|unusable| {
            let path = Path::new(&unusable.argument);
            let Ok(path) = absolute(path) else {
                return true;
            };
            match self.changed.get(&path).map(|change| &change.state) {
                Some(FileState::Deleted) => path.symlink_metadata().is_ok(),
                Some(FileState::Staged(_) | FileState::Unmerged) => {
                    targets.files.push(path);
                    false
                }
                _ => true,
            }
        });
        targets.files.sort_unstable();
        targets.files.dedup();
    }

    fn index(&self) -> Result<&Index, String> {
        let index = self.index.get_or_init(|| {
            let mut index = Index::default();
            for (at, repository) in self.repositories.iter().enumerate() {
                let entries = repository.index().map_err(|error| error.to_string())?;
                let mut files = entries.files;
                files.retain(|file| classify_at(&file.path).is_some());
                let is_empty = |blob: &Option<String>| {
                    blob.as_deref().is_some_and(|blob| EMPTY.contains(&blob))
                };
                if files.iter().any(|file| is_empty(&file.blob)) {
                    let intended = repository.intent_to_add();
                    let intended = intended.map_err(|error| error.to_string())?;
                    files.retain(|file| !intended.contains(&file.path));
                }
                for file in files {
                    for path in self.run_paths.aliases(&file.path) {
                        index.blobs.insert(path, (at, file.blob.clone()));
                    }
                }
            }
            let paths = index.blobs.keys().cloned();
            index.listing = Arc::new(Listing::new(paths, false));
            Ok(index)
        });
        index.as_ref().map_err(Clone::clone)
    }
}

/// The id of the empty blob, with SHA-1 and SHA-256.
const EMPTY: [&str; 2] = [
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
];
