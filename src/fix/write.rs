//! Writes files atomically: a file has either its old or its new content, and is never half-written.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use thiserror::Error;

use crate::fix::temporary_file as temporary;
use crate::project::canonical;

/// Why a file was not written. Rendered after the path of the file.
#[derive(Debug, Error)]
pub enum WriteError {
    #[error("changed while forcelint was running, so it was not fixed; run forcelint again")]
    Changed,
    #[error("is a link to a file outside the checked paths, so it was not fixed")]
    LeavesTargets,
    #[error("is read-only, so it was not fixed")]
    ReadOnly,
    /// Returned only for a new file.
    #[error("already exists")]
    Exists,
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes files below the paths that the user passed.
pub struct Writer {
    /// The folders, with links resolved.
    roots: Vec<PathBuf>,
    /// Folders whose leftover temporary files have been removed.
    swept: Mutex<HashSet<PathBuf>>,
}

impl Writer {
    /// A writer for these folders and the folders of these files.
    pub fn new(folders: &[PathBuf], files: &[PathBuf]) -> Self {
        let parents = files.iter().filter_map(|file| file.parent());
        Self {
            roots: folders
                .iter()
                .map(PathBuf::as_path)
                .chain(parents)
                .filter_map(|folder| canonical(folder).ok())
                .collect(),
            swept: Mutex::default(),
        }
    }

    /// The path with links resolved.
    ///
    /// # Errors
    /// If it does not exist or is outside the folders of the writer.
    pub fn resolve(&self, path: &Path) -> Result<PathBuf, WriteError> {
        let real = canonical(path)?;
        if self.roots.iter().any(|root| real.starts_with(root)) {
            Ok(real)
        } else {
            Err(WriteError::LeavesTargets)
        }
    }

    /// Replaces `old`, the content of the file at `path`, by `new`. The file keeps its mode and, if
    /// the system allows it, its owner.
    ///
    /// # Errors
    /// If the file has changed since it was read, is outside the folders of the writer, or cannot be
    /// written.
    pub fn write(&self, path: &Path, old: &[u8], new: &[u8]) -> Result<(), WriteError> {
        temporary::retry(|| self.try_to_write(path, old, new), io_error)
    }

    fn try_to_write(&self, path: &Path, old: &[u8], new: &[u8]) -> Result<(), WriteError> {
        let real = self.resolve(path)?;
        let metadata = fs::metadata(&real)?;
        if metadata.permissions().readonly() {
            return Err(WriteError::ReadOnly);
        }
        // In a writable folder, a rename would also replace a file that is not writable.
        match File::options().write(true).open(&real) {
            // On Windows, it is also denied while another run replaces the file.
            Err(error) if error.kind() == ErrorKind::PermissionDenied && !cfg!(windows) => {
                return Err(WriteError::ReadOnly);
            }
            Err(error) if cfg!(windows) => return Err(error.into()),
            _ => {}
        }
        let folder = real.parent().unwrap_or(Path::new("."));
        self.sweep(folder);
        let mut file = temporary::create_in(folder, None)?;
        file.write_all(new)?;
        keep_owner(&metadata, file.as_file());
        file.as_file().set_permissions(metadata.permissions())?;
        file.as_file().sync_all()?;
        // As late as possible, because changes between this and the rename are not detected.
        match fs::read(&real)? {
            current if current == old => temporary::replace(file, &real)?,
            // Another run fixed it at the same time.
            current if current == new => return Ok(()),
            _ => return Err(WriteError::Changed),
        };
        Ok(())
    }

    /// Creates the file at an absolute path, with its missing parent folders and the default mode of
    /// new files.
    ///
    /// # Errors
    /// If the path exists (also as a broken link), is outside the folders of the writer, or cannot be
    /// written.
    pub fn create(&self, path: &Path, text: &[u8]) -> Result<(), WriteError> {
        temporary::retry(|| self.try_to_create(path, text), io_error)
    }

    fn try_to_create(&self, path: &Path, text: &[u8]) -> Result<(), WriteError> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::Error::from(ErrorKind::InvalidInput).into());
        };
        // This is checked before a folder is created, because the path can contain a link.
        let existing = folder.ancestors().find(|above| above.exists());
        self.resolve(existing.unwrap_or(folder))?;
        fs::create_dir_all(folder)?;
        let folder = self.resolve(folder)?;
        self.sweep(&folder);
        let mut file = temporary::create_in(&folder, temporary::permissions_of_new())?;
        file.write_all(text)?;
        file.as_file().sync_all()?;
        temporary::create(file, &folder.join(name)).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => WriteError::Exists,
            _ => error.into(),
        })
    }

    /// Removes leftover temporary files from a folder, once per folder.
    fn sweep(&self, folder: &Path) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.insert(folder.to_path_buf()) {
            temporary::sweep(folder);
        }
    }
}

fn io_error(error: &WriteError) -> Option<&io::Error> {
    match error {
        WriteError::Io(error) => Some(error),
        _ => None,
    }
}

/// Keeps the owner of a file that root fixes, for example in a container. Other users cannot change
/// the owner, and need not.
#[cfg(unix)]
fn keep_owner(metadata: &Metadata, file: &File) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let is_same = file
        .metadata()
        .is_ok_and(|new| (new.uid(), new.gid()) == (metadata.uid(), metadata.gid()));
    if !is_same {
        let _ = fchown(file, Some(metadata.uid()), Some(metadata.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_metadata: &Metadata, _file: &File) {}
