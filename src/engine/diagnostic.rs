//! The violation of a rule.

use super::evidence::Evidence;
use super::failure::Failure;
use crate::rule::{Check, Message, Recipe, Rule, Severity};
use crate::xml::NodeId;

/// A requirement that is not satisfied, with its severity, evidence and fix.
pub(crate) struct Diagnostic<'r> {
    pub rule: &'r Rule,
    pub check: &'r Check,
    /// The checked element.
    pub context: NodeId,
    pub failure: Failure,
    pub severity: Severity,
    pub message: &'r Message,
    /// Reasons for the severity: sentences without a final period.
    pub reasons: Vec<String>,
    pub evidence: Vec<Evidence>,
    /// The paths of files in other package directories that decide the severity.
    pub elsewhere: Vec<String>,
    pub recipe: Option<&'r Recipe>,
    /// The fix is safe in this case, even if it needs a rollout in others.
    pub is_safe: bool,
    /// The result may have been different before files changed.
    pub uses_changed: bool,
}

/// The maximum number of evidence locations. Code scanning keeps a hundred.
const MAX_EVIDENCE: usize = 20;

impl<'r> Diagnostic<'r> {
    /// A diagnostic with the defaults of `check`.
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
            elsewhere: Vec::new(),
            recipe: check.fix.as_ref(),
            is_safe: false,
            uses_changed: false,
        }
    }

    /// Adds evidence. `because` is the label of evidence without one.
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
                // It is already the primary location.
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
