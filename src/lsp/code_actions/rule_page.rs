//! Opening the page about the rule of a finding in a browser.

use gen_lsp_types as lsp;
use serde_json::{Value, json};

use super::action_request::{ActionRequest, empty_action};
use super::title::menu_title;
use crate::lsp::open_project::OpenProject;
use crate::lsp::session::Session;
use crate::output::page_address;

/// The command that opens the page of a rule. Its arguments are the URI of a document and the id of the
/// rule, so that a client cannot have any other address opened.
pub(in crate::lsp) const OPEN_PAGE: &str = "forcelint.openRulePage";

/// An action for each rule with a page that has a finding in the range, if the client can open one.
pub(in crate::lsp) fn rule_pages(
    request: &ActionRequest<'_>,
    project: &OpenProject,
) -> Vec<lsp::CodeAction> {
    if !request.wants("quickfix") || !request.capabilities.shows_documents {
        return Vec::new();
    }
    let mut rules: Vec<&str> = request.findings().map(|it| it.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules.retain(|rule| page_address(&project.loaded.rules, rule).is_some());
    let actions = rules.into_iter().map(|rule| {
        let title = menu_title(&format!("Open the page about {rule}"), "");
        let open = lsp::Command {
            title: title.clone(),
            tooltip: None,
            command: OPEN_PAGE.to_owned(),
            arguments: Some(vec![json!(request.document.uri), json!(rule)]),
        };
        lsp::CodeAction {
            title,
            kind: Some("quickfix".to_owned().into()),
            is_preferred: Some(false),
            command: Some(open),
            ..empty_action()
        }
    });
    actions.collect()
}

/// The page for the arguments of [`OPEN_PAGE`].
pub(in crate::lsp) fn page_to_open(session: &Session, arguments: &[Value]) -> Option<lsp::Uri> {
    let [uri, rule] = arguments else { return None };
    let document = session.documents.get(&uri.as_str()?.into())?;
    let rules = &session.project_of(document)?.loaded.rules;
    Some(page_address(rules, rule.as_str()?)?.into())
}
