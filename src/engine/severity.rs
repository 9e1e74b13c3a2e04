//! Decides the severity of the diagnostics about an element by evidence.

use super::context::Context;
use super::evaluation::Evaluation;
use super::evidence::{Evidence, first_distinct};
use super::truth::{Quantifier, Truth};
use crate::rule::{Check, Message, Recipe, Rule, Severity};
use crate::xml::NodeId;

/// What all diagnostics of a check about one element have in common.
pub(crate) struct Rating<'r> {
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
    /// A condition depends on something that changed.
    pub uses_changed: bool,
}

/// Rates what is wrong with an element, by evidence. If the evidence needs other files
/// (`Check::severity_needs_other_files`), they have been read.
pub(super) fn rate<'r>(
    rule: &'r Rule,
    check: &'r Check,
    element: NodeId,
    context: Context<'_>,
) -> Rating<'r> {
    let mut rating = Rating {
        severity: check.severity,
        message: &check.message,
        reasons: Vec::new(),
        evidence: Vec::new(),
        elsewhere: Vec::new(),
        recipe: check.fix.as_ref(),
        is_safe: false,
        uses_changed: false,
    };
    let mut evaluation = Evaluation::default();
    rating.by_risks(check, element, context, &mut evaluation);
    if rating.reasons.is_empty() {
        rating.reasons.extend(check.because.clone());
    }
    for mitigation in &check.mitigations {
        let truth = evaluation.evaluate(&mitigation.when, context, element, Quantifier::All);
        let lowered = rating.severity.lowered();
        if truth == Truth::True && lowered < rating.severity {
            let reason = format!(
                "Lowered from {} to {lowered}: {}",
                rating.severity, mitigation.because
            );
            rating.add_reason(reason, context, &evaluation.evidence);
            rating.severity = lowered;
            rating.add_evidence(evaluation.evidence.drain(..), &mitigation.because);
        }
        evaluation.evidence.clear();
    }
    rating.evidence = first_distinct(rating.evidence);
    rating.uses_changed |= evaluation.uses_changed;
    if let Some(severity) = rule.severity_override {
        rating.severity = severity;
    }
    rating
}

impl Rating<'_> {
    /// Adds a reason for the severity. If its evidence is in another package directory, it names the files,
    /// because a reader of the finding does not expect them there.
    fn add_reason(&mut self, mut reason: String, context: Context<'_>, evidence: &[Evidence]) {
        let mut elsewhere: Vec<String> = Vec::new();
        if let Some(index) = context.index {
            let components = evidence.iter().filter_map(|it| it.component);
            let components = components.filter(|&at| index.is_elsewhere(at, context.subject));
            for path in components.map(|at| index.component(at).file.report_path()) {
                if !elsewhere.contains(&path) {
                    elsewhere.push(path);
                }
            }
        }
        if !elsewhere.is_empty() {
            let paths: Vec<String> = elsewhere.iter().map(|path| format!("`{path}`")).collect();
            reason.push_str(&format!(
                ", according to {} in another package directory",
                paths.join(" and ")
            ));
        }
        self.reasons.push(reason);
        self.elsewhere.append(&mut elsewhere);
    }

    /// Adds evidence. `because` is the label of evidence without one.
    fn add_evidence(&mut self, evidence: impl IntoIterator<Item = Evidence>, because: &str) {
        self.evidence.extend(evidence.into_iter().map(|mut it| {
            it.label.get_or_insert_with(|| because.to_owned());
            it
        }));
    }
}

impl<'r> Rating<'r> {
    /// Uses the first risk that applies.
    fn by_risks(
        &mut self,
        check: &'r Check,
        element: NodeId,
        context: Context<'_>,
        evaluation: &mut Evaluation,
    ) {
        // If evidence that would raise the severity is unknown, later entries may not lower it.
        let mut may_lower = true;
        for risk in &check.risks {
            let lowers = risk.safe || risk.severity.is_some_and(|risk| risk < check.severity);
            let quantifier = match lowers {
                true => Quantifier::All,
                false => Quantifier::Any,
            };
            let truth = evaluation.evaluate(&risk.when, context, element, quantifier);
            if truth != Truth::True || (lowers && !may_lower) {
                may_lower &= lowers || truth == Truth::False;
                evaluation.evidence.clear();
                continue;
            }
            self.severity = risk.severity.unwrap_or(self.severity);
            self.message = risk.message.as_ref().unwrap_or(self.message);
            self.recipe = risk.fix.as_ref().or(self.recipe);
            self.is_safe = risk.safe;
            self.add_reason(risk.because.clone(), context, &evaluation.evidence);
            self.add_evidence(evaluation.evidence.drain(..), &risk.because);
            return;
        }
    }
}
