//! A list of files that replaces the contents of folders in a walk.
//!
//! The walk finds only these files, and opens no other folders. All other rules of the walk apply.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Files by folder.
#[derive(Debug, Default)]
pub struct Listing {
    folders: HashMap<PathBuf, Entries>,
    /// Whether the walk checks on disk that a file exists and is a regular file.
    on_disk: bool,
}

/// The names in a folder.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub folders: BTreeSet<OsString>,
    pub files: BTreeSet<OsString>,
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

    pub(crate) fn is_on_disk(&self) -> bool {
        self.on_disk
    }

    pub(crate) fn entries(&self, folder: &Path) -> Option<&Entries> {
        self.folders.get(folder)
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
