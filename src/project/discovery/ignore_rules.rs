//! What happens to a path, and why. Nothing else reads ignore files.
//!
//! In order: `.gitignore` skips what git does not track, `exclude` of the config skips more, and
//! `.forceignore` keeps files from being deployed.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::gitignore::GitignoreChain;
use super::repository::Repository;
use super::skipped::SkipReason;
use crate::project::forceignore::{Forceignore, MatchedFolder, in_node_modules};
use crate::project::project::Project;
use crate::project::projects::Projects;
use crate::project::source_file::Deployment;

/// What happens to a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Deployed,
    /// Only rules about content that must not be in the repository check it.
    Forceignored,
    Skipped(SkipReason),
}

impl Fate {
    /// Why the file is not checked like others.
    pub(crate) fn skip_reason(self) -> Option<SkipReason> {
        match self {
            Self::Deployed => None,
            Self::Forceignored => Some(SkipReason::Forceignore),
            Self::Skipped(reason) => Some(reason),
        }
    }
}

/// What happens to a file, as a walk of its project decides it.
pub(crate) fn fate_of(path: &Path, project: &Project, projects: &Projects) -> Fate {
    let folder = path.parent().unwrap_or(path);
    if is_gitignored(path, false, project, projects) {
        Fate::Skipped(SkipReason::Gitignore)
    } else if projects.excludes.has(path, false) {
        Fate::Skipped(SkipReason::Exclude)
    } else if project
        .forceignore_of(folder)
        .is_some_and(|it| it.ignores(path, false))
    {
        Fate::Forceignored
    } else {
        Fate::Deployed
    }
}

/// Whether `.gitignore` excludes a path or a folder above it, and git does not track the path.
pub(super) fn is_gitignored(
    path: &Path,
    is_folder: bool,
    project: &Project,
    projects: &Projects,
) -> bool {
    let repository = projects.repository_around(path);
    is_gitignored_by_lines(path, is_folder, repository.as_deref(), project)
        && !is_tracked(repository.as_deref(), path, is_folder)
}

/// Whether `.gitignore` excludes a path or a folder above it. Without a repository, the files in the
/// project apply.
fn is_gitignored_by_lines(
    path: &Path,
    is_folder: bool,
    repository: Option<&Repository>,
    project: &Project,
) -> bool {
    let top = repository.map_or(&project.root, |repository| &repository.root);
    let Ok(below) = path.strip_prefix(top) else {
        return false;
    };
    let mut part = top.clone();
    let mut chain = GitignoreChain::default();
    let count = below.components().count();
    below.components().enumerate().any(|(at, name)| {
        chain = chain.with(&part);
        part.push(name);
        chain.ignores(&part, is_folder || at + 1 < count)
    })
}

/// Whether git may track a path. Without a repository, it does not.
fn is_tracked(repository: Option<&Repository>, path: &Path, is_folder: bool) -> bool {
    repository.is_some_and(|repository| match is_folder {
        true => repository.tracks_in(path),
        false => repository.tracks(path),
    })
}

/// The `.gitignore` files above a folder.
fn chain_above(
    folder: &Path,
    repository: Option<&Repository>,
    project: &Project,
) -> GitignoreChain {
    let top = repository.map_or(&project.root, |repository| &repository.root);
    match folder.parent() {
        Some(above) if top != folder => GitignoreChain::from_root(top, above),
        _ => GitignoreChain::default(),
    }
}

/// Which kinds of ignore files apply in a walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applying {
    /// To the root of the walk, too.
    pub(super) to_root: bool,
    pub(super) gitignore: bool,
    pub(super) excludes: bool,
    pub(super) forceignore: bool,
}

/// The rules for the files and folders in one folder of a walk.
#[derive(Debug, Clone)]
pub(super) struct IgnoreRules {
    applying: Applying,
    forceignore: Option<Arc<Forceignore>>,
    forceignored: Arc<ForceignoredFolder>,
    gitignore: GitignoreChain,
    repository: Option<Arc<Repository>>,
    /// Whether `.gitignore` excludes the folder, in which git tracks files.
    is_gitignored: bool,
    /// A link above the folder, and its target: git knows only the target.
    link: Option<Arc<(PathBuf, PathBuf)>>,
}

/// A folder for `.forceignore`. Most folders have no metadata, and are not matched.
#[derive(Debug, Default)]
struct ForceignoredFolder {
    /// The folder above, if the same `.forceignore` applies to it.
    above: Option<Arc<Self>>,
    matched: OnceLock<MatchedFolder>,
}

impl ForceignoredFolder {
    /// What the files in `folder`, which is this one, have in common.
    fn matched(&self, forceignore: &Forceignore, folder: &Path) -> &MatchedFolder {
        let find = || match (&self.above, folder.parent()) {
            (Some(above), Some(parent)) => {
                forceignore.folder_in(above.matched(forceignore, parent), folder)
            }
            _ => forceignore.folder(folder),
        };
        self.matched.get_or_init(find)
    }
}

impl IgnoreRules {
    /// The rules in `folder`, the root of a walk, without its own `.gitignore`. `link` is set if the
    /// folder is a link, with its target.
    pub(super) fn in_root(
        folder: &Path,
        forceignore: Option<Arc<Forceignore>>,
        applying: Applying,
        link: Option<PathBuf>,
        project: &Project,
        projects: &Projects,
    ) -> Self {
        let in_git = link.as_deref().unwrap_or(folder);
        let repository = projects.repository_around(in_git);
        let gitignore = chain_above(in_git, repository.as_deref(), project);
        let forceignore = forceignore.filter(|_| applying.forceignore);
        Self {
            forceignored: Arc::default(),
            is_gitignored: applying.gitignore
                && applying.to_root
                && is_gitignored_by_lines(in_git, true, repository.as_deref(), project),
            applying,
            forceignore,
            gitignore,
            repository,
            link: link.map(|target| Arc::new((folder.to_path_buf(), target))),
        }
    }

    /// The folder is the root of a repository, so that ignore files above it do not apply.
    pub(super) fn enter_repository(&mut self, folder: &Path, projects: &Projects) {
        if self.applying.gitignore {
            self.repository = projects.repository_around(&self.in_git(folder));
            self.gitignore = GitignoreChain::default();
            self.is_gitignored = false;
        }
    }

    /// The folder has a `.gitignore`.
    pub(super) fn read_gitignore(&mut self, folder: &Path) {
        if self.applying.gitignore {
            self.gitignore = self.gitignore.with(&self.in_git(folder));
        }
    }

    /// The folder is a package directory or the root of a project, with this `.forceignore`.
    pub(super) fn use_forceignore(&mut self, forceignore: Option<Arc<Forceignore>>) {
        if self.applying.forceignore {
            self.forceignored = Arc::default();
            self.forceignore = forceignore;
        }
    }

    /// The rules in the target of a link in this folder.
    pub(super) fn follow(
        &self,
        link: &Path,
        target: &Path,
        project: &Project,
        projects: &Projects,
    ) -> Self {
        let mut rules = self.clone();
        rules.forceignored = Arc::default();
        if self.applying.gitignore {
            let repository = projects.repository_around(target);
            rules.gitignore = chain_above(target, repository.as_deref(), project);
            rules.is_gitignored =
                is_gitignored_by_lines(target, true, repository.as_deref(), project);
            rules.repository = repository;
            rules.link = Some(Arc::new((link.to_path_buf(), target.to_path_buf())));
        }
        rules
    }

    /// What happens to a file in this folder.
    pub(super) fn fate(&self, path: &Path, projects: &Projects) -> Fate {
        if let Some(reason) = self.skips_file(path, projects) {
            return Fate::Skipped(reason);
        }
        let Some(forceignore) = &self.forceignore else {
            return Fate::Deployed;
        };
        let folder = path.parent().unwrap_or(path);
        let folder = self.forceignored.matched(forceignore, folder);
        let name = path.file_name().unwrap_or_default();
        match forceignore.ignores_file(folder, name) {
            true => Fate::Forceignored,
            false => Fate::Deployed,
        }
    }

    /// Why a file in this folder is skipped, apart from `.forceignore`.
    pub(super) fn skips_file(&self, path: &Path, projects: &Projects) -> Option<SkipReason> {
        self.skips(path, false, self.is_gitignored(path, false), projects)
    }

    /// Why a file or folder in this folder is skipped, apart from `.forceignore`.
    fn skips(
        &self,
        path: &Path,
        is_folder: bool,
        is_gitignored: bool,
        projects: &Projects,
    ) -> Option<SkipReason> {
        let repository = self.repository.as_deref();
        if is_gitignored && !is_tracked(repository, &self.in_git(path), is_folder) {
            return Some(SkipReason::Gitignore);
        }
        let is_excluded = self.applying.excludes && projects.excludes.has_itself(path, is_folder);
        is_excluded.then_some(SkipReason::Exclude)
    }

    /// Whether a file in this folder is deployed, if that was evaluated.
    pub(super) fn deployment(&self, is_forceignored: bool) -> Deployment {
        match (self.applying.forceignore, is_forceignored) {
            (false, _) => Deployment::NotEvaluated,
            (true, true) => Deployment::Forceignored,
            (true, false) => Deployment::Deployed,
        }
    }

    /// The rules in a folder in this one, and why the folder is skipped, if it is. What `.forceignore` excludes
    /// is not skipped, as by the CLI, except for `node_modules`.
    pub(super) fn enter(&self, folder: &Path, projects: &Projects) -> (Self, Option<SkipReason>) {
        let is_gitignored = self.is_gitignored(folder, true);
        let skipped = self.skips(folder, true, is_gitignored, projects);
        let skipped = skipped.or_else(|| {
            let forceignore = self.forceignore.as_ref();
            let is_denied = in_node_modules(folder)
                && forceignore.is_some_and(|forceignore| forceignore.ignores(folder, true));
            is_denied.then_some(SkipReason::Forceignore)
        });
        let rules = Self {
            applying: self.applying,
            forceignore: self.forceignore.clone(),
            forceignored: Arc::new(ForceignoredFolder {
                above: Some(Arc::clone(&self.forceignored)),
                matched: OnceLock::new(),
            }),
            gitignore: self.gitignore.clone(),
            repository: self.repository.clone(),
            is_gitignored,
            link: self.link.clone(),
        };
        (rules, skipped)
    }

    /// Whether `.gitignore` excludes a path in this folder, or the folder.
    fn is_gitignored(&self, path: &Path, is_folder: bool) -> bool {
        self.is_gitignored || self.gitignore.ignores(&self.in_git(path), is_folder)
    }

    /// The path of a file or folder for git, which does not follow links.
    fn in_git<'p>(&self, path: &'p Path) -> Cow<'p, Path> {
        let link = self.link.as_deref();
        let below =
            link.and_then(|(link, target)| Some(target.join(path.strip_prefix(link).ok()?)));
        below.map_or(Cow::Borrowed(path), Cow::Owned)
    }
}
