//! `exit`

use crate::lsp::session::{Phase, Session};

/// Ends the session.
pub(in crate::lsp) fn handle(session: &mut Session) {
    session.is_orderly = session.phase == Phase::ShutDown;
    session.phase = Phase::Exited;
}
