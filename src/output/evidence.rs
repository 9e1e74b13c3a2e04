//! What an audit needs to know about a run: which commit was checked, with which settings.

use schemars::JsonSchema;
use serde::Serialize;

/// What was checked, and how.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The name of the repository, by which a report on many repositories lists it.
    pub repository: RepositoryName,
    /// The checked repositories, by path.
    pub repositories: Vec<CheckedRepository>,
    /// The day of the report, if `SOURCE_DATE_EPOCH` or the page in the browser sets it.
    pub date: Option<String>,
    /// The checked files and folders, relative to the root of the report.
    pub paths: Vec<String>,
    /// Options that change what is checked, such as `--since main`.
    pub options: Vec<String>,
    /// The effective settings as a config file, with the source of each value. Empty if they are the default ones of the
    /// page in the browser, whose users do not set them.
    pub settings: String,
}

/// The name of a repository, and what it comes from.
#[derive(Debug, Clone, Default)]
pub struct RepositoryName {
    pub name: String,
    /// The server that has the repository, if git knows it.
    pub host: Option<String>,
    pub source: NameSource,
}

/// What the name of a repository comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NameSource {
    /// `--repository`.
    Option,
    /// git's remote `origin`.
    Remote,
    /// A variable of the CI system.
    CiVariable,
    /// The name of the folder or zip.
    #[default]
    Folder,
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
