//! Errors of `--since` and `--staged`.

use miette::Diagnostic;
use thiserror::Error;

use crate::text::sanitize;

/// Why the changed files are unknown. Each error ends the run.
#[derive(Debug, Error, Diagnostic)]
pub enum ChangesError {
    #[error("cannot find `git` in PATH")]
    #[diagnostic(help("install git, or run forcelint without --since and --staged"))]
    NoGit,
    #[error("`{}` is not in a git repository", sanitize(.0))]
    #[diagnostic(help("to check this path, run forcelint without --since and --staged"))]
    NoRepository(String),
    #[error("git failed in `{}`: {}", sanitize(repository), sanitize(reason))]
    Git {
        /// The root of the working tree.
        repository: String,
        /// The message of git.
        reason: String,
    },
    #[error("cannot read git's index: {}", sanitize(.0))]
    Index(String),
    #[error("unknown ref `{}` in `{}`", sanitize(name), sanitize(repository))]
    UnknownRef {
        /// The argument of `--since`.
        name: String,
        repository: String,
        #[help]
        help: String,
    },
    #[error(
        "`{}` is neither a path nor a git revision in `{}`",
        sanitize(name),
        sanitize(repository)
    )]
    #[diagnostic(help("check the spelling; in a shallow clone, fetch the revision first"))]
    UnknownRevision { name: String, repository: String },
    #[error("`{}` has no commits yet, so there is nothing to compare with", sanitize(.0))]
    #[diagnostic(help("use --staged, which treats every staged file as new"))]
    NoCommit(String),
    #[error(
        "HEAD and `{}` have no merge base in `{}`",
        sanitize(name),
        sanitize(repository)
    )]
    NoMergeBase {
        /// The argument of `--since`.
        name: String,
        repository: String,
        #[help]
        help: String,
    },
    #[error(
        "the submodule `{}` does not contain the commit {commit}, with which it is compared",
        sanitize(repository)
    )]
    #[diagnostic(help("run `git fetch origin {commit}` in the folder of the submodule"))]
    NoSubmoduleCommit { repository: String, commit: String },
    #[error(
        "the submodule `{}` changed, but is not checked out, so its files cannot be checked",
        sanitize(.0)
    )]
    #[diagnostic(help(
        "run `git submodule update --init`, or set `submodules: recursive` of actions/checkout"
    ))]
    SubmoduleNotCheckedOut(String),
}
