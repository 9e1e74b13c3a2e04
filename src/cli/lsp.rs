//! `forcelint lsp`.

use std::io;

use super::clock::now;
use crate::config::ExitStatus;
use crate::lsp::{Ending, serve};

pub(crate) fn lsp() -> miette::Result<ExitStatus> {
    Ok(match serve(io::stdin(), io::stdout(), now) {
        Ending::Orderly => ExitStatus::Clean,
        // The protocol requires exit status 1. No findings are involved.
        Ending::Abrupt => ExitStatus::Findings,
    })
}
