//! The pre-commit and CI configuration that a repository already has.
//!
//! The files are only searched for the word `forcelint`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::CONFIG_FILE;
use crate::project::{Project, bounded};

/// CI systems that `init` does not configure, by the file in the repository's root that indicates them.
pub(super) const OTHER_CI: [(&str, &str); 4] = [
    ("azure-pipelines.yml", "Azure Pipelines"),
    ("bitbucket-pipelines.yml", "Bitbucket Pipelines"),
    ("Jenkinsfile", "Jenkins"),
    (".circleci", "CircleCI"),
];

/// Whether a configuration file exists and has an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Present {
    /// The file does not exist.
    Nothing,
    /// This file mentions forcelint.
    Entry(PathBuf),
    /// The file exists and does not mention forcelint.
    Others,
}

/// The configuration around a project.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// The root of its repository, where pre-commit and CI systems have their files.
    pub top: Option<PathBuf>,
    /// The config that applies to it: its own, or one above it.
    pub config: Option<PathBuf>,
    /// `.pre-commit-config.yaml`.
    pub pre_commit: Present,
    /// `.github/workflows`: [`Present::Others`] when it has workflows.
    pub github: Present,
    /// `.gitlab-ci.yml`.
    pub gitlab: Present,
    /// `.husky/pre-commit`, which `sf project generate` creates.
    pub husky: Present,
    /// Names of [`OTHER_CI`].
    pub other_ci: Vec<&'static str>,
}

impl Surroundings {
    /// Finds the configuration around a project.
    pub(super) fn of(project: &Project) -> Self {
        let top = project.git_root.clone();
        let upper = top.as_deref().unwrap_or(&project.root);
        let folders = project.root.ancestors();
        let config = folders
            .take_while(|folder| folder.starts_with(upper))
            .map(|folder| folder.join(CONFIG_FILE))
            // A broken link counts: nothing can be written there.
            .find(|file| file.symlink_metadata().is_ok());
        Self {
            config,
            pre_commit: file(&upper.join(".pre-commit-config.yaml")),
            github: workflows(&upper.join(".github/workflows")),
            gitlab: file(&upper.join(".gitlab-ci.yml")),
            husky: match file(&upper.join(".husky/pre-commit")) {
                Present::Nothing if upper.join(".husky").is_dir() => Present::Others,
                present => present,
            },
            other_ci: OTHER_CI
                .iter()
                .filter(|(path, _)| upper.join(path).exists())
                .map(|(_, name)| *name)
                .collect(),
            top,
        }
    }
}

pub(super) fn file(path: &Path) -> Present {
    match path.symlink_metadata() {
        Ok(_) if names_forcelint(path) => Present::Entry(path.to_path_buf()),
        Ok(_) => Present::Others,
        Err(_) => Present::Nothing,
    }
}

fn workflows(folder: &Path) -> Present {
    let Ok(entries) = fs::read_dir(folder) else {
        return Present::Nothing;
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|it| it == "yml" || it == "yaml")
        })
        .collect();
    files.sort_unstable();
    match files.iter().find(|path| names_forcelint(path)) {
        Some(path) => Present::Entry(path.clone()),
        None if files.is_empty() => Present::Nothing,
        None => Present::Others,
    }
}

fn names_forcelint(path: &Path) -> bool {
    bounded::read(path).is_ok_and(|text| memchr::memmem::find(&text, b"forcelint").is_some())
}
