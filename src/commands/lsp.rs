//! `forcelint lsp`.

use std::io;

use crate::language_server::{Ending, serve};
use crate::policy::ExitStatus;

pub(super) fn lsp() -> miette::Result<ExitStatus> {
    Ok(match serve(io::stdin(), io::stdout()) {
        Ending::Orderly => ExitStatus::Clean,
        // What the protocol asks for; nothing was found either way.
        Ending::Abrupt => ExitStatus::Findings,
    })
}
