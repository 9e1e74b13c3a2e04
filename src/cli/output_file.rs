//! Writing reports to files.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::fix::temporary_file as temporary;
use crate::project::{canonical, is_null_device};

/// Writes a report: a regular file atomically, anything else (a pipe, the null device) directly.
pub(crate) fn write_file(path: &Path, text: &[u8]) -> io::Result<()> {
    write_file_with(path, &|file| file.write_all(text))
}

/// As [`write_file`], for a report that is written in parts. `write` can be called again.
pub(crate) fn write_file_with(
    path: &Path,
    write: &dyn Fn(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let existing = fs::metadata(path);
    let is_special = existing.is_ok_and(|metadata| !metadata.is_file());
    if is_special || is_null_device(path) {
        return write(&mut File::options().write(true).open(path)?);
    }
    // A link stays a link.
    let real = canonical(path);
    let path = real.as_deref().unwrap_or(path);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    temporary::sweep(folder);
    let replace = || {
        let mut file = temporary::create_in(folder, permissions(path)?)?;
        write(&mut file)?;
        temporary::replace(file, path)
    };
    temporary::retry(replace, |error| Some(error))
}

/// The permissions of the replaced file, or those of a new file, which a temporary file does not have.
///
/// # Errors
/// On Windows, if the file is read-only: the system would not replace it.
fn permissions(path: &Path) -> io::Result<Option<fs::Permissions>> {
    let existing = fs::metadata(path).map(|metadata| metadata.permissions());
    if cfg!(windows) && existing.as_ref().is_ok_and(fs::Permissions::readonly) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is read-only",
        ));
    }
    Ok(existing.ok().or_else(temporary::permissions_of_new))
}
