//! Files that decide what is checked and how: `sfdx-project.json`, `.forceignore` and `package.xml`.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bounded;
use super::packed::PackedFolders;

/// The largest such file in a packed folder, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// Reads such files: from disk, from packed folders, or as they were before a change.
#[derive(Debug, Default, Clone)]
pub(crate) struct ControlFiles {
    former: Arc<HashMap<PathBuf, Option<String>>>,
    pub(super) packed: PackedFolders,
}

impl ControlFiles {
    /// The files on disk, except for those in `former`. `None` is for files that did not exist.
    pub(crate) fn former(former: HashMap<PathBuf, Option<String>>) -> Self {
        Self {
            former: Arc::new(former),
            packed: PackedFolders::default(),
        }
    }

    /// Whether there is a file, or something else with its name.
    pub(super) fn exists(&self, path: &Path) -> bool {
        let former = self.former.get(path).map(Option::is_some);
        let known = former.or_else(|| self.packed.has_file(path));
        known.unwrap_or_else(|| path.exists())
    }

    pub(super) fn is_file(&self, path: &Path) -> bool {
        let former = self.former.get(path).map(Option::is_some);
        let known = former.or_else(|| self.packed.has_file(path));
        known.unwrap_or_else(|| path.is_file())
    }

    pub(super) fn is_folder(&self, path: &Path) -> bool {
        let packed = self.packed.has_folder(path);
        packed.unwrap_or_else(|| path.is_dir())
    }

    /// Reads a file. Bytes that are not UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// If it does not exist, is not a regular file, is too large, or cannot be read.
    pub(super) fn read_text(&self, path: &Path) -> io::Result<String> {
        match self.former.get(path) {
            Some(Some(text)) => return Ok(text.clone()),
            Some(None) => return Err(io::ErrorKind::NotFound.into()),
            None => {}
        }
        match self.packed.read(path, MAX_BYTES) {
            Some(bytes) => Ok(String::from_utf8_lossy(&bytes?).into_owned()),
            None => bounded::read_text(path),
        }
    }
}
