//! Checks single files, with the other files that their conditions read.

use super::decomposed::lint_decomposed;
use super::deployment_scope::DeploymentScope;
use super::indexes::Indexes;
use super::lint_bytes::{fix_options, lint_bytes, report_options};
use super::partial_report::PartialReport;
use super::workspace::Workspace;
use crate::engine::ComponentIndex;
use crate::finding::{FileReport, Report, RunError, Tally};
use crate::lint::{FileOptions, Linted};
use crate::project::{ComponentFiles, SourceFile, Targets};
use crate::rule::MALFORMED;
use crate::xml::Tree;

/// Checks `text` as the content of `file`. Errors about other files are not reported; conditions that
/// read such files are unknown.
///
/// Of a component with several files, only the results in this one are returned.
pub fn check_text(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
) -> FileReport {
    let options = report_options(workspace);
    check_text_with(workspace, indexes, file, text, options, &mut Vec::new())
}

/// As [`check_text`], without the limit for reports.
pub(super) fn check_to_fix(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
) -> FileReport {
    let options = fix_options(workspace);
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
    let component = indexes.component(workspace, file, errors);
    let Some(component) = component.filter(ComponentFiles::is_decomposed) else {
        return check_alone(workspace, indexes, file, text, options, errors);
    };
    let checked = workspace.rules.checked_types();
    let mut report = FileReport::default();
    if file.piece().is_some()
        && checked.contains(file.component.metadata_type)
        && file.is_component()
    {
        report = check_alone(workspace, indexes, file, text, options, errors);
    }
    let mut lint = |index: Option<&ComponentIndex>| {
        lint_decomposed(
            workspace,
            &component,
            Some((file, text)),
            index,
            options,
            &mut Vec::new(),
        )
    };
    let whole = &component.file;
    let mut of_whole = lint_with_index(workspace, indexes, whole, errors, &mut lint);
    of_whole
        .findings
        .retain(|finding| finding.file.path == file.path);
    report.findings.append(&mut of_whole.findings);
    of_whole.more.retain(|more| more.file.path == file.path);
    report.more.append(&mut of_whole.more);
    if report.findings.iter().any(|it| it.rule == MALFORMED) {
        // That finding says enough about this file.
        of_whole.not_checked.clear();
    }
    report.not_checked.append(&mut of_whole.not_checked);
    let path = format!("{}:", file.report_path());
    let notes = of_whole.notes.into_iter();
    report
        .notes
        .extend(notes.filter(|note| note.starts_with(&path)));
    report
}

/// Checks a component that is one file.
fn check_alone(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    text: &[u8],
    options: FileOptions,
    errors: &mut Vec<RunError>,
) -> FileReport {
    let mut tree = Tree::default();
    let mut lint = |index: Option<&ComponentIndex>| {
        lint_bytes(workspace, file, text, &mut tree, index, options)
    };
    lint_with_index(workspace, indexes, file, errors, &mut lint)
}

/// Checks a component. The index of other files is only built if it is needed.
fn lint_with_index(
    workspace: &Workspace,
    indexes: &mut Indexes,
    file: &SourceFile,
    errors: &mut Vec<RunError>,
    lint: &mut dyn FnMut(Option<&ComponentIndex>) -> Linted,
) -> FileReport {
    let types = workspace
        .rules
        .types_read_about(file.component.metadata_type);
    // With an existing index, a second pass is not needed.
    let known = indexes.known(file, types);
    match lint(known.as_deref()) {
        Linted::Done(report) => *report,
        Linted::NeedsIndex => {
            let scope = DeploymentScope::of(file);
            let index = indexes.get(workspace, &scope, &file.project, types, None, errors);
            lint(Some(&index)).done()
        }
    }
}

/// Checks a file of the workspace without others: returns the findings that do not depend on them. `None` if there are
/// none, or if the index of the others is known, so that [`check_file`] takes no longer.
pub(crate) fn check_file_alone(
    workspace: &Workspace,
    indexes: &Indexes,
    file: &SourceFile,
) -> Option<Report> {
    let rules = &workspace.rules;
    let types = rules.types_read_about(file.component.metadata_type);
    let may_be_part = rules.may_be_part_of(rules.checked_types(), file);
    if may_be_part || indexes.known(file, types).is_some() {
        return None;
    }
    let text = workspace.sources.read(&file.path).ok()?;
    let options = FileOptions {
        allows_partial: true,
        ..report_options(workspace)
    };
    let mut tree = Tree::default();
    let linted = lint_bytes(workspace, file, &text, &mut tree, None, options);
    let mut partial = PartialReport::default();
    partial.absorb_file(linted.done());
    let report = partial.finish(workspace, Tally::default(), &Targets::default());
    (!report.findings.is_empty()).then_some(report)
}

/// Checks a file of the workspace.
pub fn check_file(workspace: &Workspace, indexes: &mut Indexes, file: &SourceFile) -> Report {
    let mut partial = PartialReport::default();
    match workspace.sources.read(&file.path) {
        Ok(text) => {
            let mut errors = Vec::new();
            let options = report_options(workspace);
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
