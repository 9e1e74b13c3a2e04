//! `textDocument/hover`

use gen_lsp_types as lsp;

use crate::lsp::hover_text::hover_text;
use crate::lsp::reconcile::reconcile;
use crate::lsp::session::Session;

/// Describes the findings and the field at a position.
pub(in crate::lsp) fn handle(
    session: &mut Session,
    params: &lsp::HoverParams,
) -> Option<lsp::Hover> {
    reconcile(session);
    let capabilities = &session.client.capabilities;
    let params = &params.text_document_position_params;
    let document = session.documents.get(&params.text_document.uri)?;
    let file = document.file.as_ref()?;
    let project = session.project_of(document)?;
    let offset = document.text.offset(params.position, capabilities.encoding);
    let (value, range) = hover_text(document, file, project, offset)?;
    let kind = match capabilities.markdown {
        true => lsp::MarkupKind::Markdown,
        false => lsp::MarkupKind::PlainText,
    };
    Some(lsp::Hover {
        contents: lsp::MarkupContent { kind, value }.into(),
        range: Some(document.text.range(range, capabilities.encoding)),
    })
}
