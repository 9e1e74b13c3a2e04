//! `textDocument/didChange`

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, ResponseError};
use serde::Deserialize;

use crate::lsp::session::{Session, failure};

/// The parameters.
///
/// They are not the protocol crate's: there a change with an invalid `range` is read as a change of
/// the whole document, and the text would be lost.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::lsp) struct Params {
    pub text_document: lsp::VersionedTextDocumentIdentifier,
    pub content_changes: Vec<ContentChange>,
}

/// A change of a text.
#[derive(Debug, Deserialize)]
pub(in crate::lsp) struct ContentChange {
    /// The replaced range; the whole text if absent.
    pub range: Option<lsp::Range>,
    pub text: String,
}

/// Applies the changes to the text.
///
/// # Errors
/// The document is not open.
pub(in crate::lsp) fn handle(session: &mut Session, params: Params) -> Result<(), ResponseError> {
    let encoding = session.client.capabilities.encoding;
    let id = params.text_document;
    let uri = id.text_document_identifier.uri;
    let Some(document) = session.documents.get_mut(&uri) else {
        let message = format!("{uri} is not open");
        return Err(failure(ErrorCode::InvalidParams, message));
    };
    document.start_version(id.version);
    for change in params.content_changes {
        document.replace(change.range, change.text, encoding);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_range_is_an_error_and_not_the_whole_document() {
        let read = |change: &str| serde_json::from_str::<ContentChange>(change);
        assert!(read(r#"{ "text": "x" }"#).unwrap().range.is_none());
        assert!(read(r#"{ "range": null, "text": "x" }"#).is_ok());
        for invalid in [
            r#"{ "range": { "start": 1 }, "text": "x" }"#,
            r#"{ "range": { "start": { "line": -1, "character": 0 },
                            "end": { "line": 0, "character": 0 } }, "text": "x" }"#,
        ] {
            assert!(read(invalid).is_err(), "{invalid}");
        }
    }
}
