//! `forcelint man`: a page for each command.

use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::generate_to;
use miette::Diagnostic;
use thiserror::Error;

use super::arguments::Cli;
use crate::config::ExitStatus;
use crate::project::slashed;
use crate::text::sanitize;

#[derive(Debug, Error, Diagnostic)]
#[error("cannot write the man pages to `{}`: {error}", sanitize(folder))]
#[diagnostic(code("output"))]
struct NotWritten {
    folder: String,
    error: io::Error,
}

pub(crate) fn man(folder: &Path) -> miette::Result<ExitStatus> {
    generate_to(Cli::command(), folder).map_err(|error| NotWritten {
        folder: slashed(folder),
        error,
    })?;
    Ok(ExitStatus::Clean)
}
