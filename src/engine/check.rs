//! Checks one file against the rules for its type.

use std::collections::HashSet;

use super::conditions::Evaluation;
use super::context::Context;
use super::diagnostic::Diagnostic;
use super::failure::{Failure, field_failures};
use super::schema_check::check_schema;
use super::severity::rate;
use super::subject::{Elements, Found};
use super::truth::{Quantifier, Truth};
use crate::finding::UnknownReason;
use crate::rule::{Check, Condition, Rule, RuleSet, SchemaQuestion};
use crate::xml::NodeId;

/// The results of all rules for a file.
#[derive(Default)]
pub(crate) struct Checked<'r> {
    pub diagnostics: Vec<Diagnostic<'r>>,
    /// Rule ids and reasons.
    pub not_checked: Vec<(&'r str, UnknownReason)>,
    /// The ids of the rules that had something to check, if `notes_applied` is set.
    pub applied: Option<Vec<&'r str>>,
    /// A condition needs other files, which have not been read. The other results are void then.
    pub needs_index: bool,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CheckOptions {
    /// The file itself has not changed: report only results that a changed file affects.
    pub only_by_changed: bool,
    /// Return which rules apply.
    pub notes_applied: bool,
    /// The main file of a decomposed component is missing, or one of its files cannot be read. So what the
    /// root lacks may exist.
    pub root_is_partial: bool,
    /// The document is one piece of a component: check only its element.
    pub only_elements: bool,
}

/// Checks the file of `context` against every check of its type.
pub(crate) fn check<'r>(
    rules: &'r RuleSet,
    context: Context<'_>,
    options: CheckOptions,
) -> Checked<'r> {
    let subject = context.subject;
    let mut checker = Checker {
        context,
        options,
        checked: Checked {
            applied: options.notes_applied.then(Vec::new),
            ..Checked::default()
        },
    };
    for (rule, check) in rules.checks(subject.file.component.metadata_type) {
        if subject.file.is_forceignored() && !rule.include_forceignored {
            continue;
        }
        if options.only_elements && check.each.is_none() {
            continue;
        }
        let root = subject.document.root();
        let elements = match &check.each {
            None => Elements::from_iter([root]),
            Some(each) => match subject.find(each, root) {
                Found::Elements(elements) => elements,
                Found::Missing(_) => continue,
                Found::Unknown => {
                    let field = each.last().to_owned();
                    checker.not_checked(rule, UnknownReason::Replaced { field }, false);
                    continue;
                }
            },
        };
        if let Some(when) = &check.when
            && is_false_for_file(when, context)
        {
            continue;
        }
        for element in elements {
            checker.element(rule, check, element);
        }
    }
    let mut checked = checker.checked;
    drop_redundant(&mut checked.diagnostics);
    if options.only_by_changed {
        checked.diagnostics.retain(|it| it.uses_changed);
    }
    checked
}

/// Whether a condition is false for every element of the file, so that it need not be evaluated for each.
fn is_false_for_file(condition: &Condition, context: Context<'_>) -> bool {
    match condition {
        Condition::All(all) => all.iter().any(|part| is_false_for_file(part, context)),
        Condition::Any(any) => any.iter().all(|part| is_false_for_file(part, context)),
        Condition::AboutFile(..) => {
            let root = context.subject.document.root();
            let mut evaluation = Evaluation::default();
            evaluation.evaluate(condition, context, root, Quantifier::Any) == Truth::False
        }
        _ => false,
    }
}

/// Drops diagnostics of fallback rules about elements that another rule reports.
fn drop_redundant(diagnostics: &mut Vec<Diagnostic<'_>>) {
    let reported: HashSet<Option<NodeId>> = diagnostics
        .iter()
        .filter(|diagnostic| !diagnostic.rule.fallback)
        .map(|diagnostic| diagnostic.failure.node)
        .collect();
    diagnostics.retain(|diagnostic| {
        let node = diagnostic.failure.node;
        !diagnostic.rule.fallback || node.is_none() || !reported.contains(&node)
    });
}

struct Checker<'r, 'a> {
    context: Context<'a>,
    options: CheckOptions,
    checked: Checked<'r>,
}

impl<'r> Checker<'r, '_> {
    fn element(&mut self, rule: &'r Rule, check: &'r Check, element: NodeId) {
        let mut applies = Evaluation::default();
        if let Some(when) = &check.when {
            match applies.evaluate(when, self.context, element, Quantifier::Any) {
                Truth::True => {}
                Truth::False => return,
                Truth::Unknown => return self.unknown(rule, applies),
            }
        }
        if let Some(applied) = &mut self.checked.applied {
            applied.push(&rule.id);
        }
        let mut evaluation = Evaluation {
            uses_changed: applies.uses_changed,
            ..Evaluation::default()
        };
        let mut failures = failures(&check.require, self.context, element, &mut evaluation);
        if self.options.root_is_partial && element == self.context.subject.document.root() {
            let count = failures.len();
            failures.retain(|failure| failure.node.is_some());
            if failures.len() < count {
                evaluation.because(|| UnknownReason::NoMainFile);
            }
        }
        if failures.is_empty() {
            if evaluation.needs_index || evaluation.reason.is_some() {
                self.unknown(rule, evaluation);
            }
            return;
        }
        if self.context.index.is_none() && check.severity_needs_other_files {
            // The severity is unknown until other files have been read.
            self.checked.needs_index = true;
            return;
        }
        for failure in failures {
            let mut diagnostic = Diagnostic {
                uses_changed: evaluation.uses_changed,
                ..Diagnostic::new(rule, check, element, failure)
            };
            self.checked.needs_index |= rate(&mut diagnostic, self.context);
            self.checked.diagnostics.push(diagnostic);
        }
    }

    fn unknown(&mut self, rule: &'r Rule, evaluation: Evaluation) {
        self.checked.needs_index |= evaluation.needs_index;
        let reason = evaluation.reason;
        let reason = reason.unwrap_or(UnknownReason::OtherFilesNotRead);
        self.not_checked(rule, reason, evaluation.uses_changed);
    }

    fn not_checked(&mut self, rule: &'r Rule, reason: UnknownReason, uses_changed: bool) {
        if self.options.only_by_changed && !uses_changed {
            return;
        }
        let entry = (rule.id.as_str(), reason);
        if !self.checked.not_checked.contains(&entry) {
            self.checked.not_checked.push(entry);
        }
    }
}

/// The failures of a requirement. If there are none, the result may be unknown, for the reason in
/// `evaluation`.
fn failures(
    require: &Condition,
    context: Context<'_>,
    element: NodeId,
    evaluation: &mut Evaluation,
) -> Vec<Failure> {
    match require.inner() {
        Condition::Field(test) => {
            let (failures, unknown) = field_failures(test, context.subject, element, context.today);
            if let Some(reason) = unknown {
                evaluation.because(|| reason);
            }
            failures
        }
        Condition::Schema(question) => schema_failures(*question, context, evaluation),
        Condition::All(all) => all
            .iter()
            .flat_map(|part| failures(part, context, element, evaluation))
            .collect(),
        _ => {
            // Evaluated separately, so that a part that is true does not hide why another is unknown.
            let mut part = Evaluation::default();
            let truth = part.evaluate(require, context, element, Quantifier::All);
            evaluation.uses_changed |= part.uses_changed;
            match truth {
                Truth::False => {
                    let label = part.reason.map_or(String::new(), |it| it.to_string());
                    vec![Failure::of_element(
                        context.subject.document,
                        element,
                        label,
                    )]
                }
                Truth::True => Vec::new(),
                Truth::Unknown => {
                    evaluation.needs_index |= part.needs_index;
                    evaluation.reason = evaluation.reason.take().or(part.reason);
                    Vec::new()
                }
            }
        }
    }
}

fn schema_failures(
    question: SchemaQuestion,
    context: Context<'_>,
    evaluation: &mut Evaluation,
) -> Vec<Failure> {
    let computed;
    let report = match context.cache {
        Some(cache) => cache.schema(context.subject),
        None => {
            computed = check_schema(context.subject);
            &computed
        }
    };
    let result = match question {
        SchemaQuestion::Fields => &report.fields,
        SchemaQuestion::Values => &report.values,
    };
    if let Some(reason) = &result.unknown {
        evaluation.because(|| reason.clone());
    }
    result.failures.clone()
}
