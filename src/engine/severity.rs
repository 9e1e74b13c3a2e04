//! Decides the severity of a diagnostic by evidence.

use super::conditions::Evaluation;
use super::context::Context;
use super::diagnostic::Diagnostic;
use super::evidence::Evidence;
use super::truth::{Quantifier, Truth};

/// Sets the severity and adds the evidence that decides it. Returns whether this needs other files, which
/// have not been read.
pub(super) fn rate(diagnostic: &mut Diagnostic<'_>, context: Context<'_>) -> bool {
    let mut evaluation = Evaluation::default();
    if rate_by_risks(diagnostic, context, &mut evaluation) {
        return true;
    }
    if diagnostic.reasons.is_empty() {
        diagnostic.reasons.extend(diagnostic.check.because.clone());
    }
    for mitigation in &diagnostic.check.mitigations {
        let truth = evaluation.evaluate(
            &mitigation.when,
            context,
            diagnostic.context,
            Quantifier::All,
        );
        let lowered = diagnostic.severity.lowered();
        if truth == Truth::True && lowered < diagnostic.severity {
            let reason = format!(
                "Lowered from {} to {lowered}: {}",
                diagnostic.severity, mitigation.because
            );
            add_reason(diagnostic, reason, context, &evaluation.evidence);
            diagnostic.severity = lowered;
            diagnostic.add_evidence(evaluation.evidence.drain(..), &mitigation.because);
        }
        evaluation.evidence.clear();
    }
    diagnostic.uses_changed |= evaluation.uses_changed;
    if let Some(severity) = diagnostic.rule.severity_override {
        diagnostic.severity = severity;
    }
    evaluation.needs_index
}

/// Uses the first risk that applies. Returns whether this needs other files, which have not been read.
fn rate_by_risks(
    diagnostic: &mut Diagnostic<'_>,
    context: Context<'_>,
    evaluation: &mut Evaluation,
) -> bool {
    let check = diagnostic.check;
    // If evidence that would raise the severity is unknown, later entries may not lower it.
    let mut may_lower = true;
    for risk in &check.risks {
        let lowers = risk.safe || risk.severity.is_some_and(|risk| risk < check.severity);
        let quantifier = match lowers {
            true => Quantifier::All,
            false => Quantifier::Any,
        };
        let truth = evaluation.evaluate(&risk.when, context, diagnostic.context, quantifier);
        if truth != Truth::True || (lowers && !may_lower) {
            if evaluation.needs_index {
                return true;
            }
            may_lower &= lowers || truth == Truth::False;
            evaluation.evidence.clear();
            continue;
        }
        diagnostic.severity = risk.severity.unwrap_or(diagnostic.severity);
        diagnostic.message = risk.message.as_ref().unwrap_or(diagnostic.message);
        diagnostic.recipe = risk.fix.as_ref().or(diagnostic.recipe);
        diagnostic.is_safe = risk.safe;
        add_reason(
            diagnostic,
            risk.because.clone(),
            context,
            &evaluation.evidence,
        );
        diagnostic.add_evidence(evaluation.evidence.drain(..), &risk.because);
        return false;
    }
    false
}

/// Adds a reason for the severity. If its evidence is in another package directory, it names the files,
/// because a reader of the finding does not expect them there.
fn add_reason(
    diagnostic: &mut Diagnostic<'_>,
    mut reason: String,
    context: Context<'_>,
    evidence: &[Evidence],
) {
    let mut elsewhere: Vec<String> = Vec::new();
    if let Some(index) = context.index {
        let components = evidence.iter().filter_map(|it| it.component);
        let components = components.filter(|&at| index.is_elsewhere(at, context.subject));
        elsewhere.extend(components.map(|at| index.component(at).file.report_path()));
        elsewhere.dedup();
    }
    if !elsewhere.is_empty() {
        let paths: Vec<String> = elsewhere.iter().map(|path| format!("`{path}`")).collect();
        reason.push_str(&format!(
            ", according to {} in another package directory",
            paths.join(" and ")
        ));
    }
    diagnostic.reasons.push(reason);
    diagnostic.elsewhere.append(&mut elsewhere);
}
