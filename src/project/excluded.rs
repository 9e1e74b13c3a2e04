//! Whether a walk would skip a path that the user named.

use std::ffi::OsStr;
use std::path::Path;

use super::ignore_files::GitignoreChain;
use super::source_file::{Project, Projects, git_root};

/// Folders without source of the project.
const SKIPPED_FOLDERS: [&str; 4] = [".git", ".sf", ".sfdx", "node_modules"];

/// Whether ignore files exclude a path, or it is in a folder that walks skip.
pub(crate) fn is_excluded(path: &Path, project: &Project, is_folder: bool) -> bool {
    project.forceignores(path) || is_skipped_or_gitignored(path, project, is_folder)
}

/// As [`is_excluded`], but without `.forceignore`, which only excludes files from deployment.
pub(crate) fn is_skipped_or_gitignored(path: &Path, project: &Project, is_folder: bool) -> bool {
    let in_skipped = path
        .strip_prefix(&project.root)
        .unwrap_or(path)
        .iter()
        .any(is_skipped_folder);
    in_skipped || is_gitignored_below(None, path, is_folder)
}

/// Whether a walk of `outer`, which the user named, skips the folder `inner` in it.
pub(super) fn is_skipped_by_walk(outer: &Path, inner: &Path, projects: &Projects) -> bool {
    let forceignores = |folder: &Path| projects.around(folder, folder).forceignores(folder);
    inner
        .strip_prefix(outer)
        .is_ok_and(|below| below.iter().any(is_skipped_folder))
        || (forceignores(inner) && !forceignores(outer))
        || (projects.excludes.has(inner, true) && !projects.excludes.has(outer, true))
        || is_gitignored_below(Some(outer), inner, true)
}

/// Whether `.gitignore` excludes a path, or a folder between it and `top`. The default of `top` is the
/// root of the repository.
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

/// Whether walks skip folders with this name.
pub(crate) fn is_skipped_folder(name: &OsStr) -> bool {
    SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped)
}
