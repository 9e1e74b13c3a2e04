//! `forcelint completions`.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::arguments::Cli;
use super::terminal::print;
use crate::config::ExitStatus;

pub(crate) fn completions(shell: Shell) -> miette::Result<ExitStatus> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "forcelint", &mut script);
    print(&script)?;
    Ok(ExitStatus::Clean)
}
