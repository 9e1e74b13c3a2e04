//! Evaluates conditions about the number of elements or other components that satisfy a condition.

use std::collections::HashMap;
use std::sync::Arc;

use super::component_index::{About, ComponentIndex, Question, RelatedElements};
use super::conditions::is_existence;
use super::context::Context;
use super::evaluation::{Evaluation, elsewhere, key_unknown, replaced, some_unreadable};
use super::evidence::{Tally, first_distinct};
use super::keyed_elements::{ElementList, IndexedElement};
use super::keys::find_keys;
use super::subject::Found;
use super::truth::{Quantifier, Truth};
use crate::finding::UnknownReason;
use crate::rule::{Absent, Condition, Count, Counted, CrossFile, FieldPath, Join};
use crate::xml::NodeId;

/// How many satisfy a condition: at least and at most so many.
#[derive(Debug, Clone, Copy, Default)]
struct Bounds {
    least: usize,
    most: usize,
}

impl Bounds {
    fn add(&mut self, truth: Truth) {
        self.least = self.least.saturating_add(usize::from(truth == Truth::True));
        self.most = self.most.saturating_add(usize::from(truth != Truth::False));
    }

    /// Unknown components may satisfy it, too.
    fn add_unknown(&mut self) {
        self.most = usize::MAX;
    }

    fn is_at_least(self, count: usize) -> Truth {
        match self {
            Self { least, .. } if least >= count => Truth::True,
            Self { most, .. } if most < count => Truth::False,
            _ => Truth::Unknown,
        }
    }
}

impl Evaluation {
    /// Whether the number is within the limits.
    pub(super) fn count(
        &mut self,
        count: &Count,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Truth {
        let mut truth = Truth::True;
        if let Some(at_least) = count.at_least {
            let bounds = self.bounds(count, context, node, quantifier);
            truth = bounds.is_at_least(at_least);
        }
        if let Some(at_most) = count.at_most {
            let evidence = self.evidence.len();
            let bounds = self.bounds(count, context, node, quantifier.flipped());
            let is_within = bounds.is_at_least(at_most.saturating_add(1)).not();
            let found = self.evidence.split_off(evidence);
            if is_within == Truth::False {
                self.counterexamples.extend(found);
            }
            truth = truth.and(is_within);
        }
        truth
    }

    fn bounds(
        &mut self,
        count: &Count,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Bounds {
        match &count.counted {
            Counted::Elements(path, inner) => {
                self.count_elements(path, inner, context, node, quantifier)
            }
            Counted::Components(other) => {
                let is_limit = count.at_least.is_none();
                self.count_components(other, is_limit, context, node, quantifier)
            }
        }
    }

    fn count_elements(
        &mut self,
        path: &FieldPath,
        inner: &Condition,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Bounds {
        let mut bounds = Bounds::default();
        match context.subject.find(path, node) {
            Found::Unknown => {
                self.because(|| replaced(path.last()));
                bounds.add_unknown();
            }
            Found::Missing(_) => {}
            Found::Elements(elements) => elements
                .into_iter()
                .for_each(|it| bounds.add(self.evaluate(inner, context, it, quantifier))),
        }
        bounds
    }

    /// `is_limit`: the condition is true if there are none.
    fn count_components(
        &mut self,
        other: &CrossFile,
        is_limit: bool,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Bounds {
        let mut bounds = Bounds::default();
        let Some(index) = context.index else {
            self.needs_index = true;
            bounds.add_unknown();
            return bounds;
        };
        let subject = context.subject;
        let metadata_type = other.metadata_type;
        let Some(join) = &other.join else {
            self.uses_changed |= index.changed_in_package_directory(metadata_type, subject.file);
            let related = RelatedElements {
                list: index.in_package_directory(metadata_type, subject.file),
                some_unreadable: index.has_unreadable(metadata_type),
                some_replaced: false,
                elsewhere: Arc::default(),
            };
            self.add_list(&mut bounds, other, index, &related, context, quantifier);
            self.add_absent_type(&mut bounds, other, is_limit, index, context);
            return bounds;
        };
        let keys = find_keys(&join.from, subject, node);
        self.uses_changed |= (context.is_renamed && join.from.has_name())
            || index.changed_related(metadata_type, join, &keys);
        if keys.some_replaced {
            self.because(|| key_unknown(&join.from, true));
            bounds.add_unknown();
        }
        for key in &keys.texts {
            let related = index.related(metadata_type, join, key, subject);
            let is_found = self.add_list(&mut bounds, other, index, &related, context, quantifier);
            if !is_found && names_component(join) {
                self.add_absent(&mut bounds, other, is_limit);
            }
        }
        if !names_component(join) && !keys.texts.is_empty() {
            self.uses_changed |= index.changed_existence(metadata_type, subject.file);
            self.add_absent_type(&mut bounds, other, is_limit, index, context);
        }
        bounds
    }

    /// Adds the elements of a list. Returns whether there are any, or may be.
    fn add_list(
        &mut self,
        bounds: &mut Bounds,
        other: &CrossFile,
        index: &ComponentIndex,
        related: &RelatedElements,
        context: Context<'_>,
        quantifier: Quantifier,
    ) -> bool {
        let has_elsewhere = !related.elsewhere.elements.is_empty();
        // That the project has the component is a fact, wherever it is. What is in it counts only if it is
        // deployed together.
        let is_by_name = other.join.as_ref().is_none_or(is_about_name);
        let counts_elsewhere = has_elsewhere && is_by_name && is_existence(&other.condition);
        let list = match counts_elsewhere {
            true => &related.elsewhere,
            false => &related.list,
        };
        if !list.elements.is_empty() {
            let question = Question {
                condition: other.id,
                quantifier,
                today: context.today,
                about: About::List(list.id),
            };
            let tally = tally(other, index, list, question);
            bounds.least = bounds.least.saturating_add(tally.least);
            bounds.most = bounds.most.saturating_add(tally.most);
            self.evidence.extend_from_slice(&tally.evidence);
            self.uses_changed |= tally.uses_changed;
            if let Some(reason) = &tally.reason {
                self.because(|| reason.clone());
            }
        }
        if has_elsewhere && !counts_elsewhere {
            self.because(|| elsewhere(other));
            bounds.add_unknown();
        }
        if related.some_unreadable {
            self.because(|| some_unreadable(other, index));
            bounds.add_unknown();
        }
        if related.some_replaced
            && let Some(join) = &other.join
        {
            self.because(|| key_unknown(&join.to.key, true));
            bounds.add_unknown();
        }
        !list.elements.is_empty()
            || has_elsewhere
            || related.some_unreadable
            || related.some_replaced
    }

    /// Adds what `absent` says about a component that is not in the project.
    fn add_absent(&mut self, bounds: &mut Bounds, other: &CrossFile, is_limit: bool) {
        let metadata_type = other.metadata_type.name();
        let reason = || match &other.join {
            Some(_) => UnknownReason::NoRelatedComponent { metadata_type },
            None => UnknownReason::NoComponent { metadata_type },
        };
        match other.absent {
            Absent::Unknown => {
                self.because(reason);
                bounds.add(Truth::Unknown);
            }
            Absent::Complies => bounds.add(Truth::of(!is_limit)),
            Absent::Violates => {
                self.is_missing(reason);
                bounds.add(Truth::of(is_limit));
            }
        }
    }

    /// If there is no component of the type, it may be in the org only. If there is one, the project has those
    /// that matter.
    fn add_absent_type(
        &mut self,
        bounds: &mut Bounds,
        other: &CrossFile,
        is_limit: bool,
        index: &ComponentIndex,
        context: Context<'_>,
    ) {
        let file = context.subject.file;
        let in_other_orgs = match file.project.namespace() {
            Some(_) => Some(UnknownReason::ManagedPackage),
            None => file
                .project
                .broken
                .as_ref()
                .map(|_| UnknownReason::ProjectFileUnreadable),
        };
        let is_absent = !index.has_in_package_directory(other.metadata_type, file);
        match in_other_orgs {
            Some(reason) if other.absent == Absent::Unknown => {
                self.because(|| reason);
                bounds.add_unknown();
            }
            _ if bounds.most > 0 => {}
            None if !is_absent => {
                let metadata_type = other.metadata_type.name();
                self.is_missing(|| match &other.join {
                    Some(_) => UnknownReason::NoRelatedComponent { metadata_type },
                    None => UnknownReason::NoComponentComplies { metadata_type },
                });
            }
            _ => self.add_absent(bounds, other, is_limit),
        }
    }
}

/// Whether a key is the name of one component, which may be in the org only.
fn names_component(join: &Join) -> bool {
    join.to.key.path.is_none()
}

/// Whether the join only depends on the name of the other component, not on what is in it.
fn is_about_name(join: &Join) -> bool {
    names_component(join) && join.to.each.is_none()
}

/// How many elements of a list satisfy the condition. Copies of a component in several files are one.
fn tally(
    other: &CrossFile,
    index: &ComponentIndex,
    list: &ElementList,
    question: Question,
) -> Arc<Tally> {
    let elements = &*list.elements;
    if let [element] = elements {
        return Arc::new(tally_groups(other, index, &[vec![*element]], question));
    }
    if let Some(known) = index.tally(&question) {
        return known;
    }
    let mut groups: Vec<Vec<IndexedElement>> = Vec::new();
    match other.join.as_ref().and_then(|join| join.to.each.as_ref()) {
        // A component can have several such elements.
        Some(_) => groups.extend(elements.iter().map(|element| vec![*element])),
        None => {
            let mut by_name: HashMap<&str, usize> = HashMap::new();
            for element in elements {
                let name = index
                    .component(element.component)
                    .file
                    .component
                    .name
                    .as_str();
                let at = *by_name.entry(name).or_insert(groups.len());
                match groups.get_mut(at) {
                    Some(group) => group.push(*element),
                    None => groups.push(vec![*element]),
                }
            }
        }
    }
    let tally = Arc::new(tally_groups(other, index, &groups, question));
    index.add_tally(question, &tally);
    tally
}

fn tally_groups(
    other: &CrossFile,
    index: &ComponentIndex,
    groups: &[Vec<IndexedElement>],
    question: Question,
) -> Tally {
    let mut evaluation = Evaluation::default();
    let mut bounds = Bounds::default();
    for group in groups {
        let evidence = evaluation.evidence.len();
        let mut truth = None;
        for element in group {
            let one = at_element(&mut evaluation, other, index, *element, question);
            truth = Some(question.quantifier.join(truth, one));
        }
        let truth = truth.unwrap_or(Truth::False);
        if truth != Truth::True {
            evaluation.evidence.truncate(evidence);
        }
        bounds.add(truth);
    }
    Tally {
        least: bounds.least,
        most: bounds.most,
        evidence: first_distinct(evaluation.evidence),
        reason: evaluation.reason,
        uses_changed: evaluation.uses_changed,
    }
}

/// Whether an element satisfies the condition. The answer about a component is kept, because a component can be
/// in many lists.
fn at_element(
    evaluation: &mut Evaluation,
    other: &CrossFile,
    index: &ComponentIndex,
    element: IndexedElement,
    question: Question,
) -> Truth {
    let IndexedElement { component, node } = element;
    let quantifier = question.quantifier;
    let context = Context::of_component(index, component, question.today);
    if node != context.subject.document.root() {
        return evaluation.evaluate(&other.condition, context, node, quantifier);
    }
    let question = Question {
        about: About::Component(component),
        ..question
    };
    let answer = index.answer(&question).unwrap_or_else(|| {
        let mut apart = Evaluation::default();
        let truth = apart.evaluate(&other.condition, context, node, quantifier);
        let answer = Arc::new(apart.evaluated(truth));
        index.add_answer(question, &answer);
        answer
    });
    evaluation.add(&answer)
}
