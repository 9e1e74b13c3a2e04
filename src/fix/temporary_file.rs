//! Temporary files that replace another file by a rename.
//!
//! A run that is killed leaves its temporary file behind, and a later run removes it. Each run locks its
//! files, and a lock ends with its process, so an unlocked file is no longer used.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

const PREFIX: &str = ".forcelint-";
/// The number of random characters after the prefix. Files with another number are not ours.
const RANDOM: usize = 10;

/// Creates a file in `folder`, with these permissions or those of a temporary file.
///
/// # Errors
/// If no file can be created in the folder.
pub(crate) fn create_in(
    folder: &Path,
    permissions: Option<Permissions>,
) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM);
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    loop {
        let file = builder.tempfile_in(folder).map_err(without_path)?;
        // On a file system without locks, no run removes the files of another.
        let lock = file.as_file().try_lock_shared();
        let is_taken = matches!(lock, Err(TryLockError::WouldBlock));
        // Another run may have removed it before it was locked.
        if !is_taken && file.path().exists() {
            return Ok(file);
        }
    }
}

/// The error without the path of the temporary file, which means nothing to the user.
fn without_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((reason, _)) => io::Error::new(error.kind(), reason),
        None => error,
    }
}

/// The default permissions of new files, before the umask. By default, only the owner can read a
/// temporary file.
pub(crate) fn permissions_of_new() -> Option<Permissions> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(Permissions::from_mode(0o666))
    }
    #[cfg(not(unix))]
    None
}

/// Removes temporary files of killed runs from `folder`. A file that cannot be removed does no harm.
pub(crate) fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(is_name);
        if is_ours && entry.file_type().is_ok_and(|it| it.is_file()) {
            remove_if_unused(&entry.path());
        }
    }
}

fn remove_if_unused(path: &Path) {
    if let Ok(file) = File::open(path)
        && file.try_lock().is_ok()
    {
        // The lock is still held. A run that has just created the file detects its removal, and
        // creates another.
        let _ = fs::remove_file(path);
    }
}

fn is_name(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
