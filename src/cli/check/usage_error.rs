//! Errors in the arguments of `check`.

use std::io;

use miette::Diagnostic;
use thiserror::Error;

use crate::project::Unusable;
use crate::text::sanitize;

/// Arguments that are invalid or contradict each other, and reports that cannot be written.
#[derive(Debug, Error, Diagnostic)]
pub(super) enum UsageError {
    #[error("--diff prints a patch instead of a report")]
    #[diagnostic(
        code("usage"),
        help("remove `--format`, or run again without `--diff`")
    )]
    DiffAndFormat,
    #[error(
        "--statistics replaces the list of findings on the terminal, which this run does not print"
    )]
    #[diagnostic(
        code("usage"),
        help("remove `--statistics`, or write the report to a file: `--format json=report.json`")
    )]
    StatisticsAndFormat,
    #[error("stdin needs a file name, because the metadata type depends on it")]
    #[diagnostic(
        code("usage"),
        help(
            "add `--stdin-filename` with the path that the text has in the project, such as \
             `--stdin-filename force-app/main/default/connectedApps/App.connectedApp-meta.xml`"
        )
    )]
    StdinWithoutName,
    #[error("--stdin-filename checks only stdin")]
    #[diagnostic(
        code("usage"),
        help("remove the paths, or run again without `--stdin-filename`")
    )]
    StdinAndPaths,
    #[error("there is no file or folder `{0}`")]
    #[diagnostic(
        code("usage"),
        help("for a level of fixes, use an equals sign: `--fix={0}`")
    )]
    FixLevelAsPath(&'static str),
    #[error("no rule is selected")]
    #[diagnostic(
        code("usage"),
        help(
            "`--ignore` or the config turns off all rules that are selected; `forcelint check --show-config` shows the selection"
        )
    )]
    NoRules,
    #[error("only one report can go to stdout")]
    #[diagnostic(
        code("usage"),
        help("write the others to files, for example `--format sarif=report.sarif`")
    )]
    TwoOnStdout,
    #[error("two reports have the same file, `{}`", sanitize(.0))]
    #[diagnostic(code("usage"), help("use a file for each format"))]
    SameFile(String),
    #[error("`{}` {}", sanitize(&.0.argument), .0.reason)]
    #[diagnostic(code("usage"))]
    ArgumentFile(Unusable),
    #[error("`{}` is in the audited repository, whose settings are not trusted", sanitize(.0))]
    #[diagnostic(
        code("usage"),
        help("copy the file out of the repository and review it, or run without `--audit`")
    )]
    Audited(String),
    #[error("cannot write `{}`: {}", sanitize(file), sanitize(&error.to_string()))]
    #[diagnostic(code("output"))]
    Output { file: String, error: io::Error },
}
