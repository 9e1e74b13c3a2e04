//! The `forcelint` program: parses the command line and runs the command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use forcelint::cli::{complete_if_asked, parse, run};

/// All threads allocate, and this takes a tenth less time than with the allocator of glibc. That of musl, which released
/// programs use, has one lock: with it, a run takes twice as long or more.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    complete_if_asked();
    ExitCode::from(run(parse()).code())
}
