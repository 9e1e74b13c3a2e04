//! Texts that count in place of what lies on disk: what an editor has open and has not saved, or
//! what comes in on stdin.
//!
//! In: absolute paths and their texts. Out: the text of a file, from here if it is here. Whoever
//! reads a file that may be open asks an [`Overlay`] for it, so that nothing sees another text than
//! the person in front of the editor.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::project::bounded;

/// Texts by path. Cloning it copies no text.
#[derive(Debug, Default, Clone)]
pub struct Overlay {
    texts: BTreeMap<PathBuf, Arc<[u8]>>,
}

impl Overlay {
    /// Takes `text` for what the file at `path` (absolute) holds.
    pub fn set(&mut self, path: PathBuf, text: impl Into<Arc<[u8]>>) {
        self.texts.insert(path, text.into());
    }

    /// From now on the file on disk counts again.
    pub fn remove(&mut self, path: &Path) {
        self.texts.remove(path);
    }

    /// The text that counts for a file, if it is not that on disk.
    pub fn text(&self, path: &Path) -> Option<&[u8]> {
        self.texts.get(path).map(|text| &**text)
    }

    /// The files whose text is here, in order. They need not exist on disk.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.texts.keys().map(PathBuf::as_path)
    }

    /// Whether there is such a file, here or on disk.
    pub(crate) fn has_file(&self, path: &Path) -> bool {
        self.texts.contains_key(path) || path.symlink_metadata().is_ok()
    }

    /// Reads a config, rule file or another small file whole.
    ///
    /// # Errors
    /// When it is on disk alone and is no regular file, too large, or cannot be read.
    pub(crate) fn read_small(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.text(path) {
            Some(text) => Ok(text.to_vec()),
            None => bounded::read(path),
        }
    }
}
