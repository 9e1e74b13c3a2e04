//! Texts that replace files on disk: unsaved texts of an editor, or stdin.
//!
//! All code that reads a file that may be open in an editor uses an [`Overlay`], so that results are
//! about the text that the user sees.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::project::bounded;

/// Texts by absolute path. Cloning it does not copy texts.
#[derive(Debug, Default, Clone)]
pub struct Overlay {
    texts: BTreeMap<PathBuf, Arc<[u8]>>,
}

impl Overlay {
    pub fn set(&mut self, path: PathBuf, text: impl Into<Arc<[u8]>>) {
        self.texts.insert(path, text.into());
    }

    pub fn remove(&mut self, path: &Path) {
        self.texts.remove(path);
    }

    /// The text that replaces a file, if there is one.
    pub fn text(&self, path: &Path) -> Option<&[u8]> {
        self.texts.get(path).map(|text| &**text)
    }

    /// The files that are replaced, in order. They may not exist on disk.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.texts.keys().map(PathBuf::as_path)
    }

    /// Whether the file exists, in the overlay or on disk.
    pub(crate) fn has_file(&self, path: &Path) -> bool {
        self.texts.contains_key(path) || path.symlink_metadata().is_ok()
    }

    /// Reads a small file, such as a config or a rule file.
    ///
    /// # Errors
    /// If it is only on disk and is not a regular file, is too large, or cannot be read.
    pub(crate) fn read_small(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.text(path) {
            Some(text) => Ok(text.to_vec()),
            None => bounded::read(path),
        }
    }
}
