//! The `forcelint` program: parses the command line and runs the command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use forcelint::cli::{complete_if_asked, parse, run};

/// Released programs for Linux are static, with musl. Its own allocator makes a run take twice as long or more, because
/// all threads share one lock.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    complete_if_asked();
    ExitCode::from(run(parse()).code())
}
