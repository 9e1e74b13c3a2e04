//! Files that are written beside another one and become it in one step.
//!
//! In: a folder. Out: a file in it that belongs to this run alone, and nothing of what runs left
//! there that were killed before they could clean up. Every such file is locked by the run that
//! made it, and a lock ends with its process: one that can be had is nobody's any more.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

const PREFIX: &str = ".forcelint-";
/// Characters behind the prefix, so that nothing else is taken for one.
const RANDOM: usize = 10;

/// A new file in `folder`, with these permissions or those of a temporary file.
///
/// # Errors
/// When the folder takes none.
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
        // Where there are no locks, nobody can take the file for one that was left.
        let lock = file.as_file().try_lock_shared();
        let is_taken = matches!(lock, Err(TryLockError::WouldBlock));
        // Another run may have removed it before it was locked.
        if !is_taken && file.path().exists() {
            return Ok(file);
        }
    }
}

/// The error without the path of the temporary file, which tells the user nothing.
fn without_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((reason, _)) => io::Error::new(error.kind(), reason),
        None => error,
    }
}

/// Those of any new file, less what the process masks. A temporary file alone would be its owner's.
pub(crate) fn permissions_of_new() -> Option<Permissions> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Some(Permissions::from_mode(0o666))
    }
    #[cfg(not(unix))]
    None
}

/// Removes the files in `folder` that killed runs left. One that cannot be removed is in nobody's
/// way.
pub(crate) fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(is_name);
        if is_ours && entry.file_type().is_ok_and(|it| it.is_file()) {
            remove_if_left(&entry.path());
        }
    }
}

fn remove_if_left(path: &Path) {
    if let Ok(file) = File::open(path)
        && file.try_lock().is_ok()
    {
        // While it is locked: whoever made it only now finds it gone, and makes another.
        let _ = fs::remove_file(path);
    }
}

fn is_name(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
