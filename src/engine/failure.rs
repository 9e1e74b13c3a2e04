//! The locations at which a file does not satisfy a requirement or the schema.

use jiff::civil::Date;

use super::evidence::Evidence;
use super::field_test::{Examined, Tested, ValueOutcome, examine};
use super::subject::Subject;
use crate::finding::{ElementPaths, MistypedValue, UnknownReason};
use crate::rule::{Absent, FieldTest, Mistyped, Operator};
use crate::text::is_secret_element;
use crate::xml::{Document, NodeId, Span};

/// One location at which a requirement is not satisfied.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub span: Span,
    /// The problem at the span.
    pub label: String,
    /// The element, for the fingerprint.
    pub element: FailedElement,
    /// Other locations of the same failure, each with a label.
    pub also: Vec<(Span, String)>,
    /// Locations in other files.
    pub evidence: Vec<Evidence>,
    /// The invalid element. `None` if an element is missing.
    pub node: Option<NodeId>,
    /// The invalid item, if the value was split.
    pub item: Option<Span>,
    /// The correction, if the schema allows only one.
    pub repair: Option<Repair>,
}

/// The element that a failure is about.
#[derive(Debug, Clone)]
pub(crate) enum FailedElement {
    At(NodeId),
    /// An item of the element's value; empty if it is a secret.
    Item(NodeId, String),
    /// An element of this name is missing in this one.
    Missing(NodeId, String),
}

impl FailedElement {
    /// Its path, which is part of the fingerprint.
    pub(crate) fn path(&self, paths: &ElementPaths<'_>) -> String {
        match self {
            Self::At(node) => paths.path(*node),
            Self::Item(node, text) if text.is_empty() => paths.path(*node),
            Self::Item(node, text) => format!("{}[{text}]", paths.path(*node)),
            Self::Missing(parent, name) => match paths.path(*parent) {
                path if path.is_empty() => name.clone(),
                path => format!("{path}/{name}"),
            },
        }
    }
}

/// How to correct a name or value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Repair {
    /// The only correct spelling of the name.
    Rename(&'static str),
    /// The only correct spelling of the value.
    Value(&'static str),
    /// The element is repeated, and the user has to decide which one to keep.
    KeepOne,
}

impl Failure {
    /// The failure of an element.
    pub(crate) fn at(document: Document<'_>, node: NodeId, label: String) -> Self {
        Self {
            span: document.span(node),
            label,
            element: FailedElement::At(node),
            also: Vec::new(),
            evidence: Vec::new(),
            node: Some(node),
            item: None,
            repair: None,
        }
    }

    /// The failure of an element as a whole, shown at its start tag.
    pub(crate) fn of_element(document: Document<'_>, node: NodeId, label: String) -> Self {
        Self {
            span: document.start_tag(node),
            node: None,
            ..Self::at(document, node, label)
        }
    }

    pub(crate) fn repaired_by(self, repair: Option<Repair>) -> Self {
        Self { repair, ..self }
    }

    pub(crate) fn together_with(mut self, span: Span, label: &str) -> Self {
        self.also.push((span, label.to_owned()));
        self
    }
}

/// The failures of a field test, and why its result is unknown if something that could fail is unknown. The
/// values of a rule about secrets are not shown.
pub(super) fn field_failures(
    test: &FieldTest,
    subject: Subject<'_>,
    context: NodeId,
    today: Date,
    is_secret: bool,
) -> (Vec<Failure>, Option<UnknownReason>) {
    let document = subject.document;
    let name = subject.field_name(&test.path, context);
    let replaced = || UnknownReason::Replaced {
        field: name.to_owned(),
    };
    let mut failures = Vec::new();
    let mut unknown = None;
    let examined = examine(test, subject, context, today, |tested| {
        match tested.outcome {
            ValueOutcome::Pass => {}
            ValueOutcome::Replaced => {
                unknown.get_or_insert_with(replaced);
            }
            ValueOutcome::Empty => match absence(test) {
                Absence::Fails => {
                    let default = default_meaning(test);
                    let label = format!("`{name}` is empty, the same as missing{default}");
                    failures.push(Failure::at(document, tested.element, label));
                }
                Absence::Unknown(reason) => {
                    unknown.get_or_insert(reason);
                }
                Absence::Passes => {}
            },
            ValueOutcome::Fail if test.exists.is_some() => {
                let value = shown_value(subject, name, tested.element, is_secret);
                failures.push(existence_failure(
                    test,
                    document,
                    name,
                    tested.element,
                    value,
                ));
            }
            ValueOutcome::Mistyped(expected) if expected.may_be_right() => {
                let value = mistyped(subject, name, &tested, expected);
                unknown.get_or_insert(UnknownReason::Mistyped(value));
            }
            ValueOutcome::Fail | ValueOutcome::Mistyped(_) => {
                failures.push(value_failure(test, subject, name, &tested, today));
            }
        }
    });
    match examined {
        Examined::Elements => {}
        Examined::Unknown => unknown = Some(replaced()),
        Examined::Missing(parent) => match absence(test) {
            Absence::Fails => failures.push(missing(test, subject, parent)),
            Absence::Unknown(reason) => unknown = Some(reason),
            Absence::Passes => {}
        },
        Examined::Repeated { first, last } => {
            let label = format!("`{name}` is repeated; which one applies is undefined");
            let parent = document.parent(first).unwrap_or(context);
            let failure = Failure::at(document, last, label)
                .together_with(document.span(first), "first occurrence");
            failures.push(Failure {
                // The path of a single element, because it is the same finding.
                element: FailedElement::Missing(parent, test.path.last().to_owned()),
                ..failure
            });
        }
    }
    (failures, unknown)
}

fn existence_failure(
    test: &FieldTest,
    document: Document<'_>,
    name: &str,
    element: NodeId,
    value: Option<String>,
) -> Failure {
    if element == document.root() {
        // The whole file should not exist. The message of the rule explains that.
        return Failure {
            node: Some(element),
            ..Failure::of_element(document, element, String::new())
        };
    }
    // The message of the rule explains why the element should not have a value.
    let label = match (test.exists, value) {
        (Some(true), _) => format!("`{name}` is empty"),
        (_, Some(value)) => format!("`{name}` is `{value}`"),
        (_, None) => format!("`{name}` is set"),
    };
    Failure::at(document, element, label)
}

/// The value of an element for a message. `None` if it has elements, is replaced at deploy, or is a secret.
fn shown_value(
    subject: Subject<'_>,
    name: &str,
    element: NodeId,
    is_secret: bool,
) -> Option<String> {
    let document = subject.document;
    let is_hidden = is_secret
        || is_secret_element(name)
        || document.children(element).next().is_some()
        || subject.replaced.hides_content(document, element);
    let value = document.value(element);
    (!is_hidden && !value.text().is_empty()).then(|| subject.displayed(element, name, value.text()))
}

fn value_failure(
    test: &FieldTest,
    subject: Subject<'_>,
    name: &str,
    tested: &Tested<'_>,
    today: Date,
) -> Failure {
    let document = subject.document;
    let text = tested.item.map_or("", |item| item.text);
    let label = match tested.outcome {
        ValueOutcome::Mistyped(expected) => mistyped(subject, name, tested, expected).to_string(),
        _ if text.is_empty() => format!("`{name}` is empty"),
        _ => match text_breach(test, name, text, today) {
            Some(breach) => breach,
            None => format!(
                "`{name}` is `{}`",
                subject.displayed(tested.element, name, text)
            ),
        },
    };
    let mut failure = Failure::at(document, tested.element, label);
    if let (Some(item), Some(_)) = (tested.item, test.split) {
        failure.span = item.span;
        failure.item = Some(item.span);
        let is_inserted = subject.replaced.is_inserted(document.span(tested.element));
        let is_hidden = is_inserted || is_secret_element(name);
        let shown = if is_hidden { "" } else { text };
        failure.element = FailedElement::Item(tested.element, shown.to_owned());
    }
    failure
}

/// What is wrong with the certificate or the markup in a text, if that is what the test is about.
fn text_breach(test: &FieldTest, name: &str, text: &str, today: Date) -> Option<String> {
    test.operators.iter().find_map(|operator| match operator {
        Operator::Certificate(test) => {
            let breach = test.breach(text, today).ok()??;
            Some(format!("the certificate in `{name}` {breach}"))
        }
        Operator::StartTag(test) => (test.satisfied_by(text) == Some(false)).then(|| {
            let attribute = &test.attribute;
            format!("the first tag in `{name}` does not have the attribute `{attribute}`")
        }),
        _ => None,
    })
}

/// A tested value that does not have the expected type.
pub(super) fn mistyped(
    subject: Subject<'_>,
    name: &str,
    tested: &Tested<'_>,
    expected: Mistyped,
) -> MistypedValue {
    let text = tested.item.map_or("", |item| item.text);
    MistypedValue {
        field: name.to_owned(),
        value: subject.displayed(tested.element, name, text),
        expected,
    }
}

/// What a missing field means to a requirement.
enum Absence {
    Passes,
    Fails,
    Unknown(UnknownReason),
}

fn absence(test: &FieldTest) -> Absence {
    match (test.exists, test.absent) {
        (Some(true), _) | (None, Absent::Violates) => Absence::Fails,
        (Some(false), _) | (None, Absent::Complies) => Absence::Passes,
        (None, Absent::Unknown) => Absence::Unknown(UnknownReason::Missing {
            field: test.path.last().to_owned(),
        }),
    }
}

/// The documented default that a missing field has, for a label.
fn default_meaning(test: &FieldTest) -> String {
    match test.default {
        Some(default) => format!(", which means `{default}`"),
        None => String::new(),
    }
}

/// The failure of a field that is missing in `parent`. If the field is nil, the failure is at the field.
fn missing(test: &FieldTest, subject: Subject<'_>, parent: NodeId) -> Failure {
    let document = subject.document;
    let name = test.path.last();
    let nil = document.children_named(parent, name).next();
    let default = default_meaning(test);
    let label = match nil {
        Some(_) => format!("`{name}` is nil, the same as missing{default}"),
        None => format!("`{name}` is missing{default}"),
    };
    // The first name of the path is that of the child of the root.
    let child = test.path.names.first().map_or(name, String::as_str);
    let holder = document.parent_of_missing(parent, child);
    Failure {
        span: nil.map_or(document.start_tag(holder), |nil| document.span(nil)),
        element: FailedElement::Missing(parent, name.to_owned()),
        ..Failure::of_element(document, parent, label)
    }
}
