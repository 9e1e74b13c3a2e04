//! A rule that a file violates.

use super::evidence::Evidence;
use super::failure::Failure;
use crate::rule::{Check, Message, Recipe, Rule, Severity};
use crate::xml::NodeId;

/// A failed requirement, and what it means for the file.
pub(crate) struct Diagnostic<'r> {
    pub rule: &'r Rule,
    pub check: &'r Check,
    /// The element that was checked.
    pub context: NodeId,
    pub failure: Failure,
    pub severity: Severity,
    pub message: &'r Message,
    /// Sentences without a full stop.
    pub reasons: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub recipe: Option<&'r Recipe>,
    /// The fix is safe here, even if it needs a rollout elsewhere.
    pub is_safe: bool,
    /// The outcome may be different from what it was before files changed.
    pub uses_changed: bool,
}

/// How much evidence a diagnostic carries at most. Code scanning keeps a hundred places.
const MAX_EVIDENCE: usize = 20;

impl<'r> Diagnostic<'r> {
    /// What `check` says if nothing more is known.
    pub(crate) fn new(rule: &'r Rule, check: &'r Check, context: NodeId, failure: Failure) -> Self {
        Self {
            rule,
            check,
            context,
            failure,
            severity: check.severity,
            message: &check.message,
            reasons: Vec::new(),
            evidence: Vec::new(),
            recipe: check.fix.as_ref(),
            is_safe: false,
            uses_changed: false,
        }
    }

    /// Adds evidence. Places without a label of their own get `because`.
    pub(crate) fn add_evidence(
        &mut self,
        evidence: impl IntoIterator<Item = Evidence>,
        because: &str,
    ) {
        for mut evidence in evidence {
            if self.evidence.len() == MAX_EVIDENCE {
                return;
            }
            if evidence.component.is_none() && evidence.span == self.failure.span {
                // The primary location shows this place.
                continue;
            }
            evidence.label.get_or_insert_with(|| because.to_owned());
            let is_known = self
                .evidence
                .iter()
                .any(|known| known.component == evidence.component && known.span == evidence.span);
            if !is_known {
                self.evidence.push(evidence);
            }
        }
    }
}
