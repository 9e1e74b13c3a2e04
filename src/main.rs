//! The `forcelint` program: parses the command line and runs the command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use forcelint::cli::Cli;

fn main() -> ExitCode {
    ExitCode::from(forcelint::cli::run(Cli::parse()).code())
}
