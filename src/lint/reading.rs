//! How the linter comes by the bytes of a file.
//!
//! In: a path. Out: its bytes; of a long file only the first of them until there is room for the
//! rest. Small files are read into memory that each thread keeps. Of long ones there are never more
//! in memory than there are cores: more would take room and no time off.

use std::fs::File;
use std::io::{self, Read};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

use super::gathered::Scratch;
use super::linter::{Linter, lock};
use crate::xml::{MAX_FILE_BYTES, Tree};

/// Bytes that are read of a file before anybody asks for its length: most have fewer.
const FIRST_READ_BYTES: usize = 16 * 1024;

/// Files with more bytes than this are long.
const LONG_BYTES: usize = 256 * 1024;

/// Room for a long file is kept for the next one if it is not larger than this, in bytes.
const KEPT_ROOM_BYTES: usize = 8 * 1024 * 1024;

/// What was not read yet of a long file.
pub(super) struct Rest {
    file: File,
    length: u64,
}

impl Rest {
    /// Reads it, behind what there is already; of a file that is too large only so much that this
    /// can be told.
    pub(super) fn read(self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let most = MAX_FILE_BYTES + 1 - bytes.len().min(MAX_FILE_BYTES);
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        let rest = length.saturating_sub(bytes.len()).min(most);
        // One byte more, so that the end of the file is met without growing once more.
        bytes.reserve_exact(rest + 1);
        self.file.take(most as u64).read_to_end(bytes).map(drop)
    }
}

impl Linter {
    /// The bytes of a file as the linter sees them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_text(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Some(rest) = self.read_short(path, &mut bytes)? {
            rest.read(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// Reads a file whole, or of a long one the beginning.
    pub(super) fn read_short(&self, path: &Path, bytes: &mut Vec<u8>) -> io::Result<Option<Rest>> {
        bytes.clear();
        if bytes.capacity() > LONG_BYTES + FIRST_READ_BYTES {
            *bytes = Vec::new();
        }
        if let Some(text) = self.overlay.text(path) {
            bytes.extend_from_slice(text);
            return Ok(None);
        }
        if let Some(text) = self.changes.as_ref().and_then(|it| it.staged_text(path)) {
            *bytes = text?;
            return Ok(None);
        }
        bytes.reserve(FIRST_READ_BYTES);
        let mut file = File::open(path)?;
        let first = FIRST_READ_BYTES as u64;
        if file.by_ref().take(first).read_to_end(bytes)? < FIRST_READ_BYTES {
            return Ok(None);
        }
        let length = file.metadata()?.len();
        let rest = Rest { file, length };
        if length > LONG_BYTES as u64 {
            return Ok(Some(rest));
        }
        rest.read(bytes).map(|()| None)
    }
}

/// Room for long files.
pub(super) struct LongFiles {
    free: Mutex<Vec<Scratch>>,
    freed: Condvar,
}

/// Room for one long file, given back when it is dropped.
pub(super) struct Room<'l> {
    scratch: Scratch,
    files: &'l LongFiles,
}

impl LongFiles {
    /// Room for as many as there are cores.
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            free: Mutex::new((0..cores).map(|_| Scratch::default()).collect()),
            freed: Condvar::new(),
        }
    }

    /// Waits until another file is done with, if there is no room left.
    pub(super) fn wait_for_room(&self) -> Room<'_> {
        let mut free = lock(&self.free);
        loop {
            if let Some(scratch) = free.pop() {
                let files = self;
                return Room { scratch, files };
            }
            free = self
                .freed
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Deref for Room<'_> {
    type Target = Scratch;
    fn deref(&self) -> &Scratch {
        &self.scratch
    }
}

impl DerefMut for Room<'_> {
    fn deref_mut(&mut self) -> &mut Scratch {
        &mut self.scratch
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        let mut scratch = std::mem::take(&mut self.scratch);
        if scratch.bytes.capacity() > KEPT_ROOM_BYTES {
            scratch = Scratch {
                bytes: Vec::new(),
                tree: Tree::default(),
            };
        }
        lock(&self.files.free).push(scratch);
        self.files.freed.notify_one();
    }
}
