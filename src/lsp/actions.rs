//! What can be done about findings: quick fixes, and fixing a whole file.
//!
//! In: a document, a range in it, and which kinds of actions are wanted. Out: code actions whose
//! edits name the version of the document that they are meant for, so that an editor refuses them
//! once the text has changed. A fix is offered only if its result is sound, as `--fix` would find
//! it; none touches what does not count.

use std::ops::Range;

use gen_lsp_types as lsp;
use similar::DiffTag;

use super::client::Capabilities;
use super::diagnostics::of_finding;
use super::documents::{Document, Documents};
use super::edits::document_edit;
use super::open_project::OpenProject;
use super::positions::{Encoding, Text};
use crate::config::BaselineGuard;
use crate::finding::Applicability;
use crate::finding::{Finding, Fix, Report};
use crate::fix::Level;
use crate::project::SourceFile;
use crate::run::fix_text;
use crate::text::{line_difference, lines_with_ends};

/// Fixing all that is safe; editors do it on saving, where they are asked to.
pub(super) const FIX_ALL: &str = "source.fixAll.forcelint";

/// Fixing all, for which somebody has to act first. It is no part of `source.fixAll`, so that
/// nobody gets it by saving.
pub(super) const FIX_EVERYTHING: &str = "source.forcelint.fixEverything";

/// More fixes than anybody chooses from; each one is tried before it is offered.
const MAX_FIXES: usize = 20;

/// What is asked for.
pub(super) struct Wish<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its file.
    pub file: &'a SourceFile,
    /// The bytes of the range.
    pub range: Range<usize>,
    /// The kinds that are wanted; all without.
    pub only: Option<&'a [String]>,
    /// What is open.
    pub documents: &'a Documents,
    /// What the client can do.
    pub can: &'a Capabilities,
}

impl Wish<'_> {
    /// Whether actions of this kind are wanted: it, or one that it is a part of.
    pub(super) fn wants(&self, kind: &str) -> bool {
        self.only.is_none_or(|only| {
            only.iter().any(|wanted| {
                let rest = kind.strip_prefix(wanted.as_str());
                rest.is_some_and(|rest| {
                    wanted.is_empty() || rest.is_empty() || rest.starts_with('.')
                })
            })
        })
    }

    /// The findings that count and lie in the range, or around it.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.document.judged.findings.iter();
        findings.filter(|finding| {
            let place = &finding.location;
            place.start.offset <= self.range.end && self.range.start <= place.end.offset
        })
    }
}

/// The quick fixes, and those of the whole file.
pub(super) fn fixes(wish: &Wish<'_>, project: &OpenProject) -> Vec<lsp::CodeAction> {
    let mut actions = Vec::new();
    if wish.wants("quickfix") {
        let fixable = wish.findings().filter(|finding| finding.fix.is_some());
        for finding in fixable.take(MAX_FIXES) {
            actions.extend(quick_fix(wish, project, finding));
        }
        // What is safe comes first.
        actions.sort_by_key(|action| action.is_preferred != Some(true));
    }
    if wish.wants(FIX_ALL) {
        actions.extend(fix_file(wish, project, Level::Safe));
    }
    let has_rollouts = wish.document.judged.findings.iter().any(|finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.applicability.rollout().is_some())
    });
    if has_rollouts && wish.wants(FIX_EVERYTHING) {
        actions.extend(fix_file(wish, project, Level::All));
    }
    actions
}

/// The fix of one finding, if it does what it should.
fn quick_fix(wish: &Wish<'_>, project: &OpenProject, finding: &Finding) -> Option<lsp::CodeAction> {
    let fix = finding.fix.as_ref()?;
    let text = &wish.document.text;
    // Of the same finding in a text that is not yet mended.
    let is_it = |other: &Finding| {
        other.rule == finding.rule
            && other.element == finding.element
            && other.fix.as_ref().map(|fix| &fix.edits) == Some(&fix.edits)
    };
    let fixed = fix_text(
        &project.workspace,
        &mut project.indexes.borrow_mut(),
        wish.file,
        text.as_str().as_bytes(),
        is_it,
    );
    if fixed.is_err() {
        return None;
    }
    let edits = fix.edits.iter().map(|edit| lsp::TextEdit {
        range: text.range(edit.start.offset..edit.end.offset, wish.can.encoding),
        new_text: edit.text.clone(),
    });
    let diagnostic = of_finding(
        finding,
        Some(text),
        wish.documents,
        &project.usable.rules,
        wish.can,
    );
    Some(lsp::CodeAction {
        title: title(fix),
        kind: Some("quickfix".to_owned().into()),
        diagnostics: Some(vec![diagnostic]),
        is_preferred: Some(fix.applicability == Applicability::Safe),
        edit: Some(document_edit(wish.document, edits.collect(), wish.can)),
        ..empty_action()
    })
}

/// What it does and, in the first sentence of it, what has to be done before.
fn title(fix: &Fix) -> String {
    match fix.applicability.rollout() {
        None => fix.title.clone(),
        Some(rollout) => {
            let sentence = rollout
                .split_inclusive(['.', ';'])
                .next()
                .unwrap_or(rollout);
            let sentence = sentence.trim_end_matches(['.', ';']);
            format!("{} (after a roll-out: {sentence})", fix.title)
        }
    }
}

/// Every fix of a level.
fn fix_file(wish: &Wish<'_>, project: &OpenProject, level: Level) -> Option<lsp::CodeAction> {
    let judged = &wish.document.judged;
    let report = Report {
        findings: judged.findings.clone(),
        suppressed: judged.suppressed.clone(),
        ..Report::default()
    };
    let baseline_guard = BaselineGuard::of(&report);
    let policy = &project.usable.policy;
    let wanted = |finding: &Finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| level.includes(fix)) && policy.lets_fix(finding, &baseline_guard)
    };
    let old = &wish.document.text;
    let fixed = fix_text(
        &project.workspace,
        &mut project.indexes.borrow_mut(),
        wish.file,
        old.as_str().as_bytes(),
        wanted,
    )
    .ok()?;
    let new = String::from_utf8(fixed.text).ok()?;
    let edits = difference(old, &new, wish.can.encoding);
    if edits.is_empty() {
        return None;
    }
    let count = match fixed.fixed.len() {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    let (title, kind) = match level {
        Level::Safe => (
            format!("Fix all in this file that is safe ({count})"),
            FIX_ALL,
        ),
        Level::All => (
            format!("Fix all in this file, roll-outs included ({count})"),
            FIX_EVERYTHING,
        ),
    };
    Some(lsp::CodeAction {
        title,
        kind: Some(kind.to_owned().into()),
        edit: Some(document_edit(wish.document, edits, wish.can)),
        ..empty_action()
    })
}

/// The edits that make one text of another, by whole lines.
fn difference(old: &Text, new: &str, encoding: Encoding) -> Vec<lsp::TextEdit> {
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

/// An action that does nothing.
pub(super) fn empty_action() -> lsp::CodeAction {
    lsp::CodeAction {
        title: String::new(),
        kind: None,
        diagnostics: None,
        is_preferred: None,
        disabled: None,
        edit: None,
        command: None,
        data: None,
        tags: None,
    }
}
