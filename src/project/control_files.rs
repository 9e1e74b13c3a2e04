//! Files that decide what is checked and how: `sfdx-project.json`, `.forceignore` and `package.xml`.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bounded;

/// Reads such files: from disk, or as they were before a change.
#[derive(Debug, Default, Clone)]
pub(crate) struct ControlFiles(Arc<HashMap<PathBuf, Option<String>>>);

impl ControlFiles {
    /// The files on disk, except for those in `former`. `None` is for files that did not exist.
    pub(crate) fn former(former: HashMap<PathBuf, Option<String>>) -> Self {
        Self(Arc::new(former))
    }

    /// Whether there is a file, or something else with its name.
    pub(super) fn exists(&self, path: &Path) -> bool {
        self.0
            .get(path)
            .map_or_else(|| path.exists(), Option::is_some)
    }

    pub(super) fn is_file(&self, path: &Path) -> bool {
        self.0
            .get(path)
            .map_or_else(|| path.is_file(), Option::is_some)
    }

    /// Reads a file. Bytes that are not UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// If it does not exist, is not a regular file, is too large, or cannot be read.
    pub(super) fn read_text(&self, path: &Path) -> io::Result<String> {
        match self.0.get(path) {
            Some(Some(text)) => Ok(text.clone()),
            Some(None) => Err(io::ErrorKind::NotFound.into()),
            None => bounded::read_text(path),
        }
    }
}
