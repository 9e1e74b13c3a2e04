//! What the user asked to look at.
//!
//! In: the paths of the command line. Out: [`Targets`], absolute and without overlaps, and the
//! arguments that name nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::excluded::is_passed_by;
use super::paths::{absolute, slashed};
use super::source_file::Projects;
use crate::project::bounded;

/// An argument that could not be used.
#[derive(Debug, Clone)]
pub struct Unusable {
    /// As the user wrote it.
    pub argument: String,
    /// As reports have it.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Where to look.
#[derive(Debug, Default)]
pub struct Targets {
    /// The user named the folders, so that ignore files do not hold for them.
    pub folders_are_named: bool,
    /// Folders to walk; none lies in another that reaches it.
    pub folders: Vec<PathBuf>,
    /// Files that were named.
    pub files: Vec<PathBuf>,
    /// Arguments that could not be used.
    pub unusable: Vec<Unusable>,
    /// What else is worth saying on stderr.
    pub notes: Vec<String>,
}

impl Targets {
    /// Resolves the arguments; without any, the package directories of the project around
    /// `working_directory`, else that folder.
    ///
    /// # Errors
    /// When a path cannot be made absolute because there is no working directory.
    pub fn resolve(
        arguments: &[PathBuf],
        working_directory: &Path,
        projects: &Projects,
    ) -> io::Result<Self> {
        let mut targets = Self::default();
        if arguments.is_empty() {
            targets.use_project_around(working_directory, projects);
        }
        let mut files = BTreeSet::new();
        for argument in arguments {
            let path = absolute(argument)?;
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => targets.folders.push(path),
                Ok(metadata) if metadata.is_file() => {
                    files.insert(path);
                }
                Ok(_) => targets.refuse(
                    argument,
                    projects.report_path(&path, &[]),
                    "is neither a file nor a folder".to_owned(),
                ),
                Err(error) => targets.refuse(
                    argument,
                    projects.report_path(&path, &[]),
                    match error.kind() {
                        io::ErrorKind::NotFound => "does not exist".to_owned(),
                        _ => format!("cannot be read: {error}"),
                    },
                ),
            }
        }
        targets.files = files.into_iter().collect();
        targets.folders_are_named = !arguments.is_empty();
        targets.drop_nested_folders(projects);
        Ok(targets)
    }

    fn use_project_around(&mut self, folder: &Path, projects: &Projects) {
        let project = projects.around(folder, folder);
        for directory in project.package_directories() {
            let shown = slashed(directory.strip_prefix(&project.root).unwrap_or(directory));
            if !directory.is_dir() {
                self.notes.push(format!(
                    "the package directory `{shown}` of sfdx-project.json is no folder"
                ));
            } else if leaves(&project.root, directory) {
                // Links to folders are not followed, and this one was not named by the user.
                self.refuse(
                    directory,
                    shown,
                    "is a package directory, but a link that leaves the project".to_owned(),
                );
            } else {
                self.folders.push(directory.clone());
            }
        }
        if project.broken.is_some() {
            self.folders.push(project.root.clone());
        } else if project.package_directories().is_empty() {
            self.folders.push(folder.to_path_buf());
        }
    }

    fn refuse(&mut self, argument: &Path, path: String, reason: String) {
        self.unusable.push(Unusable {
            argument: slashed(argument),
            path,
            reason,
        });
    }

    /// Drops folders inside of others, but not one that a walk of the other would pass by.
    fn drop_nested_folders(&mut self, projects: &Projects) {
        let mut kept: BTreeSet<PathBuf> = BTreeSet::new();
        self.folders.sort();
        for folder in self.folders.drain(..) {
            let is_reached = folder
                .ancestors()
                .any(|outer| kept.contains(outer) && !is_passed_by(outer, &folder, projects));
            if !is_reached {
                kept.insert(folder);
            }
        }
        self.folders.extend(kept);
    }
}

/// Whether a folder lies outside of the project once links are resolved.
fn leaves(root: &Path, folder: &Path) -> bool {
    match (fs::canonicalize(root), fs::canonicalize(folder)) {
        (Ok(root), Ok(folder)) => !folder.starts_with(root),
        _ => true,
    }
}

/// Replaces each `@FILE` among the arguments by the paths in that file, one a line.
///
/// # Errors
/// The argument whose file cannot be read, with the reason.
pub(crate) fn expand_argument_files(arguments: &[PathBuf]) -> Result<Vec<PathBuf>, Unusable> {
    let mut expanded = Vec::new();
    for argument in arguments {
        let Some(list) = argument.to_str().and_then(|text| text.strip_prefix('@')) else {
            expanded.push(argument.clone());
            continue;
        };
        let text = bounded::read_text(Path::new(list)).map_err(|error| Unusable {
            argument: slashed(argument),
            path: list.to_owned(),
            reason: format!("cannot be read: {error}"),
        })?;
        expanded.extend(
            text.lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(PathBuf::from),
        );
    }
    Ok(expanded)
}
