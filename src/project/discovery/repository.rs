//! The files that git tracks. `.gitignore` does not apply to them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::project::classify::classify_at;

/// Lists the files that git tracks in the repository at a path, relative to it. The error says why git
/// cannot.
pub(crate) type ListTracked = fn(&Path) -> Result<Vec<PathBuf>, String>;

/// A repository. git is only asked when an ignore file would skip something.
#[derive(Debug)]
pub(crate) struct Repository {
    /// The root of the working tree.
    pub(crate) root: PathBuf,
    list: Option<ListTracked>,
    tracked: OnceLock<Result<Tracked, String>>,
}

/// The metadata files that git tracks, and the folders above them.
#[derive(Debug, Default)]
struct Tracked {
    files: HashSet<PathBuf>,
    folders: HashSet<PathBuf>,
}

impl Repository {
    pub(crate) fn new(root: &Path, list: Option<ListTracked>) -> Self {
        Self {
            root: root.to_path_buf(),
            list,
            tracked: OnceLock::new(),
        }
    }

    /// Whether git may track this metadata file: it does, or cannot list its files.
    pub(super) fn tracks(&self, file: &Path) -> bool {
        match (self.tracked(), file.strip_prefix(&self.root)) {
            (Ok(tracked), Ok(file)) => tracked.files.contains(file),
            _ => true,
        }
    }

    /// Whether git may track a metadata file in this folder.
    pub(super) fn tracks_in(&self, folder: &Path) -> bool {
        match (self.tracked(), folder.strip_prefix(&self.root)) {
            (Ok(tracked), Ok(folder)) => tracked.folders.contains(folder),
            _ => true,
        }
    }

    /// Why git cannot say what it tracks, if it was asked.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.tracked.get()?.as_ref().err().map(String::as_str)
    }

    fn tracked(&self) -> &Result<Tracked, String> {
        self.tracked.get_or_init(|| {
            let list = self.list.ok_or_else(|| "git is not used here".to_owned())?;
            Ok(Tracked::new(list(&self.root)?))
        })
    }
}

impl Tracked {
    fn new(files: Vec<PathBuf>) -> Self {
        let mut tracked = Self::default();
        for file in files {
            if classify_at(&file).is_none() {
                continue;
            }
            for folder in file.ancestors().skip(1) {
                if !tracked.folders.insert(folder.to_path_buf()) {
                    break;
                }
            }
            tracked.files.insert(file);
        }
        tracked
    }
}
