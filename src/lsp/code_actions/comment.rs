//! Suppressing a finding with a comment in the file.
//!
//! The comment has a placeholder instead of a reason. Until the user replaces it, the comment has no
//! effect, which a diagnostic reports, and the finding stays.

use gen_lsp_types as lsp;
use serde_json::json;

use super::action_request::{ActionRequest, empty_action};
use super::exception::SHOW;
use super::title::menu_title;
use crate::finding::Finding;
use crate::lint::{REASON_PLACEHOLDER, ignore_comment};
use crate::lsp::diagnostics::finding_diagnostic;
use crate::lsp::open_project::OpenProject;
use crate::lsp::workspace_edit::document_edit;
use crate::rule::MALFORMED;
use crate::text::Span;
use crate::xml::{Document, Tree, parse};

/// An action for each element that has a finding in the range, and each of its rules.
pub(in crate::lsp) fn comments(
    request: &ActionRequest<'_>,
    project: &OpenProject,
) -> Vec<lsp::CodeAction> {
    let mut actions: Vec<lsp::CodeAction> = Vec::new();
    let mut tree = Tree::default();
    let text = request.document.text.as_str();
    if !request.wants("quickfix") || parse(text, &mut tree).is_err() {
        return actions;
    }
    let document = Document::new(text, &tree);
    let mut offered: Vec<(&str, usize)> = Vec::new();
    for finding in request.findings().filter(|it| it.rule != MALFORMED) {
        let at = finding.location.start.offset;
        if let Some(element) = innermost_element(document, at) {
            let one = (finding.rule.as_str(), element.start as usize);
            if !offered.contains(&one) {
                offered.push(one);
                actions.push(comment(request, project, finding, one.1));
            }
        }
    }
    actions
}

/// The span of the innermost element at a byte.
fn innermost_element(document: Document<'_>, at: usize) -> Option<Span> {
    let spans = document.all().map(|element| document.span(element));
    spans.filter(|span| span.range().contains(&at)).last()
}

/// An action that inserts a comment before the element at `at`.
fn comment(
    request: &ActionRequest<'_>,
    project: &OpenProject,
    finding: &Finding,
    at: usize,
) -> lsp::CodeAction {
    let text = &request.document.text;
    let (source, encoding) = (text.as_str(), request.capabilities.encoding);
    let mut inserted = ignore_comment(&finding.rule);
    let placeholder = inserted.find(REASON_PLACEHOLDER).unwrap_or_default();
    let line = source[..at].rfind('\n').map_or(0, |end| end + 1);
    let indentation = &source[line..at];
    // After other text, a comment would only have an effect on the same line.
    if indentation.chars().all(|it| matches!(it, ' ' | '\t')) {
        let line_end = if source.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        inserted.push_str(line_end);
        inserted.push_str(indentation);
    }
    let edit = lsp::TextEdit {
        range: text.range(at..at, encoding),
        new_text: inserted.clone(),
    };
    let mut after = text.clone();
    after.replace(at..at, &inserted);
    let start = at + placeholder;
    let selection = after.range(start..start + REASON_PLACEHOLDER.len(), encoding);
    let show = lsp::Command {
        title: "Write the reason".to_owned(),
        tooltip: None,
        command: SHOW.to_owned(),
        arguments: Some(vec![json!(request.document.uri), json!(selection)]),
    };
    let diagnostic = finding_diagnostic(
        finding,
        Some(text),
        request.documents,
        &project.loaded.rules,
        request.capabilities,
    );
    lsp::CodeAction {
        title: menu_title(&format!("Suppress {} with a comment", finding.rule), ""),
        kind: Some("quickfix".to_owned().into()),
        diagnostics: Some(vec![diagnostic]),
        is_preferred: Some(false),
        edit: Some(document_edit(
            request.document,
            vec![edit],
            request.capabilities,
        )),
        command: request.capabilities.shows_documents.then_some(show),
        ..empty_action()
    }
}
