//! How the linter comes by the bytes of a file.
//!
//! In: a path. Out: its bytes; of a long file only the first of them until there is room for the
//! rest. Small files are read into memory that each thread keeps. Of long ones there are never more
//! in memory than there are cores: more would take room and no time off.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};

use super::linter::{Linter, lock};
use super::partial_report::Scratch;
use crate::xml::{MAX_FILE_BYTES, Tree};

/// Bytes that are read of a file before anybody asks for its length: most have fewer.
const FIRST_READ_BYTES: usize = 16 * 1024;

/// Files with more bytes than this are long.
const LONG_BYTES: usize = 256 * 1024;

/// Room for a long file is kept for the next one if it is not larger than this, in bytes.
const KEPT_ROOM_BYTES: usize = 8 * 1024 * 1024;

thread_local! {
    /// Room for the beginning of a file.
    static BEGINNING: RefCell<Vec<u8>> = RefCell::new(vec![0; FIRST_READ_BYTES]);
}

/// What was not read yet of a long file.
pub(crate) struct Rest {
    file: File,
    length: u64,
}

impl Rest {
    /// Reads it, behind what there is already; of a file that is too large only so much that this
    /// can be told.
    pub(crate) fn read(self, bytes: &mut Vec<u8>) -> io::Result<()> {
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
    pub(crate) fn read_short(&self, path: &Path, bytes: &mut Vec<u8>) -> io::Result<Option<Rest>> {
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
        let mut file = File::open(path)?;
        BEGINNING.with_borrow_mut(|beginning| {
            let length = read_once(&mut file, beginning)?;
            bytes.extend_from_slice(&beginning[..length]);
            Ok::<_, io::Error>(())
        })?;
        if bytes.len() < FIRST_READ_BYTES && is_closed(bytes) {
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

/// One read, but for signals.
fn read_once(file: &mut File, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Whether these bytes end with the end tag of the element with which they begin. Then they are
/// taken for all of a file, and the system is not asked for more: that took 3 % of the time of
/// 200,000 files. Systems give a file of this size at once; should one give it in parts, and one of
/// them end just here, what stands behind the root goes unseen.
fn is_closed(bytes: &[u8]) -> bool {
    let end_tag = || {
        let inside = bytes.trim_ascii_end().strip_suffix(b">")?;
        inside[memchr::memrchr(b'<', inside)?..].strip_prefix(b"</")
    };
    let Some(name) = end_tag().filter(|name| !name.is_empty()) else {
        return false;
    };
    // The declaration stands in front of the root, and perhaps a comment.
    let mut tags = memchr::memchr_iter(b'<', bytes).map(|at| &bytes[at + 1..]);
    let root = tags.find(|tag| !tag.starts_with(b"?") && !tag.starts_with(b"!"));
    let after_name = root.and_then(|root| root.strip_prefix(name));
    let next = after_name.and_then(|rest| rest.first());
    next.is_some_and(|next| b" >\t\r\n".contains(next))
}

/// Room for long files.
pub(crate) struct LongFiles {
    free: Mutex<Vec<Scratch>>,
    freed: Condvar,
}

/// Room for one long file, given back when it is dropped.
pub(crate) struct Room<'l> {
    scratch: Scratch,
    files: &'l LongFiles,
}

impl LongFiles {
    /// Room for as many as there are cores.
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            free: Mutex::new((0..cores).map(|_| Scratch::default()).collect()),
            freed: Condvar::new(),
        }
    }

    /// Waits until another file is done with, if there is no room left.
    pub(crate) fn wait_for_room(&self) -> Room<'_> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_closed_is_taken_for_all_of_a_file() {
        for (text, expected) in [
            (
                "<?xml version=\"1.0\"?>\n<A xmlns=\"x\">\n<b>1</b>\n</A>\n",
                true,
            ),
            ("<A>\n<b>1</b>\n</A>", true),
            ("<!-- b --><A><b>1</b></A>\r\n \t", true),
            ("<A>\n<b>1</b>", false),
            ("<A>\n<b>1</b>\n", false),
            ("<AB>\n<A>1</A>", false),
            ("<A>\n<b>1</b>\n</A>\ntext", false),
            ("<A/>", false),
            ("<A></>", false),
            ("</>", false),
            (">", false),
            ("", false),
        ] {
            assert_eq!(is_closed(text.as_bytes()), expected, "{text}");
        }
    }
}
