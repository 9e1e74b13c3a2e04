//! Evaluates conditions to true, false or unknown, with the evidence if they are true and the reason if
//! they are unknown.

use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;

use super::component_index::{ComponentIndex, Question, RelatedComponents};
use super::context::Context;
use super::evidence::{Evaluated, Evidence, MAX_EVIDENCE, first_distinct};
use super::failure::mistyped;
use super::field_test::{Examined, Tested, ValueOutcome, examine};
use super::ip_ranges::{cover_ipv4, find_ranges};
use super::subject::Found;
use super::truth::{Quantifier, Truth};
use crate::finding::UnknownReason;
use crate::rule::{Absent, Condition, ConditionId, CrossFile, FieldTest, IpRanges};
use crate::xml::{NodeId, Span};

/// The state of an evaluation, which all evaluated conditions add to.
#[derive(Debug, Default)]
pub(crate) struct Evaluation {
    pub evidence: Vec<Evidence>,
    /// Why something is unknown or what is missing: the first reason found.
    pub reason: Option<UnknownReason>,
    /// A condition needs other files, which have not been read. The other results are void then.
    pub needs_index: bool,
    /// A condition depends on something that changed, so its result may have been different before.
    pub uses_changed: bool,
}

impl Evaluation {
    /// Sets the reason, unless there already is one.
    pub(super) fn because(&mut self, reason: impl FnOnce() -> UnknownReason) {
        if self.reason.is_none() {
            self.reason = Some(reason());
        }
    }

    fn unknown(&mut self, reason: impl FnOnce() -> UnknownReason) -> Truth {
        self.because(reason);
        Truth::Unknown
    }

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
                self.evidence.truncate(evidence);
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
            Condition::Related(related) => self.related(related, context, quantifier),
            Condition::Component(pattern) => {
                self.uses_changed |= context.is_renamed;
                Truth::of(pattern.is_match(&context.subject.file.component.name))
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
            return self.evaluate(condition, context, node, quantifier);
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

    /// The results of this evaluation, whose value is `truth`.
    fn evaluated(self, truth: Truth) -> Evaluated {
        Evaluated {
            truth,
            evidence: first_distinct(self.evidence),
            reason: self.reason,
            uses_changed: self.uses_changed,
        }
    }

    /// Adds the results of another evaluation, and returns its value.
    fn add(&mut self, evaluated: &Evaluated) -> Truth {
        self.evidence.extend_from_slice(&evaluated.evidence);
        self.uses_changed |= evaluated.uses_changed;
        if let Some(reason) = &evaluated.reason {
            self.because(|| reason.clone());
        }
        evaluated.truth
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
                ValueOutcome::NoItems => return,
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
        let related = RelatedComponents {
            components: index.in_package_directory(project.metadata_type, file),
            some_unreadable: index.has_unreadable(project.metadata_type),
            some_replaced: false,
            elsewhere: Arc::default(),
        };
        self.at_components(project, index, &related, context.today, quantifier)
            .unwrap_or(Truth::False)
    }

    /// Whether the related components satisfy the condition.
    fn related(
        &mut self,
        condition: &CrossFile,
        context: Context<'_>,
        quantifier: Quantifier,
    ) -> Truth {
        let Some(index) = context.index else {
            self.needs_index = true;
            return Truth::Unknown;
        };
        let subject = context.subject;
        let metadata_type = condition.metadata_type;
        // Components may refer to each other by name.
        self.uses_changed |=
            context.is_renamed || index.changed_related(metadata_type, &condition.by, subject);
        let related = index.related_and_deployed(metadata_type, &condition.by, subject);
        let Some(related) = related else {
            return self.unknown(|| replaced(&condition.by));
        };
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
                self.because(reason);
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
        related: &RelatedComponents,
        today: Date,
        quantifier: Quantifier,
    ) -> Option<Truth> {
        let mut truth = None;
        if let [first, others @ ..] = &*related.components {
            let question = Question {
                condition: condition.id,
                quantifier,
                today,
                first: *first,
                count: related.components.len(),
            };
            // Answers about a single component, as for most apps, are not worth the memory.
            let known = (!others.is_empty()).then(|| index.answer(&question));
            let answer = known.flatten().unwrap_or_else(|| {
                let answer = Arc::new(answer(condition, index, related, question));
                if !others.is_empty() {
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
        for &component in related.elsewhere.iter().take(MAX_EVIDENCE + 1) {
            let one = if is_existence {
                let context = Context::of_component(index, component, today);
                let root = context.subject.document.root();
                self.evaluate(&condition.condition, context, root, quantifier)
            } else {
                self.unknown(|| UnknownReason::OtherPackageDirectory {
                    metadata_type: condition.metadata_type.name(),
                })
            };
            truth = Some(quantifier.join(truth, one));
        }
        if related.some_unreadable {
            let of_type = condition.metadata_type;
            let metadata_type = of_type.name();
            let unknown = self.unknown(|| match index.ignored_by(of_type) {
                Some(by) => UnknownReason::FileIgnored { metadata_type, by },
                None => UnknownReason::FileUnreadable { metadata_type },
            });
            truth = Some(quantifier.join(truth, unknown));
        }
        if related.some_replaced {
            let unknown = self.unknown(|| replaced(&condition.by));
            truth = Some(quantifier.join(truth, unknown));
        }
        truth
    }
}

/// Whether a condition only says that the component exists.
fn is_existence(condition: &Condition) -> bool {
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
    related: &RelatedComponents,
    question: Question,
) -> Evaluated {
    let mut evaluation = Evaluation::default();
    let mut truth = None;
    for &component in &*related.components {
        let context = Context::of_component(index, component, question.today);
        let root = context.subject.document.root();
        let one = evaluation.evaluate(&condition.condition, context, root, question.quantifier);
        truth = Some(question.quantifier.join(truth, one));
    }
    // There is at least one component.
    evaluation.evaluated(truth.unwrap_or(Truth::Unknown))
}

fn replaced(field: &str) -> UnknownReason {
    UnknownReason::Replaced {
        field: field.to_owned(),
    }
}
