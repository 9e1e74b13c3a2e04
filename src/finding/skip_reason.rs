//! Why a file or folder was skipped: it was found and not read.

/// Why a file or folder was skipped. The order is that of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// `exclude` of the config.
    Exclude,
    /// A named file that an ignore file excludes, with `--force-exclude`.
    Excluded,
    Forceignore,
    Gitignore,
    NotRegular,
}

impl SkipReason {
    /// The key in JSON reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exclude => "exclude",
            Self::Excluded => "excluded",
            Self::Forceignore => "forceignore",
            Self::Gitignore => "gitignore",
            Self::NotRegular => "not_regular",
        }
    }
}
