//! Reads small files of an untrusted repository, with a size limit.
//!
//! Pipes and devices are rejected before they are opened, because reading them may never end.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The largest project, config, rule, ignore, manifest or argument file, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a small file.
///
/// # Errors
/// If it is not a regular file, is too large, or cannot be read.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(path, MAX_BYTES)
}

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let invalid = |reason: &str| Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    if !fs::metadata(path)?.is_file() {
        return invalid("it is not a regular file");
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return invalid(&format!("it is larger than {} MiB", limit / 1024 / 1024));
    }
    Ok(bytes)
}

/// Reads a small text file. Bytes that are not UTF-8 become U+FFFD.
///
/// # Errors
/// As for [`read`].
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
