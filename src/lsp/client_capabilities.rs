//! What the client supports.

use gen_lsp_types as lsp;

use super::document_text::PositionEncoding;

/// The capabilities of a client that forcelint uses.
#[derive(Debug, Clone, Default)]
pub(super) struct Capabilities {
    /// How positions count characters.
    pub encoding: PositionEncoding,
    /// Edits can name the version of the document that they are for.
    pub document_changes: bool,
    /// Edits can create files.
    pub creates_files: bool,
    /// Diagnostics can have related locations.
    pub related_information: bool,
    /// Diagnostics can have a link.
    pub code_description: bool,
    /// The client reports changes of files that forcelint registers for.
    pub watches_files: bool,
    /// Settings can be requested.
    pub configuration: bool,
    /// Hovers can be Markdown.
    pub markdown: bool,
    /// Completions can have tab stops.
    pub snippets: bool,
    /// The client can show a position of a document on request.
    pub shows_documents: bool,
    /// Code actions can have edits instead of a command.
    pub code_actions: bool,
}

impl Capabilities {
    /// Selects what forcelint uses.
    pub(super) fn new(client: lsp::ClientCapabilities) -> Self {
        let workspace = client.workspace.unwrap_or_default();
        let edits = workspace.workspace_edit.unwrap_or_default();
        let watching = workspace.did_change_watched_files.unwrap_or_default();
        let document = client.text_document.unwrap_or_default();
        let diagnostics = document.publish_diagnostics.unwrap_or_default();
        let diagnostics = diagnostics.diagnostics_capabilities;
        let hover = document.hover.unwrap_or_default();
        let completion = document.completion.unwrap_or_default();
        let item = completion.completion_item.unwrap_or_default();
        let code_action = document.code_action.unwrap_or_default();
        let window = client.window.unwrap_or_default();
        let general = client.general.unwrap_or_default();
        let encodings = general.position_encodings.unwrap_or_default();
        let is = |flag: Option<bool>| flag == Some(true);
        Self {
            encoding: match encodings.contains(&lsp::PositionEncodingKind::UTF8) {
                true => PositionEncoding::Utf8,
                false => PositionEncoding::Utf16,
            },
            document_changes: is(edits.document_changes),
            creates_files: edits
                .resource_operations
                .is_some_and(|it| it.contains(&lsp::ResourceOperationKind::Create)),
            related_information: is(diagnostics.related_information),
            code_description: is(diagnostics.code_description_support),
            watches_files: is(watching.dynamic_registration),
            configuration: is(workspace.configuration),
            markdown: hover
                .content_format
                .is_some_and(|it| it.contains(&lsp::MarkupKind::Markdown)),
            snippets: is(item.snippet_support),
            shows_documents: window.show_document.is_some_and(|it| it.support),
            code_actions: code_action.code_action_literal_support.is_some(),
        }
    }
}
