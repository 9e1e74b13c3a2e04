//! Files that a walk meets in place of what lies in the folders.
//!
//! In: absolute paths of files. Out: a [`Listing`], which says of each folder what is in it, so
//! that a walk gets to these files and no others, by the same rules as to any. Folders without one
//! of them are never opened.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Files by folder.
#[derive(Debug, Default)]
pub struct Listing {
    folders: HashMap<PathBuf, Entries>,
    /// What lies on disk decides whether a file is there and is a regular one.
    on_disk: bool,
}

/// What is in a folder, by name.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub folders: BTreeSet<OsString>,
    pub files: BTreeSet<OsString>,
}

impl Listing {
    /// The listing of `files`. Those that are `on_disk` are looked at there before they are met.
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

    /// The entries of a folder, which from now on its parent has.
    fn folder(&mut self, path: &Path) -> &mut Entries {
        let is_new = !self.folders.contains_key(path);
        if is_new && let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            let name = name.to_owned();
            self.folder(parent).folders.insert(name);
        }
        self.folders.entry(path.to_path_buf()).or_default()
    }
}
