//! Files and folders that were found and not checked.

use std::path::PathBuf;

/// Why a file or folder was skipped. The order is that of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// `exclude` of the config.
    Exclude,
    /// The CLI does not deploy it.
    Forceignore,
    /// git ignores it and does not track it.
    Gitignore,
    /// It has the name of a metadata file, and is a broken link, a pipe or the like, or the attributes that macOS
    /// stores in a zip.
    NotRegular,
}

impl SkipReason {
    /// Whether an ignore file of the repository is the reason.
    pub(crate) fn is_ignore_file(self) -> bool {
        matches!(self, Self::Forceignore | Self::Gitignore)
    }

    /// The key in JSON reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exclude => "exclude",
            Self::Forceignore => "forceignore",
            Self::Gitignore => "gitignore",
            Self::NotRegular => "not_regular",
        }
    }

    /// What skips it, for messages.
    pub(crate) fn source(self) -> &'static str {
        match self {
            Self::Exclude => "`exclude` in forcelint.toml",
            Self::Forceignore => ".forceignore",
            Self::Gitignore => ".gitignore",
            Self::NotRegular => "not a regular file",
        }
    }
}

/// A skipped file of a type that a rule reads, or a folder that was not entered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    pub path: PathBuf,
    pub reason: SkipReason,
}
