//! Reads the entries of one folder.

use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use super::gitignore::GITIGNORE;
use crate::project::constants::PROJECT_FILE;
use crate::project::type_set::TypeSet;

/// The entries of a folder that a walk uses, and what changes what happens to the others.
#[derive(Debug, Default)]
pub(super) struct FolderEntries {
    /// The number of entries that are not folders.
    pub(super) files_seen: u64,
    /// In the root of a worktree or a submodule, `.git` is a file.
    pub(super) has_git: bool,
    pub(super) has_gitignore: bool,
    pub(super) has_project: bool,
    pub(super) folders: Vec<OsString>,
    pub(super) links: Vec<OsString>,
    /// Regular files whose names can be those of metadata.
    pub(super) files: Vec<OsString>,
    /// Pipes and the like with such names.
    pub(super) not_regular: Vec<OsString>,
    /// What cannot be read.
    pub(super) errors: Vec<(PathBuf, io::Error)>,
}

impl FolderEntries {
    /// Reads the folder at `path`. Of the files, only those that can be of these `types` are of interest.
    pub(super) fn read(path: &Path, types: &TypeSet) -> Self {
        let mut entries = Self::default();
        match fs::read_dir(path) {
            Ok(all) => {
                for entry in all {
                    match entry {
                        Ok(entry) => entries.add(&entry, types),
                        Err(error) => entries.errors.push((path.to_path_buf(), error)),
                    }
                }
            }
            Err(error) => entries.errors.push((path.to_path_buf(), error)),
        }
        entries
    }

    fn add(&mut self, entry: &DirEntry, types: &TypeSet) {
        let file_type = match entry.file_type() {
            Ok(file_type) => file_type,
            Err(error) => return self.errors.push((entry.path(), error)),
        };
        let name = entry.file_name();
        if !file_type.is_dir() {
            self.files_seen += 1;
        }
        if name == ".git" {
            self.has_git = true;
        } else if file_type.is_dir() {
            self.folders.push(name);
        } else if name == GITIGNORE {
            self.has_gitignore = true;
        } else if name == PROJECT_FILE && entry.path().is_file() {
            self.has_project = true;
        } else if file_type.is_symlink() {
            self.links.push(name);
        } else if !types.may_have(name.as_encoded_bytes()) {
            // No rule reads it.
        } else if file_type.is_file() {
            self.files.push(name);
        } else {
            self.not_regular.push(name);
        }
    }
}
