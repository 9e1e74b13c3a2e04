//! `shutdown`

use crate::lsp::session::{Phase, Session};
use crate::lsp::workspace_results::stop_check;

/// Stops the work in progress; the client sends `exit` next.
pub(in crate::lsp) fn handle(session: &mut Session) {
    session.phase = Phase::ShutDown;
    stop_check(&session.workspace);
}
