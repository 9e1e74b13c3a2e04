//! A folder of a walk, with all that the paths in it have in common.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;

use super::gitignore::GITIGNORE;
use super::ignore_rules::IgnoreRules;
use super::skipped::SkipReason;
use crate::project::constants::PROJECT_FILE;
use crate::project::project::{Placement, Project};
use crate::project::projects::Projects;

/// A folder of a walk.
#[derive(Debug, Clone)]
pub(super) struct WalkedFolder {
    /// The index of the root of the walk.
    pub(super) root: usize,
    pub(super) path: PathBuf,
    pub(super) project: Arc<Project>,
    pub(super) rules: IgnoreRules,
    /// The package directory of its files. Outside the package directories, finding it reads files.
    placement: OnceLock<Placement>,
}

impl WalkedFolder {
    pub(super) fn new(
        root: usize,
        path: PathBuf,
        project: Arc<Project>,
        rules: IgnoreRules,
    ) -> Self {
        let placement = OnceLock::new();
        if let Some(package) = project.package_directory_of(&path) {
            let _ = placement.set(Placement::packaged(package));
        }
        Self {
            root,
            path,
            project,
            rules,
            placement,
        }
    }

    /// A folder in this one, and why it is skipped, if it is.
    pub(super) fn enter(&self, path: PathBuf, projects: &Projects) -> (Self, Option<SkipReason>) {
        let (rules, skipped) = self.rules.enter(&path, projects);
        (self.with(path, rules), skipped)
    }

    /// Uses the `.forceignore` of the folder, if it is a package directory.
    pub(super) fn use_forceignore(&mut self) {
        if self.project.is_package_directory(&self.path) {
            let forceignore = self.project.forceignore_of(&self.path);
            self.rules.use_forceignore(forceignore);
        }
    }

    /// A folder in this one, with these rules.
    fn with(&self, path: PathBuf, rules: IgnoreRules) -> Self {
        let placement = OnceLock::new();
        if self.project.is_package_directory(&path) {
            let _ = placement.set(Placement::packaged(&path));
        } else if let Some(package) = self.placement.get().filter(|it| it.is_packaged) {
            let _ = placement.set(package.clone());
        }
        Self {
            root: self.root,
            path,
            project: Arc::clone(&self.project),
            rules,
            placement,
        }
    }

    /// The folder has an `sfdx-project.json`. In a package directory, that of the outer project applies:
    /// its deployment includes the folder.
    pub(super) fn enter_project(&mut self, projects: &Projects) {
        let is_packaged = self.placement.get().is_some_and(|it| it.is_packaged);
        if is_packaged || self.project.root == self.path {
            return;
        }
        self.project = projects.at(&self.path);
        let forceignore = self.project.forceignore_of(&self.path);
        self.rules.use_forceignore(forceignore);
        self.placement = OnceLock::new();
        if let Some(package) = self.project.package_directory_of(&self.path) {
            let _ = self.placement.set(Placement::packaged(package));
        }
    }

    /// The target of a link in this folder.
    pub(super) fn follow(&self, link: &Path, target: &Path, projects: &Projects) -> Self {
        let rules = self.rules.follow(link, target, &self.project, projects);
        self.with(link.to_path_buf(), rules)
    }

    /// Applies the special files in the folder, which a walk finds before all others.
    pub(super) fn read_special(&mut self, projects: &Projects) {
        let has = |name: &str| self.path.join(name).exists();
        if has(".git") {
            self.rules.enter_repository(&self.path, projects);
        }
        if has(GITIGNORE) {
            self.rules.read_gitignore(&self.path);
        }
        if has(PROJECT_FILE) {
            self.enter_project(projects);
        }
    }

    pub(super) fn placement(&self) -> Placement {
        let placement = || self.project.placement(&self.path);
        self.placement.get_or_init(placement).clone()
    }
}
