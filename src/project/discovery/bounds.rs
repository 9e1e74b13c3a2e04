//! How far links may lead.

use std::path::{Path, PathBuf};

use crate::project::paths::{canonical, slashed};

/// Where files may be that a run reads through links.
#[derive(Debug, Clone, Default)]
pub(crate) enum Bounds {
    /// In the git working tree around the link, in its project, or in the walked folder.
    #[default]
    Repository,
    /// In this folder: the workspace of an editor.
    Folder(PathBuf),
    /// Anywhere (`--allow-outside`).
    Anywhere,
}

impl Bounds {
    /// Whether a path without links is inside the bounds. `around` has the folders around the link that
    /// contain what the run is about.
    pub(super) fn contain(&self, real: &Path, around: &[&Path]) -> bool {
        let is_in = |folder: &Path| canonical(folder).is_ok_and(|it| real.starts_with(it));
        match self {
            Self::Anywhere => true,
            Self::Folder(folder) => is_in(folder),
            Self::Repository => around.iter().any(|folder| is_in(folder)),
        }
    }
}

/// The path without links, if there is a link in it below `base`.
pub(super) fn link_target(path: &Path, base: &Path) -> Option<PathBuf> {
    let real = canonical(path).ok()?;
    let below = path.strip_prefix(base).ok()?;
    let expected = canonical(base).ok()?;
    (real != expected.join(below)).then_some(real)
}

/// Why a link is not followed. It continues a sentence that begins with the link.
pub(super) fn leaves(target: &Path) -> String {
    format!(
        "is a link to {}, outside the repository and the package directory; to check it as well, use \
         `--allow-outside`",
        slashed(target)
    )
}
