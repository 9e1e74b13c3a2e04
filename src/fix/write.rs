//! A file replaced in one step.
//!
//! In: the old text, as it was linted, and the new one. Out: the file with the new text, or the
//! file as it was and a [`WriteError`]. At no moment is it half-written.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use thiserror::Error;

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
    /// The system said no.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes fixed files below the paths that the user gave.
pub struct Writer {
    /// With every link resolved.
    roots: Vec<PathBuf>,
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
        let mut file = tempfile::Builder::new()
            .prefix(".forcelint-")
            .tempfile_in(folder)?;
        file.write_all(new)?;
        keep_owner(&metadata, file.as_file());
        file.as_file().set_permissions(metadata.permissions())?;
        file.as_file().sync_all()?;
        // As late as can be: between here and the rename nobody can be noticed.
        if fs::read(&real)? != old {
            return Err(WriteError::Changed);
        }
        file.persist(&real).map_err(|error| error.error)?;
        Ok(())
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
