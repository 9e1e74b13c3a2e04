//! Paths relative to the working directory.

use std::path::Path;

use crate::project::slashed;

/// `path` relative to the working directory, with `/`.
pub(crate) fn relative(working_directory: &Path, path: &Path) -> String {
    if let Ok(below) = path.strip_prefix(working_directory)
        && !below.as_os_str().is_empty()
    {
        return slashed(below);
    }
    match pathdiff::diff_paths(path, working_directory) {
        Some(relative) if relative.as_os_str().is_empty() => ".".to_owned(),
        Some(relative) => slashed(&relative),
        None => slashed(path),
    }
}
