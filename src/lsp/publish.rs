//! Publishing diagnostics.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gen_lsp_types as lsp;

use super::client::Client;
use super::config_problems::Problem;
use super::document_text::DocumentText;
use super::session::Session;

/// Publishes all diagnostics of a document.
pub(super) fn publish(
    client: &mut Client,
    uri: lsp::Uri,
    version: Option<i32>,
    diagnostics: Vec<lsp::Diagnostic>,
) {
    client.notify::<lsp::PublishDiagnosticsNotification>(lsp::PublishDiagnosticsParams {
        uri,
        version,
        diagnostics,
    });
}

/// Publishes the problems of configs, rule files and baselines, open or not.
pub(super) fn publish_problems(session: &mut Session) {
    let current = problem_diagnostics(session);
    let previous = std::mem::take(&mut session.problems);
    let fixed = previous.into_keys().filter(|it| !current.contains_key(it));
    for file in fixed {
        let (uri, version) = session.documents.identify(&file);
        publish(&mut session.client, uri, version, Vec::new());
    }
    for (file, diagnostics) in &current {
        let (uri, version) = session.documents.identify(file);
        publish(&mut session.client, uri, version, diagnostics.clone());
    }
    session.problems = current;
}

fn problem_diagnostics(session: &Session) -> BTreeMap<PathBuf, Vec<lsp::Diagnostic>> {
    let mut by_file: BTreeMap<PathBuf, Vec<&Problem>> = BTreeMap::new();
    let projects = session.projects.values();
    for problem in projects.flat_map(|project| &project.problems) {
        let of_file = by_file.entry(problem.file.clone()).or_default();
        // Several projects can have the same config.
        if !of_file.contains(&problem) {
            of_file.push(problem);
        }
    }
    let encoding = session.client.capabilities.encoding;
    let by_file = by_file.into_iter().map(|(file, problems)| {
        let text = match session.documents.at_path(&file) {
            Some(document) => document.text.clone(),
            None => {
                let text = session.overlay.read_small(&file).unwrap_or_default();
                DocumentText::new(String::from_utf8_lossy(&text).into_owned())
            }
        };
        let diagnostics = problems.iter().map(|it| it.diagnostic(&text, encoding));
        (file, diagnostics.collect())
    });
    by_file.collect()
}
