//! Reads the bytes of a file from an open editor, git's index, a zip, or the disk.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::git::Changes;
use crate::project::{Overlay, PackedFolders};
use crate::xml::MAX_FILE_BYTES;

/// Bytes. Few files are larger, so growing the buffer for these takes less time than asking for the size of each file.
const USUAL_BYTES: usize = 8 << 10;

/// Reads files as a run sees them.
#[derive(Debug, Default)]
pub struct SourceReader {
    /// Texts that replace files on disk.
    pub overlay: Overlay,
    /// The changed files, and the texts of staged ones. `None` if the run is about all files.
    pub changes: Option<Arc<Changes>>,
    /// The folders that are not on disk: those of the projects of the run.
    pub(super) packed: PackedFolders,
}

impl SourceReader {
    /// The bytes of a file. If it is too large for a metadata file, this returns one byte more than
    /// allowed, so that it is recognized.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_into(path, &mut bytes)?;
        Ok(bytes)
    }

    /// As [`Self::read`], into reused memory.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn read_into(&self, path: &Path, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        if let Some(text) = self.overlay.text(path) {
            bytes.extend_from_slice(text);
            return Ok(());
        }
        if let Some(text) = self.changes.as_ref().and_then(|it| it.staged_text(path)) {
            *bytes = text?;
            return Ok(());
        }
        let limit = MAX_FILE_BYTES as u64 + 1;
        if let Some(text) = self.packed.read(path, limit) {
            *bytes = text?;
            return Ok(());
        }
        bytes.reserve(USUAL_BYTES);
        File::open(path)?.take(limit).read_to_end(bytes).map(drop)
    }
}
