//! Conditions in three values.
//!
//! In: a condition, a context element and, where it asks about other files, the [`Facts`] about
//! them. Out: whether it holds, fails or cannot be told, with the evidence for holding and the
//! reason for not knowing. Combined as Kleene did: an unknown part matters only where it would
//! decide.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use smallvec::SmallVec;

use super::component_index::{Facts, Partners};
use super::schema_check::HeldAgainstSchema;
use crate::project::{Replaced, SourceFile};
use crate::rule::{Absent, Condition, CrossFile, FieldPath, FieldTest, Mistyped};
use crate::text::{MASK, is_secret_element, mask};
use crate::xml::{Document, Item, NodeId, Span};

/// The value of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Holds,
    Fails,
    Unknown,
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::Fails }
    }

    fn not(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
            Self::Unknown => Self::Unknown,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fails, _) | (_, Self::Fails) => Self::Fails,
            (Self::Holds, Self::Holds) => Self::Holds,
            _ => Self::Unknown,
        }
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// Which way a question about several components leans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lean {
    /// One component that satisfies it is enough: the condition raises the severity.
    Raising,
    /// Every component has to: the condition lowers the severity, or clears the app.
    Lowering,
}

impl Lean {
    fn flipped(self) -> Self {
        match self {
            Self::Raising => Self::Lowering,
            Self::Lowering => Self::Raising,
        }
    }
}

/// What conditions may look at.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub document: Document<'a>,
    pub replaced: &'a Replaced,
    pub file: &'a SourceFile,
    /// What the other files of the project say, once it has been gathered.
    pub facts: Option<&'a Facts>,
    /// The place of this very file among the facts, while conditions about it are evaluated.
    pub fact: Option<usize>,
    /// The component had another name before, and nothing else of it changed.
    pub is_renamed: bool,
    /// What was worked out about this file already.
    pub answers: Option<&'a Answers>,
}

/// Answers that are the same for every element of a file: a check of each of ten thousand elements
/// would work them out ten thousand times.
#[derive(Default)]
pub(crate) struct Answers {
    conditions: RefCell<HashMap<(*const Condition, Lean), Answer>>,
    pub(crate) schema: OnceCell<HeldAgainstSchema>,
}

#[derive(Clone)]
struct Answer {
    truth: Truth,
    evidence: Vec<Evidence>,
    reason: Option<String>,
    uses_changed: bool,
}

/// A place that speaks for a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// The file's place among the facts; `None` for the file that is judged.
    pub fact: Option<usize>,
    pub span: Span,
    pub label: Option<String>,
}

/// What came up while a condition was evaluated.
#[derive(Debug, Default)]
pub(super) struct Evaluation {
    pub evidence: Vec<Evidence>,
    /// Why something could not be told, or what is missing: the first reason that came up.
    pub reason: Option<String>,
    /// A condition asked about other files before they were looked at. Nothing else then counts.
    pub needs_facts: bool,
    /// A condition asked about something that changed, so that it may have been told otherwise before.
    pub uses_changed: bool,
}

impl Evaluation {
    fn because(&mut self, reason: impl FnOnce() -> String) {
        if self.reason.is_none() {
            self.reason = Some(reason());
        }
    }

    fn unknown(&mut self, reason: impl FnOnce() -> String) -> Truth {
        self.because(reason);
        Truth::Unknown
    }

    /// Evaluates `condition` at the element `node`.
    pub(super) fn holds(
        &mut self,
        condition: &Condition,
        scene: Scene<'_>,
        node: NodeId,
        lean: Lean,
    ) -> Truth {
        let Some(answers) = scene.answers.filter(|_| condition.is_about_file()) else {
            return self.work_out(condition, scene, node, lean);
        };
        // Rules outlive the answers about a file, so an address is one condition's alone.
        let key = (std::ptr::from_ref(condition), lean);
        let known = answers.conditions.borrow().get(&key).cloned();
        let answer = match known {
            Some(answer) => answer,
            None => {
                let mut alone = Self::default();
                let truth = alone.work_out(condition, scene, node, lean);
                if alone.needs_facts {
                    self.needs_facts = true;
                    return truth;
                }
                let answer = Answer {
                    truth,
                    evidence: alone.evidence,
                    reason: alone.reason,
                    uses_changed: alone.uses_changed,
                };
                answers.conditions.borrow_mut().insert(key, answer.clone());
                answer
            }
        };
        self.evidence.extend(answer.evidence);
        self.uses_changed |= answer.uses_changed;
        if let Some(reason) = answer.reason {
            self.because(|| reason);
        }
        answer.truth
    }

    fn work_out(
        &mut self,
        condition: &Condition,
        scene: Scene<'_>,
        node: NodeId,
        lean: Lean,
    ) -> Truth {
        let evidence = self.evidence.len();
        let truth = match condition {
            Condition::Field(test) => self.field(test, scene, node),
            Condition::All(all) => {
                let mut truth = Truth::Holds;
                for part in all {
                    truth = truth.and(self.holds(part, scene, node, lean));
                    if truth == Truth::Fails {
                        break;
                    }
                }
                truth
            }
            Condition::Any(any) => any.iter().fold(Truth::Fails, |truth, part| {
                // All of them, because each that holds is evidence.
                truth.or(self.holds(part, scene, node, lean))
            }),
            Condition::Not(inner) => {
                let truth = self.holds(inner, scene, node, lean.flipped()).not();
                self.evidence.truncate(evidence);
                truth
            }
            Condition::Some(path, inner) => match find(path, scene, node) {
                Found::Unknown => self.unknown(|| replaced_reason(path.last())),
                Found::Missing(_) => Truth::Fails,
                Found::Elements(elements) => {
                    elements.into_iter().fold(Truth::Fails, |truth, element| {
                        truth.or(self.holds(inner, scene, element, lean))
                    })
                }
            },
            Condition::Project(project) => self.project(project, scene, lean),
            Condition::Related(related) => self.related(related, scene, lean),
            Condition::Component(pattern) => {
                self.uses_changed |= scene.is_renamed;
                Truth::of(pattern.is_match(&scene.file.component.name))
            }
            // It stands in `require` alone, where `check` asks it.
            Condition::Schema(_) => Truth::Unknown,
        };
        if truth != Truth::Holds {
            self.evidence.truncate(evidence);
        }
        truth
    }

    fn field(&mut self, test: &FieldTest, scene: Scene<'_>, node: NodeId) -> Truth {
        let found = match find(&test.path, scene, node) {
            Found::Elements(elements) => elements,
            Found::Missing(_) => Elements::new(),
            Found::Unknown => return self.unknown(|| replaced_reason(test.path.last())),
        };
        if let Some(expected) = test.exists {
            let there: Vec<NodeId> = found
                .into_iter()
                .filter(|&id| has_value(test, scene, id))
                .collect();
            if expected {
                for &id in &there {
                    self.add_evidence(scene, scene.document.span(id), test);
                }
            }
            if there.is_empty() && expected && test.absent != Absent::Violates {
                return self.absent(test.absent, test.path.last());
            }
            return Truth::of(there.is_empty() != expected);
        }
        if test.is_single && found.len() > 1 {
            return self.unknown(|| format!("`{}` stands twice", test.path.last()));
        }
        let mut truth: Option<Truth> = None;
        for id in found {
            if scene.replaced.hides_content(scene.document, id) {
                let unknown = self.unknown(|| replaced_reason(test.path.last()));
                truth = Some(join(truth, unknown, test.every));
                continue;
            }
            let value = scene.document.value(id);
            let mut judge = |item: Item<'_>| {
                let satisfied = match satisfies(test, scene.document, id, item.text) {
                    Ok(satisfied) => Truth::of(satisfied),
                    Err(mistyped) => {
                        self.unknown(|| mistyped_reason(test.path.last(), item.text, mistyped))
                    }
                };
                if satisfied == Truth::Holds {
                    let span = if test.split.is_some() {
                        item.span
                    } else {
                        scene.document.span(id)
                    };
                    self.add_evidence(scene, span, test);
                }
                truth = Some(join(truth, satisfied, test.every));
            };
            match test.split {
                Some(split) => value.split(split.separator()).for_each(&mut judge),
                None => judge(value.whole()),
            }
        }
        truth.unwrap_or_else(|| self.absent(test.absent, test.path.last()))
    }

    fn absent(&mut self, absent: Absent, name: &str) -> Truth {
        match absent {
            Absent::Complies => Truth::Holds,
            Absent::Violates => Truth::Fails,
            Absent::Unknown => self.unknown(|| format!("`{name}` is missing")),
        }
    }

    fn add_evidence(&mut self, scene: Scene<'_>, span: Span, test: &FieldTest) {
        self.evidence.push(Evidence {
            fact: scene.fact,
            span,
            label: test.label.clone(),
        });
    }

    /// Some component of the type in the package directory satisfies the condition.
    fn project(&mut self, project: &CrossFile, scene: Scene<'_>, lean: Lean) -> Truth {
        let Some(facts) = scene.facts else {
            self.needs_facts = true;
            return Truth::Unknown;
        };
        if scene.file.project.namespace().is_some() {
            return self.unknown(|| {
                "the package is installed in other orgs, of which the source tells nothing"
                    .to_owned()
            });
        }
        if scene.file.project.broken.is_some() {
            return self.unknown(|| "sfdx-project.json cannot be read".to_owned());
        }
        self.uses_changed |= facts.changed_in_package_directory(project.metadata_type, scene.file);
        let partners = Partners {
            facts: facts.in_package_directory(project.metadata_type, scene.file),
            some_unreadable: facts.has_unreadable(project.metadata_type),
            some_replaced: false,
        };
        self.at_partners(project, facts, &partners, lean)
            .unwrap_or(Truth::Fails)
    }

    /// The components that belong to this one satisfy the condition.
    fn related(&mut self, related: &CrossFile, scene: Scene<'_>, lean: Lean) -> Truth {
        let Some(facts) = scene.facts else {
            self.needs_facts = true;
            return Truth::Unknown;
        };
        // Components may find each other by their names.
        self.uses_changed |=
            scene.is_renamed || facts.changed_related(related.metadata_type, &related.by, scene);
        let partners = facts.related(related.metadata_type, &related.by, scene);
        let Some(partners) = partners else {
            return self.unknown(|| replaced_reason(&related.by));
        };
        if let Some(truth) = self.at_partners(related, facts, &partners, lean) {
            return truth;
        }
        let reason = || {
            format!(
                "no {} in the project belongs to it",
                related.metadata_type.name()
            )
        };
        match related.absent {
            Absent::Complies => Truth::Holds,
            Absent::Violates => {
                self.because(reason);
                Truth::Fails
            }
            Absent::Unknown => self.unknown(reason),
        }
    }

    /// Whether one of the components satisfies the condition, or for a condition that lowers
    /// whether all of them do: which of several takes effect nobody knows. A component that may
    /// be one of them counts as one of which nothing can be told. `None` without any.
    fn at_partners(
        &mut self,
        question: &CrossFile,
        facts: &Facts,
        partners: &Partners,
        lean: Lean,
    ) -> Option<Truth> {
        let every = lean == Lean::Lowering;
        let mut truth = None;
        for &fact in &partners.facts {
            let one = self.at_fact(&question.condition, facts, fact, lean);
            truth = Some(join(truth, one, every));
        }
        if partners.some_unreadable {
            let unknown = self.unknown(|| unreadable_reason(question));
            truth = Some(join(truth, unknown, every));
        }
        if partners.some_replaced {
            let unknown = self.unknown(|| replaced_reason(&question.by));
            truth = Some(join(truth, unknown, every));
        }
        truth
    }

    fn at_fact(&mut self, condition: &Condition, facts: &Facts, fact: usize, lean: Lean) -> Truth {
        let scene = facts.scene(fact);
        self.holds(condition, scene, scene.document.root(), lean)
    }
}

fn join(before: Option<Truth>, next: Truth, every: bool) -> Truth {
    match before {
        None => next,
        Some(before) if every => before.and(next),
        Some(before) => before.or(next),
    }
}

fn unreadable_reason(question: &CrossFile) -> String {
    format!(
        "a file of the type {} cannot be read",
        question.metadata_type.name()
    )
}

/// Why a value is unknown that the CLI replaces.
pub(crate) fn replaced_reason(name: &str) -> String {
    format!("`{name}` is replaced at deploy by `replacements` of sfdx-project.json")
}

/// What to say of a text that is not of the kind that was asked about.
pub(super) fn mistyped_reason(name: &str, text: &str, mistyped: Mistyped) -> String {
    let kind = match mistyped {
        Mistyped::Boolean => "no boolean",
        Mistyped::Number => "no number",
        Mistyped::Date => "no date",
        Mistyped::Order => "no value that the rule knows",
    };
    if text.is_empty() {
        return format!("`{name}` is empty, which is {kind}");
    }
    let values = match mistyped {
        Mistyped::Boolean => " (true, false, 1 or 0)",
        _ => "",
    };
    format!(
        "`{name}` is `{}`, which is {kind}{values}",
        shown(name, text)
    )
}

/// The longest value that stands in a sentence, in characters.
const MAX_SHOWN: usize = 80;

/// A value as it may stand in a sentence: no secret, and not too long.
pub(super) fn shown(name: &str, text: &str) -> String {
    if is_secret_element(name) && !text.is_empty() {
        return MASK.to_owned();
    }
    let masked = mask(text);
    let mut shown: String = masked.chars().take(MAX_SHOWN).collect();
    if shown.len() < masked.len() {
        shown.push('…');
    }
    shown
}

/// Whether the element has no other in it: one that has is no boolean, whatever its text says.
pub(super) fn is_simple(document: Document<'_>, id: NodeId) -> bool {
    document.children(id).next().is_none()
}

/// Whether a text satisfies all operators of a test.
///
/// # Errors
/// When it is not of the kind that one of them is about.
pub(super) fn satisfies(
    test: &FieldTest,
    document: Document<'_>,
    id: NodeId,
    text: &str,
) -> Result<bool, Mistyped> {
    if test.is_boolean() && !is_simple(document, id) {
        return Err(Mistyped::Boolean);
    }
    let mut satisfied = true;
    for operator in &test.operators {
        satisfied &= operator.satisfied_by(text)?;
    }
    Ok(satisfied)
}

/// Whether the element that a test found is there with something in it. The context itself (`.`)
/// is there however empty it is: a file without a line in it is still a component.
pub(super) fn has_value(test: &FieldTest, scene: Scene<'_>, id: NodeId) -> bool {
    let document = scene.document;
    test.path.names.is_empty()
        || document.children(id).next().is_some()
        || scene.replaced.hides_content(document, id)
        || !document.value(id).text().is_empty()
}

/// Elements in document order. Most questions find one.
pub(crate) type Elements = SmallVec<[NodeId; 4]>;

/// What stands at a path.
pub(crate) enum Found {
    /// The elements; at least one, and not all of them are nil.
    Elements(Elements),
    /// None, in this element, which should hold it.
    Missing(NodeId),
    /// Whether there are any cannot be told.
    Unknown,
}

/// Follows a path from the context, or from the root.
pub(crate) fn find(path: &FieldPath, scene: Scene<'_>, node: NodeId) -> Found {
    let document = scene.document;
    let start = if path.from_root {
        document.root()
    } else {
        node
    };
    let mut here = Elements::new();
    for (depth, name) in path.names.iter().enumerate() {
        let mut next = Elements::new();
        let parents = if depth == 0 {
            &[start]
        } else {
            here.as_slice()
        };
        for &parent in parents {
            let before = next.len();
            let mut all_nil = true;
            for child in document.children_named(parent, name) {
                if scene.replaced.hides_element(document, child) {
                    return Found::Unknown;
                }
                all_nil &= document.is_nil(child);
                next.push(child);
            }
            if all_nil {
                // A nil element beside one with a value is no missing one: it stands twice.
                next.truncate(before);
            }
        }
        if next.is_empty() {
            let hidden = parents
                .iter()
                .any(|&parent| scene.replaced.hides_content(document, parent));
            return if hidden {
                Found::Unknown
            } else {
                Found::Missing(parents[0])
            };
        }
        here = next;
    }
    if path.names.is_empty() {
        here.push(start);
    }
    Found::Elements(here)
}
