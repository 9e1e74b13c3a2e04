//! What an audit needs to know about a run: which commit was checked, with which settings.

/// What was checked, and how.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The checked repositories, by path.
    pub repositories: Vec<CheckedRepository>,
    /// The day of the report, if `SOURCE_DATE_EPOCH` sets it.
    pub date: Option<String>,
    /// The checked files and folders, relative to the root of the report.
    pub paths: Vec<String>,
    /// Options that change what is checked, such as `--since main`.
    pub options: Vec<String>,
    /// The effective settings as a config file, with the source of each value.
    pub settings: String,
}

/// A git repository, as it was checked.
#[derive(Debug, Clone, Default)]
pub struct CheckedRepository {
    /// Its folder, relative to the root of the report; empty for the root itself.
    pub path: String,
    /// The commit that is checked out; `None` before the first one.
    pub commit: Option<String>,
    /// When it was committed, in UTC.
    pub committed: Option<String>,
    /// The branch that is checked out, or that CI reports for a detached HEAD.
    pub branch: Option<String>,
    /// The CI variable that has the branch.
    pub branch_variable: Option<&'static str>,
    /// Files that differ from the commit.
    pub changed: usize,
    /// Files among the checked ones that git does not track.
    pub untracked: usize,
    /// Why git could not report the state of the files.
    pub problem: Option<String>,
}
