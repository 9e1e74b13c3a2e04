//! The changed files of a run, their old texts, and the texts of staged files.
//!
//! A file that was only moved or renamed is not changed; see `renames`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::index::Index;
use super::paths::RunPaths;
use super::renames::Move;
use super::repository::{FileState, Repository};
use crate::project::bounded;
use crate::project::{Listing, Resolved, SourceFile, Targets, absolute, resolve_links};

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
pub(super) struct Change {
    /// The index of the repository.
    pub(super) repository: usize,
    /// The blob before the change.
    pub(super) former: Option<String>,
    pub(super) state: FileState,
    pub(super) is_renamed: bool,
    /// The former file was not checked, or not in the same way.
    pub(super) is_newly_checked: bool,
}

/// The files that differ, in all repositories of a run. Paths are those that the run uses.
#[derive(Debug, Default)]
pub struct Changes {
    /// A description of the comparison, for each repository.
    pub compared: Vec<String>,
    pub(super) is_staged: bool,
    pub(super) repositories: Vec<Repository>,
    pub(super) run_paths: RunPaths,
    pub(super) changed: HashMap<PathBuf, Change>,
    pub(super) listing: Arc<Listing>,
    pub(super) index: OnceLock<Result<Index, String>>,
    /// Whether the run could follow a link.
    pub(crate) has_links: bool,
    /// Links that are new or have another target.
    pub(super) changed_links: HashSet<PathBuf>,
    /// The former targets, as they were written, of links that are gone or have another target.
    pub(super) former_links: BTreeMap<PathBuf, PathBuf>,
    pub(super) smallest_former_links: OnceLock<HashMap<PathBuf, PathBuf>>,
    /// Files that were checked or read before, but no longer are, because another file decides so.
    pub(crate) no_longer_checked: BTreeMap<PathBuf, SourceFile>,
    /// Files that were only moved or renamed.
    pub(crate) moves: Vec<Move>,
    /// What a walk of all files could not follow or read, with the reason.
    pub(crate) unreadable: Vec<(PathBuf, String)>,
}

/// What a file was before the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FormerText {
    /// The same as now.
    Same,
    /// It did not exist.
    Missing,
    Text(String),
    /// It is behind another link, or only a part of its changes is staged.
    Unknown,
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
            .is_some_and(|change| change.state.is_file() && !change.is_renamed)
    }

    /// Whether a file has the text of a deleted file with another name.
    pub fn is_renamed(&self, path: &Path) -> bool {
        self.changed
            .get(path)
            .is_some_and(|change| change.state.is_file() && change.is_renamed)
    }

    /// Whether there was a file before the changes, which may be at the path now.
    pub(crate) fn was_there(&self, path: &Path) -> bool {
        let change = self.changed.get(path);
        change.is_none_or(|change| change.former.is_some())
    }

    /// Whether a file was not checked before the changes: it did not exist, or another file decided so.
    pub(crate) fn is_newly_checked(&self, path: &Path) -> bool {
        let change = self.changed.get(path);
        change.is_some_and(|change| {
            change.is_newly_checked || (change.state.is_file() && change.former.is_none())
        })
    }

    /// The paths of deleted files.
    pub(crate) fn deleted(&self) -> impl Iterator<Item = &PathBuf> {
        let changed = self.changed.iter();
        let deleted = changed.filter(|(_, change)| change.state == FileState::Deleted);
        deleted.map(|(path, _)| path)
    }

    /// The paths of all changes, including deleted files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.changed.keys().map(PathBuf::as_path)
    }

    /// The text of a changed file before the change. `None` if the file is new.
    pub fn former_text(&self, path: &Path) -> Option<io::Result<Vec<u8>>> {
        let Some(change) = self.changed.get(path) else {
            self.no_longer_checked.get(path)?;
            let text = self.staged_text(path).unwrap_or_else(|| {
                let text = super::renames::on_disk(path);
                text.ok_or_else(|| io::ErrorKind::InvalidData.into())
            });
            return Some(text);
        };
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
                FileState::Deleted | FileState::Link | FileState::OnDisk(_) => {
                    Err(io::ErrorKind::NotFound.into())
                }
            },
            None => self.index().map_err(io::Error::other).and_then(|index| {
                let (repository, blob) = index.blob(path).ok_or(io::ErrorKind::NotFound)?;
                Ok((repository, blob))
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
        !self.is_staged || self.index().is_ok_and(|index| index.blob(path).is_some())
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

    /// Follows the links in a path: those of the index or of the disk.
    pub(super) fn resolve(&self, path: &Path) -> Result<Option<Resolved>, String> {
        if self.is_staged {
            return Ok(self.index()?.links.resolve(path));
        }
        Ok(resolve_links(path, |path| path.read_link().ok()))
    }

    /// What a file that decides what is checked was before the changes. The run reads it from disk.
    pub(crate) fn former_of(&self, path: &Path) -> FormerText {
        let Some(resolved) = resolve_links(path, |path| path.read_link().ok()) else {
            return FormerText::Unknown;
        };
        let has_changed = |it: &PathBuf| self.changed_links.contains(it);
        if resolved.links.iter().any(has_changed) {
            return FormerText::Unknown;
        }
        let change = self.changed.get(path);
        let Some(change) = change.or_else(|| self.changed.get(&resolved.path)) else {
            return FormerText::Same;
        };
        let repository = &self.repositories[change.repository];
        let now = bounded::read(path).ok();
        let is_now = |text: &[u8]| {
            let now = now.as_ref();
            now.is_some_and(|now| super::renames::is_same_text(now, text))
        };
        let is_as_on_disk = match &change.state {
            FileState::OnDisk(_) => now.is_some(),
            FileState::Deleted => now.is_none(),
            FileState::Staged(blob) => repository.text(blob).is_ok_and(|text| is_now(&text)),
            FileState::Unmerged | FileState::Link => false,
        };
        if !is_as_on_disk {
            return FormerText::Unknown;
        }
        match change.former.as_ref().map(|blob| repository.text(blob)) {
            None => FormerText::Missing,
            Some(Ok(text)) if is_now(&text) => FormerText::Same,
            Some(Ok(text)) => FormerText::Text(String::from_utf8_lossy(&text).into_owned()),
            Some(Err(_)) => FormerText::Unknown,
        }
    }

    /// Notes that the former version of a changed file was not checked, or not in the same way. Its text
    /// remains, because conditions may have read it.
    pub(crate) fn note_newly_checked(&mut self, path: &Path) {
        if let Some(change) = self.changed.get_mut(path) {
            change.is_newly_checked = true;
        }
    }

    /// Treats a file as new: it was not checked before. Returns whether it was not changed otherwise.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub(crate) fn note_new(&mut self, path: &Path) -> Result<bool, String> {
        self.note_newly_checked(path);
        if self.has(path) || (self.is_staged && !self.exists(path) && !self.is_renamed(path)) {
            return Ok(false);
        }
        let change = Change {
            repository: self.repository_of(path)?.unwrap_or(0),
            former: None,
            state: self.state_now(path)?,
            is_renamed: false,
            is_newly_checked: true,
        };
        self.changed.insert(path.to_path_buf(), change);
        Ok(true)
    }

    /// The repository of a file, without the links in its path.
    fn repository_of(&self, path: &Path) -> Result<Option<usize>, String> {
        if self.is_staged
            && let Some((repository, _)) = self.index()?.blob(path)
        {
            return Ok(Some(repository));
        }
        let resolved = self.resolve(path)?;
        Ok(resolved.and_then(|it| self.repository_around(&it.path)))
    }

    /// The innermost repository around a path without links.
    pub(super) fn repository_around(&self, path: &Path) -> Option<usize> {
        let roots = self.repositories.iter().map(|it| &it.git.root);
        let around = roots.enumerate().filter(|(_, root)| path.starts_with(root));
        let innermost = around.max_by_key(|(_, root)| root.as_os_str().len());
        innermost.map(|(at, _)| at)
    }

    /// The state of a file that git does not report as changed.
    pub(super) fn state_now(&self, path: &Path) -> Result<FileState, String> {
        if !self.is_staged {
            return Ok(FileState::OnDisk(None));
        }
        Ok(match self.index()?.blob(path) {
            Some((_, Some(blob))) => FileState::Staged(blob.clone()),
            _ => FileState::Unmerged,
        })
    }

    /// Sets the files that are no longer checked or read.
    pub(crate) fn set_no_longer_checked(&mut self, files: Vec<SourceFile>) {
        let files = files.into_iter();
        self.no_longer_checked = files.map(|file| (file.path.clone(), file)).collect();
    }

    /// Limits the walk for changed files to those among `found`.
    pub(crate) fn use_found(&mut self, found: &BTreeSet<PathBuf>) {
        let is_changed = |path: &&PathBuf| {
            let change = self.changed.get(*path);
            change.is_some_and(|change| change.state.is_file())
        };
        let paths = found.iter().filter(is_changed).cloned();
        self.listing = Arc::new(Listing::new(paths, !self.is_staged));
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
                Some(FileState::Staged(_) | FileState::Unmerged | FileState::Link) => {
                    targets.files.push(path);
                    false
                }
                _ => true,
            }
        });
        targets.files.sort_unstable();
        targets.files.dedup();
    }

    pub(super) fn index(&self) -> Result<&Index, String> {
        let index = self.index.get_or_init(|| {
            let read = Index::read(
                &self.repositories,
                &self.run_paths,
                self.has_links,
                &self.changed_links,
            );
            read.map_err(|error| error.to_string())
        });
        index.as_ref().map_err(Clone::clone)
    }
}
