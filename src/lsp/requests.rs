//! What the client asks.
//!
//! In: the parameters of a request. Out: its answer, about the texts as they are then.

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, RequestId};
use serde_json::{Value, json};

use super::actions::Wish;
use super::client::Asked;
use super::documents::Document;
use super::exception_action::{SHOW, exceptions, place_to_show};
use super::open_project::OpenProject;
use super::parameters::{Actions, Command, Place};
use super::positions::Encoding;
use super::session::{Answer, Session, answer, failure};
use super::toml_completion::{Names, TomlFile};
use super::xml_completion::Choice;
use crate::config::CONFIG_FILE;
use crate::lsp::actions;
use crate::lsp::hover;
use crate::lsp::toml_completion;
use crate::lsp::xml_completion;
use crate::rule::BUILT_IN;

/// Judges all files of the workspace, open or not, and goes on doing so.
pub(super) const CHECK_WORKSPACE: &str = "forcelint.checkWorkspace";

impl Session {
    pub(crate) fn code_actions(&mut self, parameters: Actions) -> Answer {
        // Without them an action can be no more than a command.
        if !self.client.can.code_actions {
            return Ok(Value::Null);
        }
        self.settle();
        let Some(document) = self.documents.get(&parameters.text_document.uri) else {
            return Ok(Value::Null);
        };
        let (Some(file), Some(project)) = (&document.file, self.project_of(document)) else {
            return Ok(Value::Null);
        };
        let can = &self.client.can;
        let wish = Wish {
            document,
            file,
            range: document.text.bytes(parameters.range, can.encoding),
            only: parameters.context.only.as_deref(),
            documents: &self.documents,
            can,
        };
        let mut all = actions::fixes(&wish, project);
        all.extend(exceptions(&wish, project, &self.overlay));
        answer(all)
    }

    pub(crate) fn hover(&mut self, place: Place) -> Answer {
        self.settle();
        let can = &self.client.can;
        let Some(document) = self.documents.get(&place.text_document.uri) else {
            return Ok(Value::Null);
        };
        let (Some(file), Some(project)) = (&document.file, self.project_of(document)) else {
            return Ok(Value::Null);
        };
        let at = document.text.offset(place.position, can.encoding);
        let Some((text, range)) = hover::hover(document, file, project, at) else {
            return Ok(Value::Null);
        };
        let kind = if can.markdown {
            "markdown"
        } else {
            "plaintext"
        };
        Ok(json!({
            "contents": { "kind": kind, "value": text },
            "range": document.text.range(range, can.encoding),
        }))
    }

    pub(crate) fn completion(&mut self, place: Place) -> Answer {
        self.settle();
        let can = &self.client.can;
        let Some(document) = self.documents.get(&place.text_document.uri) else {
            return Ok(Value::Null);
        };
        let project = self.project_of(document);
        let at = document.text.offset(place.position, can.encoding);
        let choices = match (&document.file, toml_file(document, project)) {
            (Some(file), _) => {
                xml_completion::choices(&document.text, file.component.metadata_type, at)
            }
            (None, Some(file)) => {
                let names = names(project, self.documents.iter());
                toml_completion::choices(document.text.as_str(), file, &names, at)
            }
            (None, None) => Vec::new(),
        };
        let items = choices.into_iter().enumerate();
        let items =
            items.map(|(order, choice)| item(order, choice, document, can.snippets, can.encoding));
        answer(lsp::CompletionList {
            is_incomplete: false,
            item_defaults: None,
            apply_kind: None,
            items: items.collect(),
        })
    }

    /// Carries a command out. There is no answer yet to one that takes its time.
    pub(crate) fn command(&mut self, id: &RequestId, parameters: Command) -> Option<Answer> {
        match parameters.command.as_str() {
            CHECK_WORKSPACE => {
                self.settle();
                self.check_whole(Some(id.clone()));
                None
            }
            SHOW => {
                let arguments = parameters.arguments.unwrap_or_default();
                Some(match place_to_show(&arguments) {
                    Some((uri, selection)) => {
                        let place = lsp::ShowDocumentParams {
                            uri,
                            external: Some(false),
                            take_focus: Some(true),
                            selection: Some(selection),
                        };
                        self.client
                            .ask("window/showDocument", place, Asked::Nothing);
                        Ok(Value::Null)
                    }
                    None => Err(failure(
                        ErrorCode::InvalidParams,
                        "the URI of a file and a range are expected",
                    )),
                })
            }
            other => Some(Err(failure(
                ErrorCode::InvalidParams,
                format!("there is no command `{other}` here"),
            ))),
        }
    }
}

/// Which file of forcelint's own a document is, if it is one.
fn toml_file(document: &Document, project: Option<&OpenProject>) -> Option<TomlFile> {
    let path = document.path.as_deref()?;
    let is_config = path.file_name().is_some_and(|name| name == CONFIG_FILE)
        || project.is_some_and(|project| project.config.as_deref() == Some(path));
    if is_config {
        return Some(TomlFile::Config);
    }
    let is_toml = path.extension().is_some_and(|end| end == "toml");
    let is_named = project.is_some_and(|project| {
        let mut rule_paths = project.rule_paths.iter();
        rule_paths.any(|rules| path.starts_with(rules))
    });
    (is_toml && is_named).then_some(TomlFile::Rule)
}

/// What rules and tags are called, and the components that have findings.
fn names<'d>(
    project: Option<&OpenProject>,
    documents: impl Iterator<Item = &'d Document>,
) -> Names {
    let own = project
        .into_iter()
        .flat_map(|project| project.usable.rules.own());
    let mut names = Names::default();
    for rule in BUILT_IN {
        names.rules.push(rule.id.to_owned());
        names
            .tags
            .extend(rule.tags.iter().map(|tag| (*tag).to_owned()));
    }
    for rule in own {
        names.rules.push(rule.id.clone());
        names.tags.extend(rule.tags.iter().cloned());
    }
    let findings = documents.flat_map(|document| &document.judged.findings);
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
    choice: Choice,
    document: &Document,
    snippets: bool,
    encoding: Encoding,
) -> lsp::CompletionItem {
    let snippet = choice.snippet.filter(|_| snippets);
    let format = match snippet {
        Some(_) => lsp::InsertTextFormat::Snippet,
        None => lsp::InsertTextFormat::PlainText,
    };
    let typed = &document.text.as_str()[choice.range.clone()];
    lsp::CompletionItem {
        // What is there already may begin with the bracket of a tag.
        filter_text: typed.starts_with('<').then(|| format!("<{}", choice.label)),
        label: choice.label,
        kind: Some(choice.kind),
        detail: Some(choice.detail).filter(|detail| !detail.is_empty()),
        sort_text: Some(format!("{order:05}")),
        insert_text_format: Some(format),
        text_edit: Some(lsp::CompletionItemTextEdit::TextEdit(lsp::TextEdit {
            range: document.text.range(choice.range, encoding),
            new_text: snippet.unwrap_or(choice.text),
        })),
        ..lsp::CompletionItem::default()
    }
}
