//! `forcelint lsp`.

use std::io;

use super::clock::now;
use crate::config::ExitStatus;
use crate::lsp::{Ending, serve};

pub(crate) fn lsp() -> miette::Result<ExitStatus> {
    Ok(match serve(io::stdin(), io::stdout(), now) {
        Ending::Orderly => ExitStatus::Clean,
        // What the protocol asks for; nothing was found either way.
        Ending::Abrupt => ExitStatus::Findings,
    })
}
