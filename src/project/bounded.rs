//! Small files of the scanned repository, read so that none of them can hang or fill memory.
//!
//! In: a path. Out: its bytes, if it is a regular file of a size that such a file has. A link to a
//! device and a pipe are refused before they are opened.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The largest project, config, rule, ignore, manifest or argument file that is read, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a small file whole.
///
/// # Errors
/// When it is no regular file, too large, or cannot be read.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let refused = |reason: &str| Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    if !fs::metadata(path)?.is_file() {
        return refused("it is no regular file");
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return refused("it is larger than 16 MiB");
    }
    Ok(bytes)
}

/// Reads a small text file whole; bytes that are not UTF-8 become U+FFFD.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
