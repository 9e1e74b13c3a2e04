//! `textDocument/completion`

use gen_lsp_types as lsp;

use crate::config::CONFIG_FILE;
use crate::lsp::client_capabilities::Capabilities;
use crate::lsp::completion::toml::{KnownNames, TomlFile};
use crate::lsp::completion::{Candidate, toml, xml};
use crate::lsp::document::{Document, Documents};
use crate::lsp::open_project::OpenProject;
use crate::lsp::reconcile::reconcile;
use crate::lsp::session::Session;
use crate::rule::BUILT_IN;

/// What can be written at a position.
pub(in crate::lsp) fn handle(
    session: &mut Session,
    params: &lsp::CompletionParams,
) -> Option<lsp::CompletionList> {
    reconcile(session);
    let capabilities = &session.client.capabilities;
    let params = &params.text_document_position_params;
    let document = session.documents.get(&params.text_document.uri)?;
    let project = session.project_of(document);
    let offset = document.text.offset(params.position, capabilities.encoding);
    let candidates = match (&document.file, toml_file(document, project)) {
        (Some(file), _) => xml::candidates(&document.text, file.component.metadata_type, offset),
        (None, Some(file)) => {
            let names = known_names(project, &session.documents);
            toml::candidates(document.text.as_str(), file, &names, offset)
        }
        (None, None) => Vec::new(),
    };
    let items = candidates.into_iter().enumerate();
    let items = items.map(|(order, candidate)| item(order, candidate, document, capabilities));
    Some(lsp::CompletionList {
        is_incomplete: false,
        item_defaults: None,
        apply_kind: None,
        items: items.collect(),
    })
}

/// The kind of file, if the document is one of forcelint's own.
fn toml_file(document: &Document, project: Option<&OpenProject>) -> Option<TomlFile> {
    let path = document.path.as_deref()?;
    let is_config = path.file_name().is_some_and(|name| name == CONFIG_FILE)
        || project.is_some_and(|project| project.config.as_deref() == Some(path));
    if is_config {
        return Some(TomlFile::Config);
    }
    let is_toml = path.extension().is_some_and(|end| end == "toml");
    let is_rule = project.is_some_and(|project| {
        let mut rule_paths = project.rule_paths.iter();
        rule_paths.any(|rules| path.starts_with(rules))
    });
    (is_toml && is_rule).then_some(TomlFile::Rule)
}

/// The names of all rules, their tags, and the components with findings.
fn known_names(project: Option<&OpenProject>, documents: &Documents) -> KnownNames {
    let mut names = KnownNames::default();
    for rule in BUILT_IN {
        names.rules.push(rule.id.to_owned());
        let tags = rule.tags.iter().map(|tag| (*tag).to_owned());
        names.tags.extend(tags);
    }
    for rule in project.iter().flat_map(|it| it.loaded.rules.own()) {
        names.rules.push(rule.id.clone());
        names.tags.extend(rule.tags.iter().cloned());
    }
    let findings = documents
        .iter()
        .flat_map(|document| &document.results.findings);
    names.components = findings
        .map(|finding| finding.component().to_string())
        .collect();
    for list in [&mut names.rules, &mut names.tags, &mut names.components] {
        list.sort_unstable();
        list.dedup();
    }
    names
}

fn item(
    order: usize,
    candidate: Candidate,
    document: &Document,
    capabilities: &Capabilities,
) -> lsp::CompletionItem {
    let snippet = candidate.snippet.filter(|_| capabilities.snippets);
    let format = match snippet {
        Some(_) => lsp::InsertTextFormat::Snippet,
        None => lsp::InsertTextFormat::PlainText,
    };
    let typed = &document.text.as_str()[candidate.range.clone()];
    lsp::CompletionItem {
        // The replaced text may begin with the bracket of a tag.
        filter_text: typed
            .starts_with('<')
            .then(|| format!("<{}", candidate.label)),
        label: candidate.label,
        kind: Some(candidate.kind),
        detail: Some(candidate.detail).filter(|detail| !detail.is_empty()),
        sort_text: Some(format!("{order:05}")),
        insert_text_format: Some(format),
        text_edit: Some(lsp::CompletionItemTextEdit::TextEdit(lsp::TextEdit {
            range: document.text.range(candidate.range, capabilities.encoding),
            new_text: snippet.unwrap_or(candidate.text),
        })),
        ..lsp::CompletionItem::default()
    }
}
