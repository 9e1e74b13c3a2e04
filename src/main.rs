//! The `forcelint` program: parses the command line and runs the command.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use forcelint::cli::{complete_if_asked, parse, run};

/// All threads allocate. With the allocator of glibc, a run takes up to a tenth longer; with that of musl, which released
/// programs use and which has one lock, more than twice as long.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    complete_if_asked();
    ExitCode::from(run(parse()).code())
}
