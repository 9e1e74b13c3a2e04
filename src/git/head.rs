//! What is checked out: the commit, the branch, and files that differ from the commit.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::command::{Git, find_git, os_string, split};
use super::error::ChangesError;
use super::remote::RemoteName;
use super::repository::Repository;

/// The state of a working tree.
#[derive(Debug)]
pub(crate) struct Head {
    /// `None` before the first commit.
    pub commit: Option<String>,
    /// `None` for a detached HEAD.
    pub branch: Option<String>,
    /// The repository that the remote `origin` names.
    pub origin: Option<RemoteName>,
    /// When the commit was made, in seconds since 1970.
    pub committed: Option<i64>,
    /// Tracked files that differ from the commit, and their absolute paths.
    pub changed: Vec<PathBuf>,
    /// Files in the given folders that git neither tracks nor ignores.
    pub untracked: Vec<PathBuf>,
}

/// Reads the state of the repository at `root`. Files that git does not track are only looked for `within`
/// these files and folders.
///
/// # Errors
/// If `root` is not a repository, or git fails.
pub(crate) fn head(root: &Path, within: &[PathBuf]) -> Result<Head, ChangesError> {
    let repository = Repository::open(Git::new(&find_git()?, root, None))?;
    let git = &repository.git;
    let branch = git.output(["symbolic-ref", "--quiet", "--short", "HEAD"])?;
    let branch = branch.status.success().then_some(branch.stdout);
    let branch = branch.map(|name| String::from_utf8_lossy(&name).trim().to_owned());
    let origin = git.output(["config", "--get", "remote.origin.url"])?;
    let origin = RemoteName::of(&String::from_utf8_lossy(&origin.stdout));
    let committed = match &repository.head {
        // Other commands than this one could run a program that verifies signatures.
        Some(commit) => committed(&git.run(["cat-file", "commit", commit])?),
        None => None,
    };
    let status = git.run_over_files([
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--untracked-files=no",
        // git would run in the submodule, with the submodule's config.
        "--ignore-submodules=dirty",
    ])?;
    // Each entry has two letters for its state and a space before the path.
    let changed = split(&status).filter_map(|entry| entry.get(3..));
    let changed = changed.map(|path| git.root.join(os_string(path))).collect();
    let mut untracked = repository.untracked(within)?.files;
    let within: HashSet<&Path> = within.iter().map(PathBuf::as_path).collect();
    untracked.retain(|path| path.ancestors().any(|it| within.contains(it)));
    Ok(Head {
        commit: repository.head.clone(),
        branch: branch.filter(|name| !name.is_empty()),
        origin,
        committed,
        changed,
        untracked,
    })
}

/// The time in the `committer` line of a commit.
fn committed(commit: &[u8]) -> Option<i64> {
    let text = String::from_utf8_lossy(commit);
    // The message comes after the first empty line.
    let mut header = text.lines().take_while(|line| !line.is_empty());
    let committer = header.find_map(|line| line.strip_prefix("committer "))?;
    let (_, time) = committer.rsplit_once("> ")?;
    time.split(' ').next()?.parse().ok()
}
