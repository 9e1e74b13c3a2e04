//! The files and folders to check, as absolute paths without overlaps.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::excluded::is_skipped_by_walk;
use super::paths::{absolute, slashed};
use super::source_file::Projects;
use crate::project::bounded;

/// An argument that cannot be used.
#[derive(Debug, Clone)]
pub struct Unusable {
    /// As the user wrote it.
    pub argument: String,
    /// The path for reports.
    pub path: String,
    pub reason: String,
}

/// The files and folders to check.
#[derive(Debug, Default)]
pub struct Targets {
    /// The user named the folders, so ignore files do not apply to the folders themselves.
    pub folders_are_named: bool,
    /// Folders to walk. None is in another one whose walk finds it.
    pub folders: Vec<PathBuf>,
    /// Files that the user named.
    pub files: Vec<PathBuf>,
    /// Arguments that cannot be used.
    pub unusable: Vec<Unusable>,
    /// Notes for the user.
    pub notes: Vec<String>,
}

impl Targets {
    /// The targets of these arguments. Without any, they are the package directories of the project
    /// around `working_directory`, else that folder.
    ///
    /// # Errors
    /// If a path cannot be made absolute because there is no working directory.
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
                Ok(_) => targets.reject(
                    argument,
                    projects.report_path(&path, &[]),
                    "is neither a file nor a folder".to_owned(),
                ),
                Err(error) => targets.reject(
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
            let path = slashed(directory.strip_prefix(&project.root).unwrap_or(directory));
            if !directory.is_dir() {
                self.notes.push(format!(
                    "the package directory `{path}` in sfdx-project.json is not a folder"
                ));
            } else if is_outside(&project.root, directory) {
                // Links to folders are not followed unless the user named them.
                self.reject(
                    directory,
                    path,
                    "is a package directory that links to a folder outside the project".to_owned(),
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

    fn reject(&mut self, argument: &Path, path: String, reason: String) {
        self.unusable.push(Unusable {
            argument: slashed(argument),
            path,
            reason,
        });
    }

    /// Removes folders in other folders, except for those that a walk of the other folder skips.
    fn drop_nested_folders(&mut self, projects: &Projects) {
        let mut kept: BTreeSet<PathBuf> = BTreeSet::new();
        self.folders.sort();
        for folder in self.folders.drain(..) {
            let is_reached = folder
                .ancestors()
                .any(|outer| kept.contains(outer) && !is_skipped_by_walk(outer, &folder, projects));
            if !is_reached {
                kept.insert(folder);
            }
        }
        self.folders.extend(kept);
    }
}

/// Whether a folder is outside the project after links are resolved.
fn is_outside(root: &Path, folder: &Path) -> bool {
    match (fs::canonicalize(root), fs::canonicalize(folder)) {
        (Ok(root), Ok(folder)) => !folder.starts_with(root),
        _ => true,
    }
}

/// Replaces each argument `@FILE` by the paths in that file, one per line.
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
