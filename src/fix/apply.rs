//! From the fixes of a file's findings to its new text.
//!
//! In: the text and which fixes are wanted. Out: the text with all of these, or a [`FixError`]:
//! nothing is handed on that does not parse, does not satisfy the rule that was fixed, or has a
//! finding that was not there before.

use std::collections::HashMap;

use thiserror::Error;

use crate::lint::{Edit, FileOutcome, Finding, Fix, Linter};
use crate::project::SourceFile;

/// Which fixes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Those that break no client.
    Safe,
    /// Those too for which somebody has to act first.
    All,
}

impl Level {
    /// Whether a fix is of this level.
    pub fn includes(self, fix: &Fix) -> bool {
        self == Self::All || fix.rollout.is_none()
    }
}

/// A file's new text.
#[derive(Debug)]
pub struct FixedText {
    /// The text.
    pub text: Vec<u8>,
    /// The findings that are gone.
    pub fixed: Vec<Finding>,
}

/// Fixes that must not be written. Either is a mistake in a rule or in forcelint.
#[derive(Debug, Error)]
pub enum FixError {
    /// A finding is still there.
    #[error("its fix does not satisfy `{rule}`, so nothing was changed")]
    DoesNotHold {
        /// The rule.
        rule: String,
    },
    /// Something else came up.
    #[error("its fix would bring a finding of `{rule}`, so nothing was changed")]
    BringsNew {
        /// The rule.
        rule: String,
    },
    /// The fixes never come to an end.
    #[error("its fixes undo each other, so nothing was changed")]
    Endless,
}

/// Overlapping fixes are applied in several passes; more than this means that they undo each
/// other.
const MAX_PASSES: usize = 10;

/// Applies the fixes of the `wanted` findings to `text`, the content of `file`.
///
/// # Errors
/// When the result would not be sound.
pub fn fix_text(
    linter: &Linter<'_>,
    file: &SourceFile,
    text: &[u8],
    wanted: impl Fn(&Finding) -> bool,
) -> Result<FixedText, FixError> {
    let mut result = FixedText {
        text: text.to_vec(),
        fixed: Vec::new(),
    };
    let mut outcome = linter.lint_text(file, text);
    for _ in 0..MAX_PASSES {
        let chosen = choose(&outcome, &wanted);
        if chosen.is_empty() {
            return Ok(result);
        }
        let edits = chosen.iter().filter_map(|finding| finding.fix.as_ref());
        result.text = edited(&result.text, edits.flat_map(|fix| &fix.edits));
        let after = linter.lint_text(file, &result.text);
        verify(&outcome, &chosen, &after)?;
        result.fixed.extend(chosen.into_iter().cloned());
        outcome = after;
    }
    Err(FixError::Endless)
}

/// The findings whose fixes can be applied together, in the order of their places.
fn choose(outcome: &FileOutcome, wanted: impl Fn(&Finding) -> bool) -> Vec<&Finding> {
    let mut candidates: Vec<(&Finding, &Fix)> = outcome
        .findings
        .iter()
        .filter(|finding| wanted(finding))
        .filter_map(|finding| Some((finding, finding.fix.as_ref()?)))
        .collect();
    let first_edit = |fix: &Fix| fix.edits.iter().map(|edit| edit.start.offset).min();
    candidates.sort_by_key(|(finding, fix)| (first_edit(fix), &finding.rule));
    let mut taken: Vec<&Edit> = Vec::new();
    let mut chosen = Vec::new();
    for (finding, fix) in candidates {
        let is_free = fix
            .edits
            .iter()
            .all(|edit| taken.iter().all(|other| !collide(edit, other)));
        if is_free {
            taken.extend(&fix.edits);
            chosen.push(finding);
        }
    }
    chosen
}

/// Two insertions at one place collide as well: their order would be a guess.
fn collide(one: &Edit, other: &Edit) -> bool {
    let apart = one.end.offset < other.start.offset
        || other.end.offset < one.start.offset
        || (one.end.offset == other.start.offset || other.end.offset == one.start.offset)
            && one.start.offset != other.start.offset;
    !apart
}

fn edited<'e>(text: &[u8], edits: impl Iterator<Item = &'e Edit>) -> Vec<u8> {
    let mut edits: Vec<&Edit> = edits.collect();
    edits.sort_by_key(|edit| (edit.start.offset, edit.end.offset));
    let mut result = Vec::with_capacity(text.len() + 64);
    let mut end = 0;
    for edit in edits {
        result.extend_from_slice(&text[end..edit.start.offset]);
        result.extend_from_slice(edit.text.as_bytes());
        end = edit.end.offset;
    }
    result.extend_from_slice(&text[end..]);
    result
}

fn verify(before: &FileOutcome, chosen: &[&Finding], after: &FileOutcome) -> Result<(), FixError> {
    fn identity(finding: &Finding) -> (&str, &str) {
        (&finding.rule, &finding.element)
    }
    // Counted: of two findings that are alike only one may have a fix.
    let mut may_be_left: HashMap<_, usize> = HashMap::new();
    for finding in &before.findings {
        *may_be_left.entry(identity(finding)).or_default() += 1;
    }
    for finding in chosen {
        if let Some(count) = may_be_left.get_mut(&identity(finding)) {
            *count -= 1;
        }
    }
    for finding in &after.findings {
        let rule = finding.rule.clone();
        match may_be_left.get_mut(&identity(finding)) {
            None => return Err(FixError::BringsNew { rule }),
            Some(0) => return Err(FixError::DoesNotHold { rule }),
            Some(count) => *count -= 1,
        }
    }
    Ok(())
}
