//! Checks single files, with the other files that their conditions read.

use super::deployment_scope::DeploymentScope;
use super::indexes::Indexes;
use super::partial_report::PartialReport;
use super::workspace::Workspace;
use crate::engine::ComponentIndex;
use crate::finding::{Detail, FileReport, MAX_LISTED, Report, RunError, Tally};
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
    let options = file_options(workspace, file);
    check_text_with(workspace, indexes, file, text, options, &mut Vec::new())
}

/// As [`check_text`], without the limit for reports.
pub(super) fn check_to_fix(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
) -> FileReport {
    let options = FileOptions {
        detail: Detail::default(),
        limit: usize::MAX,
        ..file_options(workspace, file)
    };
    check_text_with(workspace, indexes, file, text, options, &mut Vec::new())
}

fn check_text_with(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
    options: FileOptions,
    errors: &mut Vec<RunError>,
) -> FileReport {
    let types = workspace
        .rules
        .types_read_about(file.component.metadata_type);
    // With an existing index, a second pass is not needed.
    let known = indexes.known(file, types);
    let mut tree = Tree::default();
    match lint(workspace, file, text, &mut tree, known.as_deref(), options) {
        Linted::Done(report) => *report,
        Linted::NeedsIndex => {
            let scope = DeploymentScope::of(file);
            let index = indexes.get(workspace, &scope, &file.project, types, None, errors);
            lint(workspace, file, text, &mut tree, Some(&index), options).done()
        }
    }
}

/// Checks a file of the workspace.
pub fn check_file(workspace: &Workspace, indexes: &mut Indexes, file: &SourceFile) -> Report {
    let mut partial = PartialReport::default();
    match workspace.sources.read(&file.path) {
        Ok(text) => {
            let mut errors = Vec::new();
            let options = file_options(workspace, file);
            let report = check_text_with(workspace, indexes, file, &text, options, &mut errors);
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
    let options = file_options(workspace, file);
    lint(workspace, file, bytes, tree, index, options)
}

fn file_options(workspace: &Workspace, file: &SourceFile) -> FileOptions {
    let changes = workspace.changes();
    FileOptions {
        detail: workspace.options.detail,
        today: workspace.options.today,
        only_by_changed: !workspace.is_changed(file),
        is_renamed: changes.is_some_and(|changes| changes.is_renamed(&file.path)),
        limit: MAX_LISTED,
    }
}

fn lint(
    workspace: &Workspace,
    file: &SourceFile,
    bytes: &[u8],
    tree: &mut Tree,
    index: Option<&ComponentIndex>,
    options: FileOptions,
) -> Linted {
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
