//! What a walk leaves out, asked of a path that the user named.
//!
//! In: a path and its project. Out: whether a walk from above would ever get there.

use std::ffi::OsStr;
use std::path::Path;

use super::ignore_files::GitignoreChain;
use super::source_file::{Project, Projects, git_root};

/// Folders that hold no source of the project.
const SKIPPED_FOLDERS: [&str; 4] = [".git", ".sf", ".sfdx", "node_modules"];

/// Whether ignore files, or the folders that are never looked into, leave out a path that the
/// user named.
pub(crate) fn is_excluded(path: &Path, project: &Project, is_folder: bool) -> bool {
    project.forceignores(path) || is_out_of_repository(path, project, is_folder)
}

/// Whether it is left out for another reason than `.forceignore`, which only says what is not
/// deployed.
pub(crate) fn is_out_of_repository(path: &Path, project: &Project, is_folder: bool) -> bool {
    let in_skipped = path
        .strip_prefix(&project.root)
        .unwrap_or(path)
        .iter()
        .any(is_skipped_folder);
    in_skipped || is_gitignored_below(None, path, is_folder)
}

/// Whether a walk of `outer`, which the user named, passes by the folder `inner` below it.
pub(super) fn is_passed_by(outer: &Path, inner: &Path, projects: &Projects) -> bool {
    let forceignores = |folder: &Path| projects.around(folder, folder).forceignores(folder);
    inner
        .strip_prefix(outer)
        .is_ok_and(|below| below.iter().any(is_skipped_folder))
        || (forceignores(inner) && !forceignores(outer))
        || (projects.excludes.has(inner, true) && !projects.excludes.has(outer, true))
        || is_gitignored_below(Some(outer), inner, true)
}

/// Whether the repository leaves out a path, or a folder between it and `top`, which is the
/// repository's if none is given.
fn is_gitignored_below(top: Option<&Path>, path: &Path, is_folder: bool) -> bool {
    git_root(path).is_some_and(|root| {
        let mut above: Vec<&Path> = path
            .ancestors()
            .take_while(|above| above.starts_with(&root) && *above != root && Some(*above) != top)
            .collect();
        above.reverse();
        above.iter().any(|part| {
            let folder = part.parent().unwrap_or(part);
            let is_folder = is_folder || *part != path;
            GitignoreChain::from_root(&root, folder).ignores(part, is_folder)
        })
    })
}

/// Whether a folder of this name is never looked into.
pub(crate) fn is_skipped_folder(name: &OsStr) -> bool {
    SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped)
}
