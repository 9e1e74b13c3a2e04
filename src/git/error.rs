//! Why it cannot be told what changed.

use miette::Diagnostic;
use thiserror::Error;

use crate::text::sanitize;

/// Each ends the run: without the changes nobody knows which findings count.
#[derive(Debug, Error, Diagnostic)]
pub enum ChangesError {
    /// Nothing to ask.
    #[error("there is no `git` program in the folders of PATH")]
    #[diagnostic(
        code("git"),
        help("install git, which --since and --staged ask what changed; or leave them out")
    )]
    NoGit,
    /// A path outside of everything that git knows.
    #[error("`{}` lies in no git repository", sanitize(.0))]
    #[diagnostic(
        code("git"),
        help("--since and --staged look at what git knows; leave them out to lint this path")
    )]
    NoRepository(String),
    /// Git says no.
    #[error(
        "git cannot be used in `{}`: {}",
        sanitize(repository),
        sanitize(reason)
    )]
    #[diagnostic(code("git"))]
    Git {
        /// The top of its working tree.
        repository: String,
        /// In git's words.
        reason: String,
    },
    /// `--since` with something that names no commit.
    #[error("`{}` names no commit of `{}`", sanitize(name), sanitize(repository))]
    #[diagnostic(code("git"))]
    UnknownRef {
        /// As it was typed.
        name: String,
        /// The top of its working tree.
        repository: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// `--since` before the first commit.
    #[error("`{}` has no commit yet, so there is nothing to compare with", sanitize(.0))]
    #[diagnostic(code("git"), help("--staged takes every staged file for a new one"))]
    NoCommit(String),
    /// Two lines of history that never meet.
    #[error(
        "HEAD and `{}` have no common commit in `{}`",
        sanitize(name),
        sanitize(repository)
    )]
    #[diagnostic(code("git"))]
    NoMergeBase {
        /// As it was typed.
        name: String,
        /// The top of its working tree.
        repository: String,
        /// What to do.
        #[help]
        help: String,
    },
    /// A submodule without the commit that the repository around it had.
    #[error(
        "the submodule `{}` lacks the commit {commit}, which it had before",
        sanitize(repository)
    )]
    #[diagnostic(
        code("git"),
        help("fetch it: `git fetch origin {commit}` in the submodule's folder")
    )]
    NoSubmoduleCommit {
        /// The top of its working tree.
        repository: String,
        /// The commit.
        commit: String,
    },
}
