//! A folder whose files are not on disk: the contents of a zip or of a git revision.
//!
//! Its files have paths below a path that is not a folder, such as `retrieved/org.zip/unpackaged/…`. All code that
//! finds or reads files asks for such a folder before it asks the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::project::paths::slashed;

/// Reads the files of a packed folder.
pub(crate) trait PackedFiles: Debug + Send + Sync {
    /// The bytes of the file with this number, and not many more than `limit`.
    ///
    /// # Errors
    /// If the file is damaged or cannot be read.
    fn read(&self, number: usize, limit: u64) -> io::Result<Vec<u8>>;
}

/// A folder whose files are not on disk.
#[derive(Debug)]
pub(crate) struct PackedFolder {
    pub root: PathBuf,
    /// The numbers of the files by path below the root, with `/`. Those that forcelint never reads are not in it.
    pub files: BTreeMap<String, usize>,
    /// The folders of all files, without the folders above them.
    pub folders: BTreeSet<String>,
    /// How many files there are, with those that forcelint never reads.
    pub file_count: u64,
    /// Whether `.forceignore` files in it decide what is deployed, as in a revision of a repository.
    pub has_ignore_files: bool,
    /// What cannot be checked. Each continues a sentence that begins with the path of the folder.
    pub problems: Vec<String>,
    pub reader: Box<dyn PackedFiles>,
}

impl PackedFolder {
    /// The file at an absolute path below the root.
    fn number(&self, path: &Path) -> Option<usize> {
        let below = path.strip_prefix(&self.root).ok()?;
        self.files.get(&slashed(below)).copied()
    }

    fn has_folder(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.root) else {
            return false;
        };
        if below.as_os_str().is_empty() {
            return true;
        }
        let below = slashed(below);
        let prefix = format!("{below}/");
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        let first = self.folders.range::<str, _>(from).next();
        self.folders.contains(&below) || first.is_some_and(|it| it.starts_with(&prefix))
    }

    /// The absolute paths of the files in `folder`, at any depth and in order.
    pub(crate) fn paths_in(&self, folder: &Path) -> Vec<PathBuf> {
        let paths = self.files.keys().map(|below| self.root.join(below));
        paths.filter(|path| path.starts_with(folder)).collect()
    }
}

/// The folder of a path with `/`.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The packed folders of a run. Clones share them.
#[derive(Debug, Default, Clone)]
pub(crate) struct PackedFolders(Arc<OnceLock<Vec<PackedFolder>>>);

impl PackedFolders {
    /// Sets the folders of the run. Later calls do nothing.
    pub(crate) fn set(&self, folders: Vec<PackedFolder>) {
        let _ = self.0.set(folders);
    }

    /// The packed folder that has this path, or is at it.
    pub(crate) fn around(&self, path: &Path) -> Option<&PackedFolder> {
        let folders = self.0.get()?;
        folders.iter().find(|it| path.starts_with(&it.root))
    }

    /// Whether there is a file at a path in a packed folder. `None` for a path on disk.
    pub(crate) fn has_file(&self, path: &Path) -> Option<bool> {
        Some(self.around(path)?.number(path).is_some())
    }

    /// Whether there is a folder at a path in a packed folder. `None` for a path on disk.
    pub(crate) fn has_folder(&self, path: &Path) -> Option<bool> {
        Some(self.around(path)?.has_folder(path))
    }

    /// The bytes of a file in a packed folder, and not many more than `limit`. `None` for a path on disk.
    pub(crate) fn read(&self, path: &Path, limit: u64) -> Option<io::Result<Vec<u8>>> {
        let folder = self.around(path)?;
        Some(match folder.number(path) {
            Some(number) => folder.reader.read(number, limit),
            None => Err(io::ErrorKind::NotFound.into()),
        })
    }
}
