//! Deployment scopes: the other files that conditions of a file can read.

use std::path::PathBuf;

use crate::project::{Project, SourceFile};

/// Files whose conditions can read one another: those in the package directories of a project, which
/// are deployed together, or those outside its package directories.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct DeploymentScope {
    /// The root of the project.
    root: PathBuf,
    is_packaged: bool,
}

impl DeploymentScope {
    pub(super) fn of(file: &SourceFile) -> Self {
        Self {
            root: file.project.root.clone(),
            is_packaged: file.is_packaged(),
        }
    }

    /// The folders with its files.
    pub(super) fn folders(&self, project: &Project) -> Vec<PathBuf> {
        if self.is_packaged {
            project.package_directories().to_vec()
        } else {
            vec![self.root.clone()]
        }
    }
}
