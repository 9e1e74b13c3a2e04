//! Checks one file against the rules for its type.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::context::Context;
use super::diagnostic::Diagnostic;
use super::evaluation::Evaluation;
use super::failure::{Failure, Repair, field_failures};
use super::ip_ranges::ip_range_failure;
use super::schema_check::{SchemaFailure, check_schema};
use super::severity::{Rating, rate};
use super::subject::{Elements, Found, Subject};
use super::truth::{Quantifier, Truth};
use super::unset_setting::is_unset;
use crate::finding::UnknownReason;
use crate::rule::{Check, Condition, Rule, RuleSet, SchemaQuestion, Severity};
use crate::xml::{Document, NodeId, Span};

/// The results of all rules for a file.
#[derive(Default)]
pub(crate) struct Checked<'r> {
    pub diagnostics: Vec<Diagnostic<'r>>,
    /// The diagnostics beyond the limit.
    pub more: Vec<MoreDiagnostics<'r>>,
    /// The diagnostics below the lowest severity.
    pub below: Vec<BelowLowest<'r>>,
    /// The elements that rules about secrets report, also beyond the limit.
    pub secrets: Vec<NodeId>,
    /// Rule ids and reasons.
    pub not_checked: Vec<(&'r str, UnknownReason)>,
    /// The ids of the rules that had something to check, if `notes_applied` is set.
    pub applied: Option<Vec<&'r str>>,
    /// The ids of the rules that pass because the file does not have an org setting, if `notes_applied` is set.
    pub unset: Option<Vec<&'r str>>,
    /// The ids of the rules with a failure, reported or not, if `notes_applied` is set.
    pub failed: Option<Vec<&'r str>>,
    /// The rules that need other files, which have not been read. Their results are void then, and fallback rules have
    /// not been checked.
    pub needing_index: Vec<&'r Rule>,
}

impl Checked<'_> {
    /// Removes the results of rules that need other files, if there are some and the others are wanted. Returns whether
    /// the remaining results can be used.
    pub(crate) fn keep_certain(&mut self, are_others_wanted: bool) -> bool {
        if self.needing_index.is_empty() {
            return true;
        }
        // A rule about secrets that was not checked masks nothing.
        if !are_others_wanted || self.needing_index.iter().any(|rule| rule.secret) {
            return false;
        }
        let needs_index = |id: &str| self.needing_index.iter().any(|rule| rule.id == id);
        self.diagnostics.retain(|it| !needs_index(&it.rule.id));
        self.more.retain(|it| !needs_index(&it.rule.id));
        self.not_checked.retain(|(id, _)| !needs_index(id));
        true
    }
}

/// Diagnostics of a rule beyond the limit, which are only counted.
pub(crate) struct MoreDiagnostics<'r> {
    pub rule: &'r Rule,
    pub severity: Severity,
    pub is_suppressed: bool,
    /// The location of the first one.
    pub first: Span,
    pub count: usize,
}

/// Diagnostics of a rule below the lowest severity, which are only counted.
pub(crate) struct BelowLowest<'r> {
    pub rule: &'r Rule,
    pub severity: Severity,
    pub is_suppressed: bool,
    pub count: usize,
    /// The paths of files in other package directories that decide the severity: each combination once.
    pub elsewhere: BTreeSet<Vec<String>>,
}

/// Which results are needed.
#[derive(Clone, Copy)]
pub(crate) struct CheckOptions<'a> {
    /// The file itself has not changed: report only results that a changed file affects.
    pub only_by_changed: bool,
    /// Return which rules apply, and which fail.
    pub notes_applied: bool,
    /// The main file of a decomposed component is missing, or one of its files cannot be read. So what the
    /// root lacks may exist.
    pub root_is_partial: bool,
    /// The most diagnostics of one rule. The others are counted.
    pub limit: usize,
    /// Diagnostics below this severity are only counted.
    pub lowest_severity: Option<Severity>,
    /// Whether something in the file suppresses a rule at a location. The limit applies to suppressed
    /// diagnostics and to others separately.
    pub is_suppressed: &'a dyn Fn(&Rule, Span) -> bool,
}

/// Checks the file of `context` against every check of its type.
pub(crate) fn check<'r>(
    rules: &'r RuleSet,
    context: Context<'_>,
    options: CheckOptions<'_>,
) -> Checked<'r> {
    let mut checker = Checker {
        context,
        options,
        checked: Checked {
            applied: options.notes_applied.then(Vec::new),
            unset: options.notes_applied.then(Vec::new),
            failed: options.notes_applied.then(Vec::new),
            ..Checked::default()
        },
        reported: HashSet::new(),
        not_checked: HashSet::new(),
        counts: HashMap::new(),
        corrections: HashSet::new(),
    };
    checker.rules(rules, false);
    // Fallback rules depend on what the others report.
    if checker.checked.needing_index.is_empty() {
        checker.rules(rules, true);
    }
    checker.checked
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

struct Checker<'r, 'a> {
    context: Context<'a>,
    options: CheckOptions<'a>,
    checked: Checked<'r>,
    /// The elements that a rule other than a fallback rule reports.
    reported: HashSet<NodeId>,
    /// The entries of `not_checked`.
    not_checked: HashSet<(&'r str, UnknownReason)>,
    /// The number of diagnostics of each rule, suppressed ones and others.
    counts: HashMap<(&'r str, bool), usize>,
    /// The names that elements get, by rule and parent: each only once.
    corrections: HashSet<(&'r str, Option<NodeId>, &'static str)>,
}

impl<'r> Checker<'r, '_> {
    /// Checks the file against the fallback rules, or against all others.
    fn rules(&mut self, rules: &'r RuleSet, fallback: bool) {
        let subject = self.context.subject;
        for (rule, check) in rules.checks(subject.file.component.metadata_type) {
            let applies = !subject.file.is_forceignored() || rule.include_forceignored;
            if rule.fallback == fallback && applies {
                self.check(rule, check);
            }
        }
    }

    fn check(&mut self, rule: &'r Rule, check: &'r Check) {
        let subject = self.context.subject;
        let root = subject.document.root();
        let elements = match &check.each {
            None => Elements::from_iter([root]),
            Some(each) => match subject.find(each, root) {
                Found::Elements(elements) => elements,
                Found::Missing(_) => return,
                Found::Unknown => {
                    let field = each.last().to_owned();
                    return self.not_checked(rule, UnknownReason::Replaced { field }, false);
                }
            },
        };
        if let Some(when) = &check.when
            && is_false_for_file(when, self.context)
        {
            return;
        }
        for element in elements {
            self.element(rule, check, element);
        }
    }

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
            add_rule(applied, &rule.id);
        }
        let mut evaluation = Evaluation {
            uses_changed: applies.uses_changed,
            ..Evaluation::default()
        };
        let mut failures = failures(
            &check.require,
            self.context,
            element,
            rule.secret,
            &mut evaluation,
        );
        if self.options.root_is_partial && element == self.context.subject.document.root() {
            let count = failures.len();
            failures.retain(|failure| failure.node().is_some());
            if failures.len() < count {
                evaluation.because(|| UnknownReason::NoMainFile);
            }
        }
        if failures.is_empty() {
            if evaluation.needs_index || evaluation.reason.is_some() {
                self.unknown(rule, evaluation);
            } else if let Some(unset) = &mut self.checked.unset
                && is_unset(&check.require, self.context.subject, element)
            {
                add_rule(unset, &rule.id);
            }
            return;
        }
        if self.context.index.is_none() && check.severity_needs_other_files {
            // The severity is unknown until other files have been read.
            return self.checked.needing_index.push(rule);
        }
        if rule.fallback {
            failures.retain(|it| it.node().is_none_or(|node| !self.reported.contains(&node)));
            if failures.is_empty() {
                return;
            }
        } else {
            self.reported
                .extend(failures.iter().filter_map(Unmet::node));
        }
        if rule.secret {
            let nodes = failures.iter().filter_map(Unmet::node);
            self.checked.secrets.extend(nodes);
        }
        let rating = rate(rule, check, element, self.context);
        if self.options.only_by_changed && !(evaluation.uses_changed || rating.uses_changed) {
            return;
        }
        if let Some(failed) = &mut self.checked.failed {
            add_rule(failed, &rule.id);
        }
        let lowest = self.options.lowest_severity;
        if lowest.is_some_and(|lowest| rating.severity < lowest) {
            return self.count_below(rule, &failures, &rating);
        }
        for failure in failures {
            self.add(rule, check, element, failure, &rating);
        }
    }

    /// Counts diagnostics below the lowest severity.
    fn count_below(&mut self, rule: &'r Rule, failures: &[Unmet], rating: &Rating<'r>) {
        for failure in failures {
            let span = failure.span(self.context.subject.document);
            let is_suppressed = (self.options.is_suppressed)(rule, span);
            let severity = rating.severity;
            let key = (rule.id.as_str(), severity, is_suppressed);
            let is_same =
                |it: &BelowLowest<'_>| (it.rule.id.as_str(), it.severity, it.is_suppressed) == key;
            let known = self.checked.below.iter().position(is_same);
            let at = known.unwrap_or_else(|| {
                self.checked.below.push(BelowLowest {
                    rule,
                    severity,
                    is_suppressed,
                    count: 0,
                    elsewhere: BTreeSet::new(),
                });
                self.checked.below.len() - 1
            });
            let below = &mut self.checked.below[at];
            below.count += 1;
            if !rating.elsewhere.is_empty() && !below.elsewhere.contains(&rating.elsewhere) {
                below.elsewhere.insert(rating.elsewhere.clone());
            }
        }
    }

    /// Adds a diagnostic, or counts it if there are too many of the rule.
    fn add(
        &mut self,
        rule: &'r Rule,
        check: &'r Check,
        element: NodeId,
        failure: Unmet,
        rating: &Rating<'r>,
    ) {
        let document = self.context.subject.document;
        let span = failure.span(document);
        let is_suppressed = (self.options.is_suppressed)(rule, span);
        let count = self.counts.entry((&rule.id, is_suppressed)).or_default();
        *count += 1;
        if *count <= self.options.limit {
            let mut failure = failure.describe(self.context.subject);
            if let Some(Repair::Rename(name)) = failure.repair {
                let parent = failure.node.and_then(|node| document.parent(node));
                if !self.corrections.insert((&rule.id, parent, name)) {
                    failure.repair = None;
                }
            }
            let diagnostic = Diagnostic::new(rule, check, element, failure, rating);
            return self.checked.diagnostics.push(diagnostic);
        }
        let severity = rating.severity;
        let key = (rule.id.as_str(), severity, is_suppressed);
        let is_same = |more: &&mut MoreDiagnostics<'_>| {
            (more.rule.id.as_str(), more.severity, more.is_suppressed) == key
        };
        match self.checked.more.iter_mut().find(is_same) {
            Some(more) => more.count += 1,
            None => self.checked.more.push(MoreDiagnostics {
                rule,
                severity,
                is_suppressed,
                first: span,
                count: 1,
            }),
        }
    }

    fn unknown(&mut self, rule: &'r Rule, evaluation: Evaluation) {
        if evaluation.needs_index {
            return self.checked.needing_index.push(rule);
        }
        let reason = evaluation.reason;
        let reason = reason.unwrap_or(UnknownReason::OtherFilesNotRead);
        self.not_checked(rule, reason, evaluation.uses_changed);
    }

    fn not_checked(&mut self, rule: &'r Rule, reason: UnknownReason, uses_changed: bool) {
        if self.options.only_by_changed && !uses_changed {
            return;
        }
        let entry = (rule.id.as_str(), reason);
        if self.not_checked.insert(entry.clone()) {
            self.checked.not_checked.push(entry);
        }
    }
}

/// Adds a rule to a list. The checks of a rule follow each other, so the last one is compared.
fn add_rule<'r>(rules: &mut Vec<&'r str>, id: &'r str) {
    if rules.last() != Some(&id) {
        rules.push(id);
    }
}

/// A failure that may not have been described yet.
pub(super) enum Unmet {
    Described(Failure),
    Schema(SchemaFailure),
}

impl Unmet {
    fn node(&self) -> Option<NodeId> {
        match self {
            Self::Described(failure) => failure.node,
            Self::Schema(failure) => Some(failure.node),
        }
    }

    fn span(&self, document: Document<'_>) -> Span {
        match self {
            Self::Described(failure) => failure.span,
            Self::Schema(failure) => document.span(failure.node),
        }
    }

    fn describe(self, subject: Subject<'_>) -> Failure {
        match self {
            Self::Described(failure) => failure,
            Self::Schema(failure) => failure.describe(subject),
        }
    }
}

/// The failures of a requirement. If there are none, the result may be unknown, for the reason in
/// `evaluation`.
pub(super) fn failures(
    require: &Condition,
    context: Context<'_>,
    element: NodeId,
    is_secret: bool,
    evaluation: &mut Evaluation,
) -> Vec<Unmet> {
    let described = |failures: Vec<Failure>| failures.into_iter().map(Unmet::Described).collect();
    if let Some(failure) = ip_range_failure(require, context.subject, element) {
        return described(vec![failure]);
    }
    match require.inner() {
        Condition::Field(test) => {
            let (failures, unknown) =
                field_failures(test, context.subject, element, context.today, is_secret);
            if let Some(reason) = unknown {
                evaluation.because(|| reason);
            }
            described(failures)
        }
        Condition::Schema(question) => schema_failures(*question, context, evaluation),
        Condition::All(all) => all
            .iter()
            .flat_map(|part| failures(part, context, element, is_secret, evaluation))
            .collect(),
        _ => {
            // Evaluated separately, so that a part that is true does not hide why another is unknown.
            let mut part = Evaluation::default();
            let truth = part.evaluate(require, context, element, Quantifier::All);
            evaluation.uses_changed |= part.uses_changed;
            match truth {
                Truth::False => {
                    let label = part.missing.map_or(String::new(), |it| it.to_string());
                    let document = context.subject.document;
                    let mut failure = Failure::of_element(document, element, label);
                    failure.evidence = part.counterexamples;
                    for one in &mut failure.evidence {
                        let label = || "matches the condition".to_owned();
                        one.label.get_or_insert_with(label);
                    }
                    described(vec![failure])
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
) -> Vec<Unmet> {
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
    result.failures.iter().copied().map(Unmet::Schema).collect()
}
