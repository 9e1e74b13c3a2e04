//! `workspace/didChangeConfiguration`, and the settings that the client sends on request.

use gen_lsp_types as lsp;
use serde_json::Value;

use crate::lsp::session::{Reload, Session};
use crate::lsp::settings::Settings;

/// Applies the settings, or requests them from a client that does not send them along.
pub(in crate::lsp) fn handle(session: &mut Session, params: &lsp::DidChangeConfigurationParams) {
    match &params.settings {
        Value::Null => session.client.request_settings(),
        settings => apply(session, settings),
    }
}

/// Applies settings. Invalid ones are reported, and the previous settings stay.
pub(in crate::lsp) fn apply(session: &mut Session, settings: &Value) {
    match Settings::read(settings, session.folders.first().map(|it| &**it)) {
        Ok(settings) => {
            if settings != session.client.settings {
                session.client.settings = settings;
                session.request_reload(Reload::Rules);
            }
        }
        Err(error) => {
            let message = format!("Invalid forcelint settings: {error}");
            session.client.show(lsp::MessageType::Warning, &message);
        }
    }
}
