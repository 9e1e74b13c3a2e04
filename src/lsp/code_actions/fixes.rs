//! Fixes: quick fixes for findings, and fixes for a whole file.
//!
//! Their edits name the version of the document that they are for, so that an editor refuses them once
//! the text has changed. A fix is offered only if `--fix` would apply it. Suppressed findings have none.

use gen_lsp_types as lsp;
use serde_json::json;
use similar::DiffTag;

use super::action_request::{ActionRequest, empty_action};
use super::title::menu_title;
use crate::config::BaselineGuard;
use crate::finding::{Applicability, Finding, Fix, Report};
use crate::fix::Level;
use crate::lsp::diagnostics::finding_diagnostic;
use crate::lsp::document_text::{DocumentText, PositionEncoding};
use crate::lsp::open_project::OpenProject;
use crate::lsp::workspace_edit::document_edit;
use crate::run::fix_text;
use crate::text::{ScannedText, line_difference, lines_with_ends};

/// Applies all safe fixes of a file. Editors do it on saving if the user has set it up.
pub(in crate::lsp) const FIX_ALL: &str = "source.fixAll.forcelint";

/// Applies all fixes of a file, including those that need a rollout. It is not a part of
/// `source.fixAll`, so that saving a file never applies it.
pub(in crate::lsp) const FIX_EVERYTHING: &str = "source.forcelint.fixEverything";

/// The most quick fixes that are offered at once. Each one is tried first.
const MAX_FIXES: usize = 20;

/// The quick fixes, and the fixes of the whole file.
pub(in crate::lsp) fn fixes(
    request: &ActionRequest<'_>,
    project: &OpenProject,
) -> Vec<lsp::CodeAction> {
    let mut actions = Vec::new();
    if request.wants("quickfix") {
        let fixable = request.findings().filter(|finding| finding.fix.is_some());
        for finding in fixable.take(MAX_FIXES) {
            actions.extend(quick_fix(request, project, finding));
        }
        // Safe fixes first.
        actions.sort_by_key(|action| action.is_preferred != Some(true));
    }
    if request.wants(FIX_ALL) {
        actions.extend(fix_file(request, project, Level::Safe));
    }
    let has_rollouts = request.document.results.findings.iter().any(|finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.applicability.rollout().is_some())
    });
    if has_rollouts && request.wants(FIX_EVERYTHING) {
        actions.extend(fix_file(request, project, Level::All));
    }
    actions
}

/// The fix of one finding, if it can be applied.
fn quick_fix(
    request: &ActionRequest<'_>,
    project: &OpenProject,
    finding: &Finding,
) -> Option<lsp::CodeAction> {
    let fix = finding.fix.as_ref()?;
    let text = &request.document.text;
    let is_same = |other: &Finding| {
        other.rule == finding.rule
            && other.element == finding.element
            && other.fix.as_ref().map(|fix| &fix.edits) == Some(&fix.edits)
    };
    let fixed = fix_text(
        &project.workspace,
        &mut project.indexes.borrow_mut(),
        request.file,
        text.as_str().as_bytes(),
        is_same,
    );
    if fixed.fixed.is_empty() || !fixed.refused.is_empty() {
        return None;
    }
    let edits = fix.edits.iter().map(|edit| lsp::TextEdit {
        range: text.range(
            edit.start.offset..edit.end.offset,
            request.capabilities.encoding,
        ),
        new_text: edit.text.clone(),
    });
    let diagnostic = finding_diagnostic(
        finding,
        Some(text),
        request.documents,
        &project.loaded.rules,
        request.capabilities,
    );
    Some(lsp::CodeAction {
        title: title(fix),
        kind: Some("quickfix".to_owned().into()),
        diagnostics: Some(vec![diagnostic]),
        is_preferred: Some(fix.applicability == Applicability::Safe),
        data: Some(json!({ "applicability": fix.applicability.name() })),
        edit: Some(document_edit(
            request.document,
            edits.collect(),
            request.capabilities,
        )),
        ..empty_action()
    })
}

/// What the fix does, and whether it needs a rollout.
fn title(fix: &Fix) -> String {
    let note = match fix.applicability.rollout() {
        None => "",
        Some(_) => " (rollout first)",
    };
    // Menus show backticks as they are.
    let title = fix.title.replace('`', "");
    menu_title(&ScannedText::from(title).one_line(), note)
}

/// All fixes of a level in the file.
fn fix_file(
    request: &ActionRequest<'_>,
    project: &OpenProject,
    level: Level,
) -> Option<lsp::CodeAction> {
    let results = &request.document.results;
    let report = Report {
        findings: results.findings.clone(),
        suppressed: results.suppressed.clone(),
        ..Report::default()
    };
    let baseline_guard = BaselineGuard::of(&report);
    let policy = &project.loaded.policy;
    let is_selected = |finding: &Finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| level.includes(fix)) && policy.allows_fix(finding, &baseline_guard)
    };
    let old = &request.document.text;
    let fixed = fix_text(
        &project.workspace,
        &mut project.indexes.borrow_mut(),
        request.file,
        old.as_str().as_bytes(),
        is_selected,
    );
    let new = String::from_utf8(fixed.text).ok()?;
    let edits = difference(old, &new, request.capabilities.encoding);
    if edits.is_empty() {
        return None;
    }
    let count = match fixed.fixed.len() {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    let (title, kind) = match level {
        Level::Safe => (
            format!("Apply all safe fixes in this file ({count})"),
            FIX_ALL,
        ),
        Level::All => (
            format!("Apply all fixes, rollouts included ({count})"),
            FIX_EVERYTHING,
        ),
    };
    Some(lsp::CodeAction {
        title,
        kind: Some(kind.to_owned().into()),
        edit: Some(document_edit(request.document, edits, request.capabilities)),
        ..empty_action()
    })
}

/// The edits from one text to another, by whole lines.
fn difference(old: &DocumentText, new: &str, encoding: PositionEncoding) -> Vec<lsp::TextEdit> {
    if old.as_str() == new {
        return Vec::new();
    }
    let starts = |text: &str| -> Vec<usize> {
        let lines = text.split_inclusive('\n').scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        std::iter::once(0).chain(lines).collect()
    };
    let (old_lines, new_lines) = (lines_with_ends(old.as_str()), lines_with_ends(new));
    let (old_starts, new_starts) = (starts(old.as_str()), starts(new));
    let difference = line_difference(&old_lines, &new_lines).into_iter();
    difference
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| {
            let (from, to) = (op.old_range(), op.new_range());
            lsp::TextEdit {
                range: old.range(old_starts[from.start]..old_starts[from.end], encoding),
                new_text: new[new_starts[to.start]..new_starts[to.end]].to_owned(),
            }
        })
        .collect()
}
