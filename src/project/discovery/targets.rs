//! The files and folders to check, as absolute paths without overlaps.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bounds::{leaves, link_target};
use super::ignore_rules::is_gitignored;
use crate::project::bounded;
use crate::project::packed::{PackedFolder, is_zip, open_zip};
use crate::project::paths::{absolute, canonical, slashed};
use crate::project::project::Project;
use crate::project::projects::Projects;

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
    /// The project that is checked, if the user named no paths.
    pub project: Option<Arc<Project>>,
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
        let mut packed: Vec<PackedFolder> = Vec::new();
        // Links that are only followed into a named folder.
        let mut outside = Vec::new();
        for argument in arguments {
            let path = absolute(argument)?;
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => targets.folders.push(path),
                Ok(metadata) if metadata.is_file() => {
                    if let Some(target) = target_outside(&path, projects) {
                        outside.push((argument, path.clone(), target));
                        files.insert(path);
                    } else if !is_zip(&path) {
                        files.insert(path);
                    } else if packed.iter().all(|it| it.root != path) {
                        match open_zip(&path) {
                            Ok(folder) => packed.push(folder),
                            Err(reason) => {
                                let shown = projects.report_path(&path, &[]);
                                targets.reject(argument, shown, reason);
                            }
                        }
                    }
                }
                Ok(_) => targets.reject(
                    argument,
                    projects.report_path(&path, &[]),
                    "is neither a file nor a folder".to_owned(),
                ),
                Err(error) => targets.reject(
                    argument,
                    projects.report_path(&path, &[]),
                    unreadable(argument, &error),
                ),
            }
        }
        for (argument, path, target) in outside {
            let is_in =
                |folder: &PathBuf| canonical(folder).is_ok_and(|folder| target.starts_with(folder));
            if !targets.folders.iter().any(is_in) {
                files.remove(&path);
                let shown = projects.report_path(&path, &[]);
                targets.reject(argument, shown, leaves(&target));
            }
        }
        targets.files = files.into_iter().collect();
        targets.folders_are_named = !arguments.is_empty();
        if targets.folders_are_named {
            targets.note_missing(projects);
        }
        targets.drop_nested_folders(projects);
        targets
            .folders
            .extend(packed.iter().map(|it| it.root.clone()));
        projects.packed().set(packed);
        Ok(targets)
    }

    fn use_project_around(&mut self, folder: &Path, projects: &Projects) {
        let project = projects.around(folder, folder);
        let existing = project
            .package_directories()
            .iter()
            .filter(|it| it.is_dir());
        self.folders.extend(existing.cloned());
        if project.broken.is_some() {
            self.folders.push(project.root.clone());
        } else if project.package_directories().is_empty() {
            self.folders.push(folder.to_path_buf());
        }
        self.project = Some(project);
    }

    /// Package directories that do not exist are only notes if single files of the project are checked.
    fn note_missing(&mut self, projects: &Projects) {
        let folders: BTreeSet<&Path> = self.files.iter().filter_map(|file| file.parent()).collect();
        let projects = folders
            .into_iter()
            .map(|folder| projects.around(folder, folder));
        for project in projects {
            let missing = project.missing_package_directories();
            self.notes
                .extend(missing.map(|(path, reason)| format!("`{path}` {reason}")));
        }
        self.notes.sort();
        self.notes.dedup();
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

/// Whether a walk of `outer`, which the user named, does not find the folder `inner` in it.
fn is_skipped_by_walk(outer: &Path, inner: &Path, projects: &Projects) -> bool {
    let forceignores = |folder: &Path| {
        let forceignore = projects.around(folder, folder).forceignore_of(folder);
        forceignore.is_some_and(|it| it.ignores(folder, true))
    };
    let gitignores = |folder: &Path| {
        let project = projects.around(folder, folder);
        is_gitignored(folder, true, &project, projects)
    };
    let is_through_link = |folder: &Path| folder.symlink_metadata().is_ok_and(|it| it.is_symlink());
    let mut between = inner.ancestors().take_while(|folder| *folder != outer);
    between.any(|folder| is_through_link(folder) || folder.ends_with(".git"))
        || (forceignores(inner) && !forceignores(outer))
        || (projects.excludes.has(inner, true) && !projects.excludes.has(outer, true))
        || (gitignores(inner) && !gitignores(outer))
}

/// Why an argument cannot be read. The shells of Windows leave wildcards to the program, and those of other
/// systems do so if nothing matches.
fn unreadable(argument: &Path, error: &io::Error) -> String {
    let is_glob = argument.to_string_lossy().contains(['*', '?']);
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename if is_glob => {
            "does not exist; forcelint does not expand wildcards: name a folder to check all files in it"
                .to_owned()
        }
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// The target of a named file, if that is a link that leaves the bounds.
fn target_outside(file: &Path, projects: &Projects) -> Option<PathBuf> {
    let folder = file.parent()?;
    let project = projects.around(folder, folder);
    let target = link_target(file, project.own_base())?;
    (!projects.bounds.contain(&target, &project.bounds(folder))).then_some(target)
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
        let bytes = bounded::read(Path::new(list)).map_err(|error| Unusable {
            argument: slashed(argument),
            path: list.to_owned(),
            reason: format!("cannot be read: {error}"),
        })?;
        expanded.extend(
            text_of_list(&bytes)
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(PathBuf::from),
        );
    }
    Ok(expanded)
}

/// The text of a list of paths. Windows PowerShell writes UTF-16 by default (`git diff > FILE`).
fn text_of_list(bytes: &[u8]) -> String {
    let Some(utf16) = bytes.strip_prefix(b"\xFF\xFE") else {
        let text = String::from_utf8_lossy(bytes);
        return text.trim_start_matches('\u{FEFF}').to_owned();
    };
    let (units, _) = utf16.as_chunks();
    let units: Vec<u16> = units.iter().map(|it| u16::from_le_bytes(*it)).collect();
    String::from_utf16_lossy(&units)
}
