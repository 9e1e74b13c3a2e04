//! The files that git tracks, for `.gitignore`.

use std::path::{Path, PathBuf};

use super::command::{Git, find_git, os_string, split};

/// Lists the files in the index of the repository at `root`, relative to it.
///
/// # Errors
/// Why git cannot list them.
pub(crate) fn tracked_files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let program = find_git().map_err(|error| error.to_string())?;
    let listed = Git::new(&program, root, None).run(["ls-files", "-z"]);
    let listed = listed.map_err(|error| error.to_string())?;
    Ok(split(&listed)
        .map(|path| PathBuf::from(os_string(path)))
        .collect())
}
