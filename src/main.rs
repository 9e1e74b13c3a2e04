//! The `forcelint` program: parses the command line and runs the command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use forcelint::cli::{complete_if_asked, parse, run};

fn main() -> ExitCode {
    complete_if_asked();
    ExitCode::from(run(parse()).code())
}
