//! The locations at which a file does not satisfy a requirement or the schema.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::field_test::{Examined, Tested, ValueOutcome, examine};
use super::subject::Subject;
use crate::finding::{MistypedValue, UnknownReason, element_path};
use crate::rule::{Absent, FieldTest, Mistyped};
use crate::text::{display_value, is_secret_element};
use crate::xml::{Document, NodeId, Span};

/// One location at which a requirement is not satisfied.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub span: Span,
    /// The problem at the span.
    pub label: String,
    /// The element's path, for the fingerprint.
    pub element: String,
    /// Other locations of the same failure, each with a label.
    pub also: Vec<(Span, String)>,
    /// The invalid element. `None` if an element is missing.
    pub node: Option<NodeId>,
    /// The invalid item, if the value was split.
    pub item: Option<Span>,
    /// The correction, if the schema allows only one.
    pub repair: Option<Repair>,
}

/// The only correct spelling of a name or value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Repair {
    Rename(&'static str),
    Value(&'static str),
}

impl Failure {
    /// The failure of an element.
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

/// The failures of a field test, and why its result is unknown if something that could fail is unknown.
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
            let label = format!("`{name}` is repeated; which one applies is undefined");
            let parent = document.parent(first).unwrap_or(context);
            let failure = Failure::at(document, last, label)
                .together_with(document.span(first), "first occurrence");
            failures.push(Failure {
                // The path of a single element, because it is the same finding.
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
        // The whole file should not exist. The message of the rule explains that.
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

/// A tested value that does not have the expected type.
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

/// The failure of a field that is missing in `parent`. If the field is nil, the failure is at the field.
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
        Some(_) => format!("`{name}` is nil, the same as missing{default}"),
        None => format!("`{name}` is missing{default}"),
    };
    // The first name of the path is that of the child of the root.
    let child = test.path.names.first().map_or(name, String::as_str);
    let holder = document.parent_of_missing(parent, child);
    Failure {
        span: nil.map_or(document.start_tag(holder), |nil| document.span(nil)),
        element: if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}/{name}")
        },
        ..Failure::of_element(document, parent, label)
    }
}
