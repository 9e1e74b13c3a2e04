//! A list of files that replaces the contents of folders in a walk.
//!
//! The walk finds only these files, and opens no other folders. All other rules of the walk apply.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::project::resolve_links::{Resolved, resolve_links};

/// Files by folder.
#[derive(Debug, Default)]
pub struct Listing {
    folders: HashMap<PathBuf, Entries>,
    /// Whether the walk checks on disk that a file exists and is a regular file.
    on_disk: bool,
    links: ListedLinks,
}

/// The names in a folder.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub folders: BTreeSet<OsString>,
    pub files: BTreeSet<OsString>,
    pub links: BTreeSet<OsString>,
}

/// Symbolic links that are known from git's index.
#[derive(Debug, Default, Clone)]
pub(crate) struct ListedLinks {
    /// Targets, as they are written, by path.
    pub targets: HashMap<PathBuf, PathBuf>,
    /// The roots of the repositories whose links are known. Other links are read from disk.
    pub known_in: Vec<PathBuf>,
    /// The links that are new or have another target.
    pub changed: HashSet<PathBuf>,
    /// Other regular files than metadata, to which links can lead.
    pub files: HashSet<PathBuf>,
    /// The folders of these files.
    pub folders: HashSet<PathBuf>,
}

impl ListedLinks {
    /// Adds a file that is not metadata.
    pub(crate) fn add_file(&mut self, file: PathBuf) {
        for folder in file.ancestors().skip(1) {
            if !self.folders.insert(folder.to_path_buf()) {
                break;
            }
        }
        self.files.insert(file);
    }

    /// Follows the links in a path.
    pub(crate) fn resolve(&self, path: &Path) -> Option<Resolved> {
        resolve_links(path, |path| self.target_of(path))
    }

    /// The target of a link, as it is written.
    pub(crate) fn target_of(&self, link: &Path) -> Option<PathBuf> {
        let is_in = |root: &PathBuf| link != root && link.starts_with(root);
        if self.known_in.iter().any(is_in) {
            self.targets.get(link).cloned()
        } else {
            link.read_link().ok()
        }
    }
}

/// What a link in a listing leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    Folder,
    File,
    /// Something that is only on disk.
    Unlisted,
    /// Nothing.
    Missing,
}

impl Listing {
    /// The listing of `files`. With `on_disk`, the walk checks that they exist.
    pub fn new(files: impl IntoIterator<Item = PathBuf>, on_disk: bool) -> Self {
        let mut listing = Self {
            on_disk,
            ..Self::default()
        };
        for file in files {
            if let (Some(folder), Some(name)) = (file.parent(), file.file_name()) {
                let name = name.to_owned();
                listing.folder(folder).files.insert(name);
            }
        }
        listing
    }

    /// Adds links, each at the paths that the run uses for it.
    pub(crate) fn add_links(&mut self, links: ListedLinks, paths: impl Iterator<Item = PathBuf>) {
        for path in paths {
            if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
                let name = name.to_owned();
                self.folder(folder).links.insert(name);
            }
        }
        self.links = links;
    }

    pub(crate) fn is_on_disk(&self) -> bool {
        self.on_disk
    }

    pub(crate) fn entries(&self, folder: &Path) -> Option<&Entries> {
        self.folders.get(folder)
    }

    /// What a link leads to, and the path of that without links.
    pub(super) fn follow(&self, link: &Path) -> (Listed, PathBuf) {
        let Some(target) = self.links.resolve(link) else {
            return (Listed::Missing, link.to_path_buf());
        };
        let is_changed = target
            .links
            .iter()
            .any(|it| self.links.changed.contains(it));
        let kind = match &target.path {
            path if self.folders.contains_key(path) => Listed::Folder,
            path if self.links.folders.contains(path) => Listed::Folder,
            path if self.is_file(path) => Listed::File,
            path if is_changed && path.exists() => Listed::Unlisted,
            path if !self.is_inside(path) && path.exists() => Listed::Unlisted,
            _ => Listed::Missing,
        };
        (kind, target.path)
    }

    /// Whether a path is in a repository whose files are listed.
    fn is_inside(&self, path: &Path) -> bool {
        self.links
            .known_in
            .iter()
            .any(|root| path.starts_with(root))
    }

    fn is_file(&self, path: &Path) -> bool {
        let entries = path.parent().and_then(|folder| self.folders.get(folder));
        let name = path.file_name();
        let is_listed = entries
            .zip(name)
            .is_some_and(|(entries, name)| entries.files.contains(name));
        is_listed || self.links.files.contains(path)
    }

    /// The entries of a folder, which is added to its parent if it is new.
    fn folder(&mut self, path: &Path) -> &mut Entries {
        let is_new = !self.folders.contains_key(path);
        if is_new && let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            let name = name.to_owned();
            self.folder(parent).folders.insert(name);
        }
        self.folders.entry(path.to_path_buf()).or_default()
    }
}
