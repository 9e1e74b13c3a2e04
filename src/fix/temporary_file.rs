//! Temporary files that replace another file by a rename.
//!
//! A run that is killed leaves its temporary file behind, and a later run removes it. Each run locks its
//! files, and a lock ends with its process, so an unlocked file is no longer used. The lock is exclusive:
//! on Windows, a shared lock also denies writing to its own process.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tempfile::NamedTempFile;

const PREFIX: &str = ".forcelint-";
/// The number of random characters after the prefix. Files with another number are not ours.
const RANDOM: usize = 10;

/// How many milliseconds to wait before each further attempt to write a file.
const WAITS: [u64; 7] = [10, 20, 40, 80, 160, 320, 640];

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
    let folder = without_limit(folder)?;
    loop {
        let file = builder.tempfile_in(&folder).map_err(without_path)?;
        // On a file system without locks, no run removes the files of another.
        let lock = file.as_file().try_lock();
        let is_taken = matches!(lock, Err(TryLockError::WouldBlock));
        // Another run may have removed it before it was locked.
        if !is_taken && file.path().exists() {
            return Ok(file);
        }
    }
}

/// The path in the form that may be longer than 260 characters on Windows.
#[expect(
    clippy::disallowed_methods,
    reason = "the path is not shown and not passed to git"
)]
fn without_limit(folder: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(folder)
}

/// Renames the file to `path`, which is in the same folder, and replaces what is there.
///
/// # Errors
/// If the file at `path` cannot be replaced.
pub(crate) fn replace(file: NamedTempFile, path: &Path) -> io::Result<()> {
    let path = beside(&file, path);
    file.persist(path).map(drop).map_err(|failed| failed.error)
}

/// Renames the file to `path`, which is in the same folder and must not exist.
///
/// # Errors
/// If `path` exists, or the file cannot be renamed.
pub(crate) fn create(file: NamedTempFile, path: &Path) -> io::Result<()> {
    let path = beside(&file, path);
    let created = file.persist_noclobber(path);
    created.map(drop).map_err(|failed| failed.error)
}

/// `path` in the form of the path of the temporary file.
fn beside(file: &NamedTempFile, path: &Path) -> PathBuf {
    file.path()
        .with_file_name(path.file_name().unwrap_or_default())
}

/// Repeats an attempt to write a file. On Windows, a file cannot be replaced while another program has it
/// open (an editor, a virus scanner, an indexer), nor opened while another one replaces it. Both are soon over.
///
/// # Errors
/// That of the last attempt.
pub(crate) fn retry<T, E>(
    mut attempt: impl FnMut() -> Result<T, E>,
    io_error: impl Fn(&E) -> Option<&io::Error>,
) -> Result<T, E> {
    for wait in WAITS {
        match attempt() {
            Err(error) if io_error(&error).is_some_and(is_open_elsewhere) => {}
            outcome => return outcome,
        }
        thread::sleep(Duration::from_millis(wait));
    }
    attempt()
}

/// Whether the error is one that Windows returns for a file that another program has open.
fn is_open_elsewhere(error: &io::Error) -> bool {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    let codes = [ACCESS_DENIED, SHARING_VIOLATION, LOCK_VIOLATION];
    cfg!(windows)
        && error
            .raw_os_error()
            .is_some_and(|code| codes.contains(&code))
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
