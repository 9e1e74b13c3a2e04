//! Where a file does not do what a requirement or the schema asks for.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::field_test::{Examined, Tested, ValueOutcome, examine};
use super::subject::Subject;
use crate::finding::{MistypedValue, UnknownReason, element_path};
use crate::rule::{Absent, FieldTest, Mistyped};
use crate::text::{display_value, is_secret_element};
use crate::xml::{Document, NodeId, Span};

/// One place that is wrong.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub span: Span,
    /// What is wrong there.
    pub label: String,
    /// The element's path, for the fingerprint.
    pub element: String,
    /// Other places that are part of the same failure.
    pub also: Vec<(Span, String)>,
    /// The element that is wrong; absent if one is missing.
    pub node: Option<NodeId>,
    /// The item that is wrong, if its value was split.
    pub item: Option<Span>,
    /// The correction, if the schema leaves only one.
    pub repair: Option<Repair>,
}

/// The only correct spelling of a name or value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Repair {
    Rename(&'static str),
    Value(&'static str),
}

impl Failure {
    /// An element that is wrong.
    pub(crate) fn at(document: Document<'_>, node: NodeId, label: String) -> Self {
        Self {
            span: document.span(node),
            label,
            element: element_path(document, node),
            also: Vec::new(),
            node: Some(node),
            item: None,
            repair: None,
        }
    }

    /// An element that is wrong although nothing in particular is wrong inside it.
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

/// Where the field of a test fails it.
///
/// # Errors
/// Why that is unknown, if nothing fails and something could.
pub(super) fn field_failures(
    test: &FieldTest,
    subject: Subject<'_>,
    context: NodeId,
    today: Date,
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
            ValueOutcome::NoItems => match absence(test) {
                Absence::Fails => {
                    let label = format!("`{name}` is empty");
                    failures.push(Failure::at(document, tested.element, label));
                }
                Absence::Unknown(reason) => {
                    unknown.get_or_insert(reason);
                }
                Absence::Passes => {}
            },
            ValueOutcome::Fail if test.exists.is_some() => {
                failures.push(existence_failure(test, document, name, tested.element));
            }
            ValueOutcome::Mistyped(Mistyped::Order) => {
                let value = mistyped(name, &tested, Mistyped::Order);
                unknown.get_or_insert(UnknownReason::Mistyped(value));
            }
            ValueOutcome::Fail | ValueOutcome::Mistyped(_) => {
                failures.push(value_failure(test, document, name, &tested));
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
            let label =
                format!("`{name}` stands here a second time; which one counts is undefined");
            let parent = document.parent(first).unwrap_or(context);
            let failure = Failure::at(document, last, label)
                .together_with(document.span(first), "here first");
            failures.push(Failure {
                // The path of a single one: it is the same finding.
                element: missing(test, subject, parent).element,
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
) -> Failure {
    if element == document.root() {
        // The whole file should not exist, which the message says.
        return Failure {
            node: Some(element),
            ..Failure::of_element(document, element, String::new())
        };
    }
    let state = match test.exists {
        Some(true) => "is empty",
        _ => "should not be here",
    };
    Failure::at(document, element, format!("`{name}` {state}"))
}

fn value_failure(
    test: &FieldTest,
    document: Document<'_>,
    name: &str,
    tested: &Tested<'_>,
) -> Failure {
    let text = tested.item.map_or("", |item| item.text);
    let label = match tested.outcome {
        ValueOutcome::Mistyped(expected) => mistyped(name, tested, expected).to_string(),
        _ if text.is_empty() => format!("`{name}` is empty"),
        _ => format!("`{name}` is `{}`", display_value(name, text)),
    };
    let mut failure = Failure::at(document, tested.element, label);
    if let (Some(item), Some(_)) = (tested.item, test.split) {
        failure.span = item.span;
        failure.item = Some(item.span);
        if !is_secret_element(name) {
            let _ = write!(failure.element, "[{text}]");
        }
    }
    failure
}

/// The value of a test that is not of the expected type.
pub(super) fn mistyped(name: &str, tested: &Tested<'_>, expected: Mistyped) -> MistypedValue {
    let text = tested.item.map_or("", |item| item.text);
    MistypedValue {
        field: name.to_owned(),
        value: display_value(name, text),
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

/// A field that is missing in `parent`. A nil element is shown itself.
fn missing(test: &FieldTest, subject: Subject<'_>, parent: NodeId) -> Failure {
    let document = subject.document;
    let path = element_path(document, parent);
    let name = test.path.last();
    let nil = document.children_named(parent, name).next();
    let default = match test.default {
        Some(default) => format!(", which means `{default}`"),
        None => String::new(),
    };
    let label = match nil {
        Some(_) => format!("`{name}` is nil, as if it were missing{default}"),
        None => format!("`{name}` is missing{default}"),
    };
    Failure {
        span: nil.map_or(document.start_tag(parent), |nil| document.span(nil)),
        element: if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}/{name}")
        },
        ..Failure::of_element(document, parent, label)
    }
}
