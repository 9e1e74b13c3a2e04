//! `forcelint completions`.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::terminal::print;
use crate::cli::Cli;
use crate::policy::ExitStatus;

pub(super) fn completions(shell: Shell) -> miette::Result<ExitStatus> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "forcelint", &mut script);
    print(&script)?;
    Ok(ExitStatus::Clean)
}
