//! Checks single files, with the other files that their conditions read.

use super::deployment_scope::DeploymentScope;
use super::indexes::Indexes;
use super::partial_report::PartialReport;
use super::workspace::Workspace;
use crate::engine::ComponentIndex;
use crate::finding::{FileReport, Report, RunError, Tally};
use crate::lint::{FileOptions, Linted, lint_file};
use crate::project::{SourceFile, Targets};
use crate::xml::Tree;

/// Checks `text` as the content of `file`. Errors about other files are not reported; conditions that
/// read such files are unknown.
pub fn check_text(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
) -> FileReport {
    check_text_with_errors(workspace, indexes, file, text, &mut Vec::new())
}

fn check_text_with_errors(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
    errors: &mut Vec<RunError>,
) -> FileReport {
    let types = workspace
        .rules
        .types_read_about(file.component.metadata_type);
    // With an existing index, a second pass is not needed.
    let known = indexes.known(file, types);
    let mut tree = Tree::default();
    match lint_bytes(workspace, file, text, &mut tree, known.as_deref()) {
        Linted::Done(report) => report,
        Linted::NeedsIndex => {
            let scope = DeploymentScope::of(file);
            let index = indexes.get(workspace, &scope, &file.project, types, None, errors);
            lint_bytes(workspace, file, text, &mut tree, Some(&index)).done()
        }
    }
}

/// Checks a file of the workspace.
pub fn check_file(workspace: &Workspace, indexes: &mut Indexes, file: &SourceFile) -> Report {
    let mut partial = PartialReport::default();
    match workspace.sources.read(&file.path) {
        Ok(text) => {
            let mut errors = Vec::new();
            let report = check_text_with_errors(workspace, indexes, file, &text, &mut errors);
            partial.absorb_file(report);
            partial.errors.append(&mut errors);
        }
        Err(error) => partial.unreadable(file, &error, true),
    }
    if !file.is_forceignored() {
        partial.count(file);
    }
    partial.finish(workspace, Tally::default(), &Targets::default())
}

/// Checks the bytes of a file, with the options for it.
pub(super) fn lint_bytes(
    workspace: &Workspace,
    file: &SourceFile,
    bytes: &[u8],
    tree: &mut Tree,
    index: Option<&ComponentIndex>,
) -> Linted {
    let changes = workspace.changes();
    let options = FileOptions {
        detail: workspace.options.detail,
        today: workspace.options.today,
        only_by_changed: !workspace.is_changed(file),
        is_renamed: changes.is_some_and(|changes| changes.is_renamed(&file.path)),
    };
    lint_file(
        &workspace.rules,
        file,
        bytes,
        tree,
        index,
        options,
        &|path| workspace.sources.read(path),
    )
}
