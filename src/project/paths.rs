//! Paths without `.` and `..`, and as reports write them.

use std::io;
use std::path::{Component, Path, PathBuf};

/// The absolute path with `.` and `..` worked out on the text alone, so that symbolic links keep
/// the name that the user gave them.
///
/// # Errors
/// When there is no working directory.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let mut clean = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    Ok(clean)
}

/// The path with `/` between its parts. Bytes that are not UTF-8 show as U+FFFD.
pub fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}
