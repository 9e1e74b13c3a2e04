//! A file replaced in one step.
//!
//! In: the old text, as it was linted, and the new one; or the text of a file that is to be new.
//! Out: the file with the new text, or what was there before and a [`WriteError`]. At no moment is
//! it half-written.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use thiserror::Error;

use crate::fix::temporary_file as temporary;

/// Why a file was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Somebody else wrote it in the meantime.
    #[error("was changed while forcelint ran; it was left as it is now")]
    Changed,
    /// It is a link to somewhere else.
    #[error("is a link that leaves the paths that were given, so it was not fixed")]
    LeavesTargets,
    /// It may not be written.
    #[error("is read-only, so it was not fixed")]
    ReadOnly,
    /// It was to be new, and something of its name is there.
    #[error("is there already, and was left as it is")]
    Exists,
    /// The system said no.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes files below the paths that the user gave.
pub struct Writer {
    /// With every link resolved.
    roots: Vec<PathBuf>,
    /// Folders in which nothing is left of killed runs.
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
                .filter_map(|folder| fs::canonicalize(folder).ok())
                .collect(),
            swept: Mutex::default(),
        }
    }

    /// Where the file at `path` really is.
    ///
    /// # Errors
    /// When that is outside of the paths that were given, or nowhere.
    pub fn resolve(&self, path: &Path) -> Result<PathBuf, WriteError> {
        let real = fs::canonicalize(path)?;
        if self.roots.iter().any(|root| real.starts_with(root)) {
            Ok(real)
        } else {
            Err(WriteError::LeavesTargets)
        }
    }

    /// Replaces `old`, the content of the file at `path`, by `new`. The file keeps its mode and,
    /// as far as the system allows, its owner.
    ///
    /// # Errors
    /// When the file is no longer the one that was read, lies elsewhere, or cannot be written.
    pub fn write(&self, path: &Path, old: &[u8], new: &[u8]) -> Result<(), WriteError> {
        let real = self.resolve(path)?;
        let metadata = fs::metadata(&real)?;
        // A folder that may be written would let any file in it be replaced.
        let is_writable = File::options().write(true).open(&real);
        let is_denied = is_writable.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
        if is_denied || metadata.permissions().readonly() {
            return Err(WriteError::ReadOnly);
        }
        let folder = real.parent().unwrap_or(Path::new("."));
        self.sweep(folder);
        let mut file = temporary::create_in(folder, None)?;
        file.write_all(new)?;
        keep_owner(&metadata, file.as_file());
        file.as_file().set_permissions(metadata.permissions())?;
        file.as_file().sync_all()?;
        // As late as can be: between here and the rename nobody can be noticed.
        match fs::read(&real)? {
            now if now == old => file.persist(&real).map_err(|error| error.error)?,
            // Another run mended it at the same time.
            now if now == new => return Ok(()),
            _ => return Err(WriteError::Changed),
        };
        Ok(())
    }

    /// Makes the file at `path`, an absolute path, with the folders above it that are missing. It
    /// has the mode of any new file.
    ///
    /// # Errors
    /// When something of this name is there, a link that leads nowhere too, when it would lie
    /// elsewhere, or when it cannot be written.
    pub fn create(&self, path: &Path, text: &[u8]) -> Result<(), WriteError> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::Error::from(ErrorKind::InvalidInput).into());
        };
        // Before any folder is made: a link may lead the path out of the repository.
        let present = folder.ancestors().find(|above| above.exists());
        self.resolve(present.unwrap_or(folder))?;
        fs::create_dir_all(folder)?;
        let folder = self.resolve(folder)?;
        self.sweep(&folder);
        let mut file = temporary::create_in(&folder, temporary::permissions_of_new())?;
        file.write_all(text)?;
        file.as_file().sync_all()?;
        let made = file.persist_noclobber(folder.join(name));
        made.map(drop).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => WriteError::Exists,
            _ => error.error.into(),
        })
    }

    /// Looks once into each folder for what killed runs left.
    fn sweep(&self, folder: &Path) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.insert(folder.to_path_buf()) {
            temporary::sweep(folder);
        }
    }
}

/// Somebody who fixes as root, in a container say, wants the files to stay their owner's. For
/// others it goes without saying, or is not allowed.
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
