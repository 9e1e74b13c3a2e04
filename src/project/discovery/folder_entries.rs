//! The entries of one folder.

use std::ffi::{OsStr, OsString};
use std::fs::FileType;
use std::path::Path;

use super::gitignore::GITIGNORE;
use crate::project::constants::PROJECT_FILE;
use crate::project::type_set::TypeSet;

/// The entries of a folder beside folders: those that a walk uses, and what changes what happens to the others.
#[derive(Debug, Default)]
pub(super) struct FolderEntries {
    /// The number of entries that are not folders.
    pub(super) files_seen: u64,
    /// In the root of a worktree or a submodule, `.git` is a file.
    pub(super) has_git: bool,
    pub(super) has_gitignore: bool,
    pub(super) has_project: bool,
    pub(super) links: Vec<OsString>,
    /// Regular files whose names can be those of metadata.
    pub(super) files: Vec<OsString>,
    /// Pipes and the like with such names.
    pub(super) not_regular: Vec<OsString>,
}

impl FolderEntries {
    /// Adds an entry of `folder` that is not a folder, or `.git`. Of the files, only those that can be of these
    /// `types` are of interest.
    pub(super) fn add(
        &mut self,
        folder: &Path,
        name: &OsStr,
        file_type: FileType,
        types: &TypeSet,
    ) {
        if !file_type.is_dir() {
            self.files_seen += 1;
        }
        if name == ".git" {
            self.has_git = true;
        } else if name == GITIGNORE {
            self.has_gitignore = true;
        } else if name == PROJECT_FILE && folder.join(name).is_file() {
            self.has_project = true;
        } else if file_type.is_symlink() {
            self.links.push(name.to_owned());
        } else if !types.may_have(name.as_encoded_bytes()) {
            // No rule reads it.
        } else if file_type.is_file() {
            self.files.push(name.to_owned());
        } else {
            self.not_regular.push(name.to_owned());
        }
    }
}
