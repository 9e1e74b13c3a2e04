//! Which files changed.
//!
//! In: what to compare, and the paths of a run. Out: [`Changes`]: the files whose findings count,
//! what they held before, and for staged files the texts in git's index. Git is asked, and no
//! other step knows of it.
//!
//! A file that was only moved or renamed is no change (`moved.rs` says when).

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::paths::Places;
use super::repository::{Now, Repository};
use crate::project::{Listing, Targets, absolute, classify_at};

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The working tree, with what is committed and staged, and the commit at which HEAD and this
    /// ref parted.
    Since(String),
    /// The index and HEAD.
    Staged,
}

/// What became of a file.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// Place among the repositories.
    pub(crate) repository: usize,
    /// The blob that it was before.
    pub(crate) former: Option<String>,
    pub(crate) now: Now,
    pub(crate) is_renamed: bool,
}

/// The files that differ, in every repository of a run. Paths are those that the run has for them.
#[derive(Debug, Default)]
pub struct Changes {
    /// What was compared with what, a sentence for each repository.
    pub compared: Vec<String>,
    pub(crate) is_staged: bool,
    pub(crate) repositories: Vec<Repository>,
    pub(crate) places: Places,
    pub(crate) changed: HashMap<PathBuf, Change>,
    pub(crate) listing: Arc<Listing>,
    pub(crate) index: OnceLock<Result<Index, String>>,
}

/// The staged files of all repositories that are named like metadata.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Place of the repository, and the blob; none while it is being merged.
    blobs: HashMap<PathBuf, (usize, Option<String>)>,
    listing: Arc<Listing>,
}

impl Changes {
    /// The changed and the renamed files that there are, for a walk.
    pub fn listing(&self) -> Arc<Listing> {
        Arc::clone(&self.listing)
    }

    /// Whether a file is there and changed.
    pub fn has(&self, path: &Path) -> bool {
        self.changed
            .get(path)
            .is_some_and(|change| change.now != Now::Gone && !change.is_renamed)
    }

    /// Whether a file has the text of one that is gone, under another name.
    pub fn is_renamed(&self, path: &Path) -> bool {
        self.changed
            .get(path)
            .is_some_and(|change| change.now != Now::Gone && change.is_renamed)
    }

    /// Every path with a change, those that hold nothing any more included.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.changed.keys().map(PathBuf::as_path)
    }

    /// What a changed file held before. `None` if it held nothing.
    pub fn former_text(&self, path: &Path) -> Option<io::Result<Vec<u8>>> {
        let change = self.changed.get(path)?;
        let former = change.former.as_ref()?;
        Some(self.repositories[change.repository].text(former))
    }

    /// What is staged of a file. `None` where the working tree counts.
    pub fn staged_text(&self, path: &Path) -> Option<io::Result<Vec<u8>>> {
        if !self.is_staged {
            return None;
        }
        let known = match self.changed.get(path) {
            Some(change) => match &change.now {
                Now::Staged(blob) => Ok((change.repository, Some(blob))),
                Now::Unmerged => Ok((change.repository, None)),
                Now::Gone | Now::OnDisk(_) => Err(io::ErrorKind::NotFound.into()),
            },
            None => self.index().map_err(io::Error::other).and_then(|index| {
                let (repository, blob) = index.blobs.get(path).ok_or(io::ErrorKind::NotFound)?;
                Ok((*repository, blob.as_ref()))
            }),
        };
        Some(known.and_then(|(repository, blob)| {
            let unmerged = "it is being merged; stage what it shall hold";
            let blob = blob.ok_or_else(|| io::Error::other(unmerged))?;
            self.repositories[repository].text(blob)
        }))
    }

    /// The staged files, for a walk, where these count; `None` where what lies on disk does.
    ///
    /// # Errors
    /// When git cannot list them.
    pub fn staged_listing(&self) -> Option<Result<Arc<Listing>, String>> {
        let listing = || self.index().map(|index| Arc::clone(&index.listing));
        self.is_staged.then(listing)
    }

    /// Whether a file that has not changed is one of those that count as there.
    pub fn is_there(&self, path: &Path) -> bool {
        !self.is_staged
            || self
                .index()
                .is_ok_and(|index| index.blobs.contains_key(path))
    }

    /// Whether `text`, out of the working tree, is another one than what is staged. Line ends do
    /// not count: git may exchange them on the way.
    ///
    /// # Errors
    /// When what is staged cannot be read.
    pub fn is_partly_staged(&self, path: &Path, text: &[u8]) -> io::Result<bool> {
        match self.staged_text(path) {
            None => Ok(false),
            Some(staged) => Ok(!super::renames::is_alike(&staged?, text)),
        }
    }

    /// Settles the arguments that name nothing on disk: a file that is gone has no findings, and
    /// one that is staged is there.
    pub fn settle(&self, targets: &mut Targets) {
        targets.unusable.retain(|unusable| {
            let path = Path::new(&unusable.argument);
            let Ok(path) = absolute(path) else {
                return true;
            };
            match self.changed.get(&path).map(|change| &change.now) {
                Some(Now::Gone) => path.symlink_metadata().is_ok(),
                Some(Now::Staged(_) | Now::Unmerged) => {
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
                let (mut files, _) = repository.index().map_err(|error| error.to_string())?;
                files.retain(|file| classify_at(&file.path).is_some());
                let is_empty = |blob: &Option<String>| {
                    blob.as_deref().is_some_and(|blob| EMPTY.contains(&blob))
                };
                if files.iter().any(|file| is_empty(&file.blob)) {
                    let intended = repository.intended().map_err(|error| error.to_string())?;
                    files.retain(|file| !intended.contains(&file.path));
                }
                for file in files {
                    for path in self.places.shown(&file.path) {
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

/// The empty blob, by either kind of hash.
const EMPTY: [&str; 2] = [
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
];
