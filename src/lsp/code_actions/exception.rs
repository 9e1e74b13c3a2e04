//! Adding an exception for a component to `forcelint.toml`.
//!
//! The action leaves the reason empty. A config with an empty reason is invalid, in the editor and in
//! every run, so the finding stays until the user writes a reason.

use std::path::Path;

use gen_lsp_types as lsp;
use serde_json::{Value, json};

use super::action_request::{ActionRequest, empty_action};
use super::title::menu_title;
use crate::config::CONFIG_FILE;
use crate::finding::Finding;
use crate::lsp::diagnostics::finding_diagnostic;
use crate::lsp::document_text::DocumentText;
use crate::lsp::open_project::OpenProject;
use crate::lsp::uri;
use crate::lsp::workspace_edit::{file_edit, text_edit};
use crate::project::Overlay;
use crate::rule::MALFORMED;

/// The command that shows a range of a document. Its arguments are the URI and the range.
pub(in crate::lsp) const SHOW: &str = "forcelint.show";

/// An action for each rule and component that has a finding in the range.
pub(in crate::lsp) fn exceptions(
    request: &ActionRequest<'_>,
    project: &OpenProject,
    overlay: &Overlay,
) -> Vec<lsp::CodeAction> {
    let mut actions: Vec<lsp::CodeAction> = Vec::new();
    if !request.wants("quickfix") {
        return actions;
    }
    let mut offered: Vec<&str> = Vec::new();
    // A malformed file cannot have an exception.
    for finding in request.findings().filter(|it| it.rule != MALFORMED) {
        if !offered.contains(&finding.rule.as_str()) {
            offered.push(&finding.rule);
            actions.extend(exception(request, project, overlay, finding));
        }
    }
    actions
}

fn exception(
    request: &ActionRequest<'_>,
    project: &OpenProject,
    overlay: &Overlay,
    finding: &Finding,
) -> Option<lsp::CodeAction> {
    let file = match &project.config {
        Some(file) => file.clone(),
        None => project.project.root.join(CONFIG_FILE),
    };
    let exists = project.config.is_some();
    let can_create = request.capabilities.creates_files && request.capabilities.document_changes;
    if !exists && !can_create {
        return None;
    }
    let (uri, version, text) = config_text(request, overlay, &file, exists)?;
    let exception = new_exception(text.as_str(), finding);
    let end = text.as_str().len();
    let edit = lsp::TextEdit {
        range: text.range(end..end, request.capabilities.encoding),
        new_text: exception.text.clone(),
    };
    let edit = if exists {
        file_edit(&uri, version, vec![edit], request.capabilities)
    } else {
        let create = lsp::CreateFile {
            uri: uri.clone(),
            options: Some(lsp::CreateFileOptions {
                overwrite: None,
                ignore_if_exists: Some(true),
            }),
            annotation_id: None,
        };
        let changes = vec![
            lsp::DocumentChange::CreateFile(create),
            text_edit(&uri, version, vec![edit]),
        ];
        lsp::WorkspaceEdit::new(None, Some(changes), None)
    };
    let mut after = text;
    after.replace(end..end, &exception.text);
    let reason = after.position(end + exception.reason, request.capabilities.encoding);
    let show = lsp::Command {
        title: "Write the reason".to_owned(),
        tooltip: None,
        command: SHOW.to_owned(),
        arguments: Some(vec![json!(uri), json!({ "start": reason, "end": reason })]),
    };
    let diagnostic = finding_diagnostic(
        finding,
        Some(&request.document.text),
        request.documents,
        &project.loaded.rules,
        request.capabilities,
    );
    Some(lsp::CodeAction {
        title: menu_title(&format!("Add an exception to {}", finding.rule), ""),
        kind: Some("quickfix".to_owned().into()),
        diagnostics: Some(vec![diagnostic]),
        is_preferred: Some(false),
        edit: Some(edit),
        command: request.capabilities.shows_documents.then_some(show),
        ..empty_action()
    })
}

/// The URI of the config, its version if it is open, and its text.
fn config_text(
    request: &ActionRequest<'_>,
    overlay: &Overlay,
    file: &Path,
    exists: bool,
) -> Option<(lsp::Uri, Option<i32>, DocumentText)> {
    if let Some(open) = request.documents.at_path(file) {
        return Some((open.uri.clone(), Some(open.version), open.text.clone()));
    }
    let text = match exists {
        true => String::from_utf8(overlay.read_small(file).ok()?).ok()?,
        false => String::new(),
    };
    // Editors do not show a byte order mark.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned();
    Some((uri::of_path(file), None, DocumentText::new(text)))
}

/// The text to append to the config.
struct NewException {
    text: String,
    /// Byte offset of the empty reason.
    reason: usize,
}

fn new_exception(config: &str, finding: &Finding) -> NewException {
    let line_end = if config.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut text = String::new();
    if !config.is_empty() {
        if !config.ends_with('\n') {
            text.push_str(line_end);
        }
        text.push_str(line_end);
    }
    // A JSON string is a TOML string too.
    let quoted = |value: String| Value::from(value).to_string();
    let rule = quoted(finding.rule.clone());
    let component = quoted(finding.component().to_string());
    for line in [
        "[[exception]]".to_owned(),
        format!("rule = {rule}"),
        format!("component = {component}"),
    ] {
        text.push_str(&line);
        text.push_str(line_end);
    }
    text.push_str("reason = \"");
    let reason = text.len();
    text.push('"');
    text.push_str(line_end);
    NewException { text, reason }
}
