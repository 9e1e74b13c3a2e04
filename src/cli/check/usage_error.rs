//! Why `check` does not run.

use std::io;

use miette::Diagnostic;
use thiserror::Error;

use crate::project::Unusable;
use crate::text::sanitize;

/// Arguments that contradict each other, or that cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub(super) enum UsageError {
    #[error("--diff prints a patch and no report")]
    #[diagnostic(code("usage"), help("leave --format out, or run once without --diff"))]
    DiffAndFormat,
    #[error("only one report can go to stdout")]
    #[diagnostic(
        code("usage"),
        help("give all but one of them a file: --format=sarif=report.sarif")
    )]
    TwoOnStdout,
    #[error("two reports go to `{}`", sanitize(.0))]
    #[diagnostic(code("usage"))]
    SameFile(String),
    #[error("`{}` {}", sanitize(&.0.argument), .0.reason)]
    #[diagnostic(code("usage"))]
    ArgumentFile(Unusable),
    #[error("`{}` cannot be written: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: io::Error },
}
