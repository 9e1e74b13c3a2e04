//! The violation of a rule.

use super::evidence::{Evidence, MAX_EVIDENCE, first_distinct};
use super::failure::Failure;
use super::severity::Rating;
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
}

impl<'r> Diagnostic<'r> {
    /// The diagnostic of a failure at the element `context`.
    pub(super) fn new(
        rule: &'r Rule,
        check: &'r Check,
        context: NodeId,
        failure: Failure,
        rating: &Rating<'r>,
    ) -> Self {
        // The primary location is not evidence, too.
        let is_primary =
            |evidence: &Evidence| evidence.component.is_none() && evidence.span == failure.span;
        let evidence = failure.evidence.iter().chain(&rating.evidence);
        let evidence = evidence.filter(|it| !is_primary(it));
        let evidence = first_distinct(evidence.cloned().collect());
        Self {
            rule,
            check,
            context,
            severity: rating.severity,
            message: rating.message,
            reasons: rating.reasons.clone(),
            evidence: evidence.into_iter().take(MAX_EVIDENCE).collect(),
            elsewhere: rating.elsewhere.clone(),
            recipe: rating.recipe,
            is_safe: rating.is_safe,
            failure,
        }
    }
}
