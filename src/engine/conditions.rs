//! Evaluates conditions to true, false or unknown, with the evidence if they are true and the reason if
//! they are unknown.

use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;

use super::component_index::{About, ComponentIndex, Question, RelatedElements};
use super::context::Context;
use super::evaluation::{Evaluation, elsewhere, key_unknown, replaced, some_unreadable};
use super::evidence::{Evaluated, Evidence, MAX_EVIDENCE};
use super::failure::mistyped;
use super::field_test::{Examined, Tested, ValueOutcome, examine};
use super::ip_ranges::{cover_ipv4, find_ranges};
use super::keyed_elements::ElementList;
use super::keys::find_keys;
use super::subject::Found;
use super::truth::{Quantifier, Truth};
use crate::finding::UnknownReason;
use crate::rule::{Absent, Condition, ConditionId, CrossFile, FieldTest, IpRanges, NamePart};
use crate::xml::{NodeId, Span};

impl Evaluation {
    /// Evaluates `condition` at the element `node`.
    pub(super) fn evaluate(
        &mut self,
        condition: &Condition,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Truth {
        let evidence = self.evidence.len();
        let truth = match condition {
            Condition::AboutFile(id, inner) => {
                self.about_file(*id, inner, context, node, quantifier)
            }
            Condition::Field(test) => self.field(test, context, node),
            Condition::All(all) => {
                let mut truth = Truth::True;
                for part in all {
                    truth = truth.and(self.evaluate(part, context, node, quantifier));
                    if truth == Truth::False {
                        break;
                    }
                }
                truth
            }
            // Every part is evaluated, because each one that is true is evidence.
            Condition::Any(any) => any.iter().fold(Truth::False, |truth, part| {
                truth.or(self.evaluate(part, context, node, quantifier))
            }),
            Condition::Not(inner) => {
                let truth = self.evaluate(inner, context, node, quantifier.flipped());
                if self.evidence.len() > evidence {
                    // The finding is in this file, and its message explains it. Other files have to be shown.
                    let found = self.evidence.drain(evidence..);
                    let elsewhere = found.filter(|it| it.component.is_some());
                    self.counterexamples.extend(elsewhere);
                }
                truth.not()
            }
            Condition::Some(path, inner) => match context.subject.find(path, node) {
                Found::Unknown => self.unknown(|| replaced(path.last())),
                Found::Missing(_) => Truth::False,
                Found::Elements(elements) => {
                    elements.into_iter().fold(Truth::False, |truth, element| {
                        truth.or(self.evaluate(inner, context, element, quantifier))
                    })
                }
            },
            Condition::AllIpv4(ranges) => self.all_ipv4(ranges, context, node, quantifier),
            Condition::Project(project) => self.project(project, context, quantifier),
            Condition::Related(related) => self.related(related, context, node, quantifier),
            Condition::Count(count) => self.count(count, context, node, quantifier),
            // The main file may have another suffix.
            Condition::Name(NamePart::Suffix, _) if context.subject.is_piece => {
                self.unknown(|| UnknownReason::NoMainFile)
            }
            Condition::Name(part, pattern) => {
                self.uses_changed |= context.is_renamed;
                let file = context.subject.file;
                Truth::of(match part {
                    NamePart::FullName => pattern.is_match(&file.component.name),
                    NamePart::Suffix => pattern.is_match(&file.suffix()),
                })
            }
            // Only allowed in `require`, where `failures` evaluates it.
            Condition::Schema(_) => Truth::Unknown,
        };
        if truth != Truth::True {
            self.evidence.truncate(evidence);
        }
        truth
    }

    /// Evaluates a condition whose result is the same for every element of the file.
    fn about_file(
        &mut self,
        id: ConditionId,
        condition: &Condition,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Truth {
        let Some(cache) = context.cache else {
            return self.about_indexed(id, condition, context, node, quantifier);
        };
        let key = (id, quantifier);
        let known = cache.conditions.borrow().get(&key).map(Rc::clone);
        let evaluated = match known {
            Some(evaluated) => evaluated,
            None => {
                let mut alone = Self::default();
                let truth = alone.evaluate(condition, context, node, quantifier);
                if alone.needs_index {
                    self.needs_index = true;
                    return truth;
                }
                let evaluated = Rc::new(alone.evaluated(truth));
                let mut known = cache.conditions.borrow_mut();
                known.insert(key, Rc::clone(&evaluated));
                evaluated
            }
        };
        self.add(&evaluated)
    }

    fn field(&mut self, test: &FieldTest, context: Context<'_>, node: NodeId) -> Truth {
        let name = test.path.last();
        let quantifier = match test.every || test.exists == Some(false) {
            true => Quantifier::All,
            false => Quantifier::Any,
        };
        let mut truth = None;
        let examined = examine(test, context.subject, node, context.today, |tested| {
            let value = match tested.outcome {
                ValueOutcome::Pass => {
                    self.add_evidence(test, context, &tested);
                    Truth::True
                }
                ValueOutcome::Fail => Truth::False,
                ValueOutcome::Mistyped(expected) => {
                    let value = || mistyped(context.subject, name, &tested, expected);
                    self.unknown(|| UnknownReason::Mistyped(value()))
                }
                ValueOutcome::Replaced => self.unknown(|| replaced(name)),
                ValueOutcome::Empty => return,
            };
            truth = Some(quantifier.join(truth, value));
        });
        match examined {
            Examined::Unknown => return self.unknown(|| replaced(name)),
            Examined::Repeated { .. } => {
                return self.unknown(|| UnknownReason::Repeated {
                    field: name.to_owned(),
                });
            }
            Examined::Missing(_) | Examined::Elements => {}
        }
        match (truth, test.exists) {
            // Empty elements count as missing.
            (Some(Truth::False) | None, Some(true)) if test.absent != Absent::Violates => {
                self.absent(test.absent, name)
            }
            (Some(truth), _) => truth,
            (None, Some(expected)) => Truth::of(!expected),
            (None, None) => self.absent(test.absent, name),
        }
    }

    fn absent(&mut self, absent: Absent, name: &str) -> Truth {
        match absent {
            Absent::Complies => Truth::True,
            Absent::Violates => Truth::False,
            Absent::Unknown => self.unknown(|| UnknownReason::Missing {
                field: name.to_owned(),
            }),
        }
    }

    fn add_evidence(&mut self, test: &FieldTest, context: Context<'_>, tested: &Tested<'_>) {
        let whole = context.subject.document.span(tested.element);
        let span: Span = match (tested.item, test.split, test.exists) {
            // There is nothing to show of an element that does not exist.
            (.., Some(false)) => return,
            (Some(item), Some(_), _) => item.span,
            _ => whole,
        };
        self.evidence.push(Evidence {
            component: context.component,
            span,
            label: test.label.clone(),
        });
    }

    /// Whether the ranges contain together almost all public IPv4 addresses. A range with an unknown end
    /// may complete them, so the result is unknown where one possibility is enough.
    fn all_ipv4(
        &mut self,
        ranges: &IpRanges,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Truth {
        let found = find_ranges(ranges, context.subject, node);
        if let Some(parts) = cover_ipv4(found.ranges) {
            let document = context.subject.document;
            self.evidence
                .extend(parts.into_iter().map(|element| Evidence {
                    component: context.component,
                    span: document.span(element),
                    label: None,
                }));
            return Truth::True;
        }
        match (found.replaced, quantifier) {
            (Some(field), Quantifier::Any) => self.unknown(|| replaced(field)),
            _ => Truth::False,
        }
    }

    /// Whether a component of the type in the package directory satisfies the condition.
    fn project(
        &mut self,
        project: &CrossFile,
        context: Context<'_>,
        quantifier: Quantifier,
    ) -> Truth {
        let Some(index) = context.index else {
            self.needs_index = true;
            return Truth::Unknown;
        };
        let file = context.subject.file;
        if file.project.namespace().is_some() {
            return self.unknown(|| UnknownReason::ManagedPackage);
        }
        if file.project.broken.is_some() {
            return self.unknown(|| UnknownReason::ProjectFileUnreadable);
        }
        self.uses_changed |= index.changed_in_package_directory(project.metadata_type, file);
        let related = RelatedElements {
            list: index.in_package_directory(project.metadata_type, file),
            some_unreadable: index.has_unreadable(project.metadata_type),
            some_replaced: false,
            elsewhere: Arc::default(),
        };
        self.at_components(project, index, &related, context.today, quantifier)
            .unwrap_or(Truth::False)
    }

    /// Whether the related component satisfies the condition.
    fn related(
        &mut self,
        condition: &CrossFile,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Truth {
        let Some(index) = context.index else {
            self.needs_index = true;
            return Truth::Unknown;
        };
        let Some(join) = &condition.join else {
            return self.project(condition, context, quantifier);
        };
        let subject = context.subject;
        let metadata_type = condition.metadata_type;
        let keys = find_keys(&join.from, subject, node);
        self.uses_changed |= (context.is_renamed && join.from.has_name())
            || index.changed_related(metadata_type, join, &keys);
        let Some(key) = keys.texts.first() else {
            return self.unknown(|| key_unknown(&join.from, keys.some_replaced));
        };
        let related = index.related(metadata_type, join, key, subject);
        if let Some(truth) =
            self.at_components(condition, index, &related, context.today, quantifier)
        {
            return truth;
        }
        let reason = || UnknownReason::NoRelatedComponent {
            metadata_type: metadata_type.name(),
        };
        match condition.absent {
            Absent::Complies => Truth::True,
            Absent::Violates => {
                self.is_missing(reason);
                Truth::False
            }
            Absent::Unknown => self.unknown(reason),
        }
    }

    /// Whether the components satisfy the condition: one or all of them, because it is unknown which of
    /// several takes effect. The result for a component that may be one of them is unknown. `None` if
    /// there are no components.
    fn at_components(
        &mut self,
        condition: &CrossFile,
        index: &ComponentIndex,
        related: &RelatedElements,
        today: Date,
        quantifier: Quantifier,
    ) -> Option<Truth> {
        let mut truth = None;
        if let [_, others @ ..] = &*related.list.elements {
            let question = Question {
                condition: condition.id,
                quantifier,
                today,
                about: About::List(related.list.id),
            };
            // Each app asks about another component that belongs to it, so such an answer is not worth the
            // memory. All files of a package directory ask about the same ones, which can be long.
            let is_shared = !others.is_empty() || condition.join.is_none();
            let known = is_shared.then(|| index.answer(&question));
            let answer = known.flatten().unwrap_or_else(|| {
                let answer = Arc::new(answer(condition, index, &related.list, question));
                if is_shared {
                    index.add_answer(question, &answer);
                }
                answer
            });
            truth = Some(self.add(&answer));
        }
        // That the project has the component is a fact, wherever it is. What is in it counts only if it is
        // deployed together.
        let is_existence = is_existence(&condition.condition);
        // More of them would be no more evidence.
        for element in related.elsewhere.elements.iter().take(MAX_EVIDENCE + 1) {
            let one = if is_existence {
                let context = Context::of_component(index, element.component, today);
                self.evaluate(&condition.condition, context, element.node, quantifier)
            } else {
                self.unknown(|| elsewhere(condition))
            };
            truth = Some(quantifier.join(truth, one));
        }
        if related.some_unreadable {
            let unknown = self.unknown(|| some_unreadable(condition, index));
            truth = Some(quantifier.join(truth, unknown));
        }
        if related.some_replaced
            && let Some(join) = &condition.join
        {
            let unknown = self.unknown(|| key_unknown(&join.to.key, true));
            truth = Some(quantifier.join(truth, unknown));
        }
        truth
    }

    /// Evaluates a condition whose result is the same for every element of a component of the index. For the
    /// component as a whole, the answer is not worth the memory.
    fn about_indexed(
        &mut self,
        id: ConditionId,
        condition: &Condition,
        context: Context<'_>,
        node: NodeId,
        quantifier: Quantifier,
    ) -> Truth {
        let root = context.subject.document.root();
        let (Some(index), Some(component)) = (context.index, context.component) else {
            return self.evaluate(condition, context, node, quantifier);
        };
        if node == root {
            return self.evaluate(condition, context, node, quantifier);
        }
        let question = Question {
            condition: id,
            quantifier,
            today: context.today,
            about: About::Component(component),
        };
        let answer = index.answer(&question).unwrap_or_else(|| {
            let mut apart = Self::default();
            let truth = apart.evaluate(condition, context, root, quantifier);
            let answer = Arc::new(apart.evaluated(truth));
            index.add_answer(question, &answer);
            answer
        });
        self.add(&answer)
    }
}

/// Whether a condition only says that the component exists.
pub(super) fn is_existence(condition: &Condition) -> bool {
    match condition.inner() {
        Condition::Field(test) => {
            test.path.is_start() && test.exists == Some(true) && test.operators.is_empty()
        }
        _ => false,
    }
}

/// Evaluates a condition about several components.
fn answer(
    condition: &CrossFile,
    index: &ComponentIndex,
    list: &ElementList,
    question: Question,
) -> Evaluated {
    let mut evaluation = Evaluation::default();
    let mut truth = None;
    for element in &list.elements {
        let context = Context::of_component(index, element.component, question.today);
        let quantifier = question.quantifier;
        let one = evaluation.evaluate(&condition.condition, context, element.node, quantifier);
        truth = Some(question.quantifier.join(truth, one));
    }
    // There is at least one component.
    evaluation.evaluated(truth.unwrap_or(Truth::Unknown))
}
