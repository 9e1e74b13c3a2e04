//! Adding an exception for a component to `forcelint.toml`.
//!
//! In: a finding and the config of its project. Out: an action that writes the exception and leaves
//! its reason empty. A config with an empty reason is refused, by the editor at once and by every
//! run: nobody gets an exception without saying why, and until then the finding stays.

use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use serde_json::{Value, json};

use super::actions::{Wish, empty_action};
use super::diagnostics::of_finding;
use super::edits::{file_edit, text_edit};
use super::open_project::OpenProject;
use super::positions::Text;
use crate::config::CONFIG_FILE;
use crate::finding::Finding;
use crate::lsp::uri;
use crate::project::Overlay;
use crate::rule::MALFORMED;

/// Shows a place of a document, where the client can.
pub(super) const SHOW: &str = "forcelint.show";

/// An action for each rule and component that has a finding in the range.
pub(super) fn exceptions(
    wish: &Wish<'_>,
    project: &OpenProject,
    overlay: &Overlay,
) -> Vec<lsp::CodeAction> {
    let mut actions: Vec<lsp::CodeAction> = Vec::new();
    if !wish.wants("quickfix") {
        return actions;
    }
    // What could not be judged cannot be excepted.
    for finding in wish.findings().filter(|it| it.rule != MALFORMED) {
        if let Some(action) = exception(wish, project, overlay, finding)
            && actions.iter().all(|other| other.title != action.title)
        {
            actions.push(action);
        }
    }
    actions
}

fn exception(
    wish: &Wish<'_>,
    project: &OpenProject,
    overlay: &Overlay,
    finding: &Finding,
) -> Option<lsp::CodeAction> {
    let file = match &project.config {
        Some(file) => file.clone(),
        None => project.project.root.join(CONFIG_FILE),
    };
    let exists = project.config.is_some();
    let can_create = wish.can.creates_files && wish.can.document_changes;
    if !exists && !can_create {
        return None;
    }
    let (uri, version, text) = config_text(wish, overlay, &file, exists)?;
    let written = written(text.as_str(), finding);
    let end = text.as_str().len();
    let edit = lsp::TextEdit {
        range: text.range(end..end, wish.can.encoding),
        new_text: written.text.clone(),
    };
    let edit = if exists {
        file_edit(&uri, version, vec![edit], wish.can)
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
    after.replace(end..end, &written.text);
    let reason = after.position(end + written.reason, wish.can.encoding);
    let show = lsp::Command {
        title: "Write the reason".to_owned(),
        tooltip: None,
        command: SHOW.to_owned(),
        arguments: Some(vec![json!(uri), json!({ "start": reason, "end": reason })]),
    };
    let diagnostic = of_finding(
        finding,
        Some(&wish.document.text),
        wish.documents,
        &project.usable.rules,
        wish.can,
    );
    Some(lsp::CodeAction {
        title: format!(
            "Add an exception for {} from `{}` to {CONFIG_FILE} (its reason is yours to write)",
            finding.component(),
            finding.rule
        ),
        kind: Some("quickfix".to_owned().into()),
        diagnostics: Some(vec![diagnostic]),
        is_preferred: Some(false),
        edit: Some(edit),
        command: wish.can.shows_documents.then_some(show),
        ..empty_action()
    })
}

/// What the client calls the config, which version of it is open, and its text.
fn config_text(
    wish: &Wish<'_>,
    overlay: &Overlay,
    file: &Path,
    exists: bool,
) -> Option<(lsp::Uri, Option<i32>, Text)> {
    if let Some(open) = wish.documents.at(file) {
        return Some((open.uri.clone(), Some(open.version), open.text.clone()));
    }
    let text = match exists {
        true => String::from_utf8(overlay.read_small(file).ok()?).ok()?,
        false => String::new(),
    };
    // Editors show no byte order mark.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text).to_owned();
    Some((uri::of_path(file), None, Text::new(text)))
}

/// What is put behind the config.
struct Written {
    text: String,
    /// Where in it the reason is missing, in bytes.
    reason: usize,
}

fn written(config: &str, finding: &Finding) -> Written {
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
    // A JSON string is one of TOML too.
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
    Written { text, reason }
}

/// What [`SHOW`] was called with.
pub(super) fn place_to_show(arguments: &[Value]) -> Option<(lsp::Uri, lsp::Range)> {
    let [uri, range] = arguments else { return None };
    let uri = uri.as_str()?;
    let path: PathBuf = uri::to_path(&uri.into())?;
    let range = serde_json::from_value(range.clone()).ok()?;
    Some((uri::of_path(&path), range))
}
