//! One tree against the checks of its type.
//!
//! In: a [`Scene`] and the rules. Out: a [`Verdict`]: violations with their severity and
//! evidence, and the rules that could not be judged. Spans are still byte offsets; `linter` makes
//! findings of them.

use std::fmt::Write as _;

use super::conditions::{
    Elements, Evaluation, Evidence, Found, Lean, Scene, Truth, find, has_value, mistyped_reason,
    replaced_reason, satisfies, shown,
};
use super::schema_check::{Repair, schema_breaches};
use crate::finding::element_path;
use crate::rule::{
    Absent, Check, Condition, FieldTest, Message, Mistyped, Recipe, Rule, RuleSet, Severity,
};
use crate::text::is_secret_element;
use crate::xml::{Document, Item, NodeId, Span};

/// What the checks say of a file.
#[derive(Default)]
pub(crate) struct Verdict<'r> {
    pub violations: Vec<Violation<'r>>,
    /// Rule and reason.
    pub not_checked: Vec<(&'r str, String)>,
    /// Rules that found something to judge, where that is asked for.
    pub judged: Option<Vec<&'r str>>,
    /// A condition asked about other files before they were looked at: the verdict is void.
    pub needs_facts: bool,
    /// Only what other files that changed had a part in counts.
    only_by_changed: bool,
}

/// A requirement that is not met, with what that means.
pub(crate) struct Violation<'r> {
    pub rule: &'r Rule,
    pub check: &'r Check,
    pub context: NodeId,
    pub breach: Breach,
    pub severity: Severity,
    /// The check's or the risk's.
    pub message: &'r Message,
    /// Sentences without a full stop.
    pub reasons: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub recipe: Option<&'r Recipe>,
    /// The recipe's roll-out text does not hold here.
    pub safe: bool,
    /// A file that changed had a part in it.
    pub uses_changed: bool,
}

/// Where a requirement is not met.
#[derive(Debug, Clone)]
pub(crate) struct Breach {
    pub span: Span,
    /// What stands there.
    pub label: String,
    /// The element's path, for the fingerprint.
    pub element: String,
    /// Other places of the same breach.
    pub also: Vec<(Span, String)>,
    /// The element that is wrong; none where one is missing.
    pub node: Option<NodeId>,
    /// The item of it that is wrong, where it was split.
    pub item: Option<Span>,
    /// What the metadata schema knows to put there.
    pub repair: Option<Repair>,
}

impl Breach {
    /// An element that is wrong, about which nothing more is known.
    pub(crate) fn at(document: Document<'_>, id: NodeId, label: String) -> Self {
        Self {
            span: document.span(id),
            label,
            element: element_path(document, id),
            also: Vec::new(),
            node: Some(id),
            item: None,
            repair: None,
        }
    }
}

/// Places of evidence that a finding carries at most.
const MAX_EVIDENCE: usize = 20;

/// Holds the file of `scene` against every check of its type. With `only_by_changed` it has not
/// changed itself, and what comes out as it did before is left out. Notes which rules judge
/// something if `notes_judged`.
pub(crate) fn check<'r>(
    rules: &'r RuleSet,
    scene: Scene<'_>,
    only_by_changed: bool,
    notes_judged: bool,
) -> Verdict<'r> {
    let mut verdict = Verdict {
        only_by_changed,
        judged: notes_judged.then(Vec::new),
        ..Verdict::default()
    };
    for (rule, check) in rules.checks(scene.file.component.metadata_type) {
        if scene.file.is_forceignored() && !rule.include_forceignored {
            continue;
        }
        let root = scene.document.root();
        let contexts = match &check.each {
            None => Elements::from_iter([root]),
            Some(each) => match find(each, scene, root) {
                Found::Elements(elements) => elements,
                Found::Missing(_) => continue,
                Found::Unknown => {
                    verdict.pass_over(rule, replaced_reason(each.last()), false);
                    continue;
                }
            },
        };
        if let Some(when) = &check.when
            && fails_for_file(when, scene)
        {
            continue;
        }
        for context in contexts {
            verdict.judge(rule, check, scene, context);
        }
    }
    verdict.yield_to_others();
    if only_by_changed {
        verdict.violations.retain(|it| it.uses_changed);
    }
    verdict
}

/// Whether a condition fails whichever element of the file it is asked about: asking once is enough
/// then.
fn fails_for_file(condition: &Condition, scene: Scene<'_>) -> bool {
    match condition {
        Condition::All(all) => all.iter().any(|part| fails_for_file(part, scene)),
        Condition::Any(any) => any.iter().all(|part| fails_for_file(part, scene)),
        condition if condition.is_about_file() => {
            let root = scene.document.root();
            let truth = Evaluation::default().holds(condition, scene, root, Lean::Raising);
            truth == Truth::Fails
        }
        _ => false,
    }
}

impl<'r> Verdict<'r> {
    fn pass_over(&mut self, rule: &'r Rule, reason: String, uses_changed: bool) {
        if self.only_by_changed && !uses_changed {
            return;
        }
        let entry = (rule.id.as_str(), reason);
        if !self.not_checked.contains(&entry) {
            self.not_checked.push(entry);
        }
    }

    /// Rules that only say that something is unusual keep silent where another one says what is
    /// wrong with it.
    fn yield_to_others(&mut self) {
        let said: Vec<Option<NodeId>> = self
            .violations
            .iter()
            .filter(|violation| !violation.rule.fallback)
            .map(|violation| violation.breach.node)
            .collect();
        self.violations.retain(|violation| {
            let node = violation.breach.node;
            !violation.rule.fallback || node.is_none() || !said.contains(&node)
        });
    }

    fn judge(&mut self, rule: &'r Rule, check: &'r Check, scene: Scene<'_>, context: NodeId) {
        let mut evaluation = Evaluation::default();
        if let Some(when) = &check.when {
            match evaluation.holds(when, scene, context, Lean::Raising) {
                Truth::Holds => {}
                Truth::Fails => return,
                Truth::Unknown => return self.unknown(rule, evaluation),
            }
        }
        if let Some(judged) = &mut self.judged {
            judged.push(&rule.id);
        }
        evaluation = Evaluation {
            uses_changed: evaluation.uses_changed,
            ..Evaluation::default()
        };
        let breaches = breaches(&check.require, scene, context, &mut evaluation);
        if breaches.is_empty() {
            if evaluation.needs_facts || evaluation.reason.is_some() {
                self.unknown(rule, evaluation);
            }
            return;
        }
        if scene.facts.is_none() && check.severity_needs_other_files {
            // Weighing it now would only be done again.
            self.needs_facts = true;
            return;
        }
        for breach in breaches {
            let mut violation = Violation {
                rule,
                check,
                context,
                breach,
                severity: check.severity,
                message: &check.message,
                reasons: Vec::new(),
                evidence: Vec::new(),
                recipe: check.fix.as_ref(),
                safe: false,
                uses_changed: evaluation.uses_changed,
            };
            self.needs_facts |= violation.weigh(scene);
            violation.severity = rule.weighed_as.unwrap_or(violation.severity);
            self.violations.push(violation);
        }
    }

    fn unknown(&mut self, rule: &'r Rule, evaluation: Evaluation) {
        self.needs_facts |= evaluation.needs_facts;
        let reason = evaluation.reason.unwrap_or_default();
        self.pass_over(rule, reason, evaluation.uses_changed);
    }
}

impl Violation<'_> {
    /// Finds the evidence that decides the severity. Tells whether facts about other files are
    /// missing for it.
    fn weigh(&mut self, scene: Scene<'_>) -> bool {
        let mut evaluation = Evaluation::default();
        // False once evidence that would have kept the severity up could not be told: what comes
        // behind it on the ladder must not lower it then.
        let mut may_lower = true;
        for risk in &self.check.risks {
            let lowers = risk.safe || risk.severity.is_some_and(|risk| risk < self.check.severity);
            let lean = if lowers {
                Lean::Lowering
            } else {
                Lean::Raising
            };
            let truth = evaluation.holds(&risk.when, scene, self.context, lean);
            if truth != Truth::Holds || (lowers && !may_lower) {
                if evaluation.needs_facts {
                    return true;
                }
                may_lower &= lowers || truth == Truth::Fails;
                evaluation.evidence.clear();
                continue;
            }
            self.severity = risk.severity.unwrap_or(self.severity);
            self.message = risk.message.as_ref().unwrap_or(self.message);
            self.recipe = risk.fix.as_ref().or(self.recipe);
            self.safe = risk.safe;
            self.reasons.push(risk.because.clone());
            self.take_evidence(&mut evaluation, &risk.because);
            break;
        }
        if self.reasons.is_empty() {
            self.reasons.extend(self.check.because.clone());
        }
        for mitigation in &self.check.mitigations {
            let truth = evaluation.holds(&mitigation.when, scene, self.context, Lean::Lowering);
            let lowered = self.severity.lowered();
            if truth == Truth::Holds && lowered < self.severity {
                self.reasons.push(format!(
                    "Lowered from {} to {lowered}: {}",
                    self.severity, mitigation.because
                ));
                self.severity = lowered;
                self.take_evidence(&mut evaluation, &mitigation.because);
            }
            evaluation.evidence.clear();
        }
        self.uses_changed |= evaluation.uses_changed;
        evaluation.needs_facts
    }

    fn take_evidence(&mut self, evaluation: &mut Evaluation, because: &str) {
        // More than anybody reads; code scanning keeps a hundred.
        for mut evidence in evaluation.evidence.drain(..) {
            if self.evidence.len() == MAX_EVIDENCE {
                continue;
            }
            if evidence.fact.is_none() && evidence.span == self.breach.span {
                // The finding itself shows the place.
                continue;
            }
            evidence.label.get_or_insert_with(|| because.to_owned());
            let is_known = self
                .evidence
                .iter()
                .any(|known| known.fact == evidence.fact && known.span == evidence.span);
            if !is_known {
                self.evidence.push(evidence);
            }
        }
    }
}

/// Where a requirement is not met. Nothing, with a reason in `evaluation`, when it cannot be told.
fn breaches(
    require: &Condition,
    scene: Scene<'_>,
    context: NodeId,
    evaluation: &mut Evaluation,
) -> Vec<Breach> {
    match require {
        Condition::Field(test) => field_breaches(test, scene, context, evaluation),
        Condition::Schema(question) => schema_breaches(*question, scene, evaluation),
        Condition::All(all) => all
            .iter()
            .flat_map(|part| breaches(part, scene, context, evaluation))
            .collect(),
        other => {
            // By itself, so that a part that holds does not wipe out why another is unknown.
            let mut part = Evaluation::default();
            let truth = part.holds(other, scene, context, Lean::Lowering);
            evaluation.uses_changed |= part.uses_changed;
            match truth {
                Truth::Fails => vec![Breach {
                    span: scene.document.start_tag(context),
                    label: part.reason.unwrap_or_default(),
                    element: element_path(scene.document, context),
                    also: Vec::new(),
                    node: None,
                    item: None,
                    repair: None,
                }],
                Truth::Holds => Vec::new(),
                Truth::Unknown => {
                    evaluation.needs_facts |= part.needs_facts;
                    evaluation.reason = evaluation.reason.take().or(part.reason);
                    Vec::new()
                }
            }
        }
    }
}

fn field_breaches(
    test: &FieldTest,
    scene: Scene<'_>,
    context: NodeId,
    evaluation: &mut Evaluation,
) -> Vec<Breach> {
    let document = scene.document;
    let name = match test.path.is_start() {
        true => document.name(context),
        false => test.path.last(),
    };
    let unknown = |evaluation: &mut Evaluation, reason: String| {
        evaluation.reason.get_or_insert(reason);
        Vec::new()
    };
    let elements = match find(&test.path, scene, context) {
        Found::Unknown => return unknown(evaluation, replaced_reason(name)),
        Found::Elements(elements) => elements,
        Found::Missing(parent) => return absence(test, scene, parent, evaluation),
    };
    let at = |id: NodeId, label: String| Breach::at(document, id, label);
    if let Some(expected) = test.exists {
        return elements
            .into_iter()
            .filter(|&id| has_value(test, scene, id) != expected)
            .map(|id| {
                let state = if expected {
                    "is empty"
                } else {
                    "should not be here"
                };
                let label = match id == document.root() {
                    // It is the whole file that should not be here, which the message says.
                    true => String::new(),
                    false => format!("`{name}` {state}"),
                };
                let mut breach = at(id, label);
                if id == document.root() {
                    breach.span = document.start_tag(id);
                }
                breach
            })
            .collect();
    }
    if let ([first, .., last], true) = (elements.as_slice(), test.is_single) {
        let label = format!("`{name}` stands here a second time; which one counts is undefined");
        let mut breach = at(*last, label);
        // The same element path as for a single one: it is the same finding.
        breach.element = missing(test, scene, document.parent(*first).unwrap_or(context)).element;
        breach
            .also
            .push((document.span(*first), "here first".to_owned()));
        return vec![breach];
    }
    let mut found = Vec::new();
    for id in elements {
        if scene.replaced.hides_content(document, id) {
            evaluation
                .reason
                .get_or_insert_with(|| replaced_reason(name));
            continue;
        }
        let value = document.value(id);
        let mut is_empty = true;
        let mut judge = |item: Item<'_>| {
            is_empty = false;
            let label = match satisfies(test, document, id, item.text) {
                Ok(true) => return,
                Ok(false) if item.text.is_empty() => format!("`{name}` is empty"),
                Ok(false) => format!("`{name}` is `{}`", shown(name, item.text)),
                Err(mistyped @ Mistyped::Order) => {
                    let reason = mistyped_reason(name, item.text, mistyped);
                    evaluation.reason.get_or_insert(reason);
                    return;
                }
                Err(mistyped) => mistyped_reason(name, item.text, mistyped),
            };
            let mut breach = at(id, label);
            if test.split.is_some() {
                breach.span = item.span;
                breach.item = Some(item.span);
                if !is_secret_element(name) {
                    let _ = write!(breach.element, "[{}]", item.text);
                }
            }
            found.push(breach);
        };
        match test.split {
            Some(split) => value.split(split.separator()).for_each(&mut judge),
            None => judge(value.whole()),
        }
        if is_empty {
            // Without an item it is as if it were not there.
            let mut breaches = absence(test, scene, context, evaluation);
            for breach in &mut breaches {
                *breach = at(id, format!("`{name}` is empty"));
            }
            found.extend(breaches);
        }
    }
    found
}

/// What it means that a field is missing.
fn absence(
    test: &FieldTest,
    scene: Scene<'_>,
    parent: NodeId,
    evaluation: &mut Evaluation,
) -> Vec<Breach> {
    let is_missed = match test.exists {
        Some(expected) => expected,
        None => match test.absent {
            Absent::Violates => true,
            Absent::Complies => false,
            Absent::Unknown => {
                let reason = || format!("`{}` is missing", test.path.last());
                evaluation.reason.get_or_insert_with(reason);
                return Vec::new();
            }
        },
    };
    if is_missed {
        vec![missing(test, scene, parent)]
    } else {
        Vec::new()
    }
}

/// The element that should hold a field does not; one that is nil is pointed at itself.
fn missing(test: &FieldTest, scene: Scene<'_>, parent: NodeId) -> Breach {
    let document = scene.document;
    let path = element_path(document, parent);
    let name = test.path.last();
    let nil = document.children_named(parent, name).next();
    let default = match test.default {
        Some(default) => format!(", which means `{default}`"),
        None => String::new(),
    };
    Breach {
        span: nil.map_or(document.start_tag(parent), |nil| document.span(nil)),
        label: match nil {
            Some(_) => format!("`{name}` is nil, as if it were missing{default}"),
            None => format!("`{name}` is missing{default}"),
        },
        element: if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}/{name}")
        },
        also: Vec::new(),
        node: None,
        item: None,
        repair: None,
    }
}
