//! What makes a merged report incomplete.

use thiserror::Error;

use crate::text::ScannedText;

/// A file that is not a complete report.
#[derive(Debug, Error)]
pub(crate) enum Problem {
    #[error("cannot be read: {0}")]
    Unreadable(String),
    #[error("has no file named `*.jsonl`")]
    EmptyFolder,
    #[error("is empty: the run wrote no report")]
    Empty,
    #[error("line {line} is not a line of `forcelint check --format jsonl`: {reason}")]
    Invalid { line: usize, reason: String },
    #[error("line {line} has version {version} of the format, and this program reads version 1")]
    Version { line: usize, version: u64 },
    #[error("line {line} is longer than {limit} MiB", limit = super::line::MAX_LINE >> 20)]
    TooLong { line: usize },
    #[error("line {line} belongs to no run: a run begins with a line of the kind `run`")]
    NoRun { line: usize },
    #[error("is truncated: the run of `{repository}` has no summary")]
    Truncated { repository: String },
    #[error("has other numbers of findings in the summary of `{repository}` than it has lines")]
    Numbers { repository: String },
    #[error(
        "has the same repository and project as `{first}`: `{repository}`. It is not merged. Name one of them with \
         `check --repository`"
    )]
    Duplicate { repository: String, first: String },
}

/// A file that is not a complete report, by its path.
#[derive(Clone)]
pub(crate) struct MergeError {
    pub file: ScannedText<'static>,
    pub message: ScannedText<'static>,
}

impl MergeError {
    pub(crate) fn new(file: &str, problem: &Problem) -> Self {
        Self {
            file: file.to_owned().into(),
            message: problem.to_string().into(),
        }
    }

    /// A file that cannot be opened or read.
    pub(crate) fn unreadable(file: &str, reason: &std::io::Error) -> Self {
        Self::new(file, &Problem::Unreadable(reason.to_string()))
    }

    /// A folder without reports.
    pub(crate) fn empty_folder(folder: &str) -> Self {
        Self::new(folder, &Problem::EmptyFolder)
    }
}
