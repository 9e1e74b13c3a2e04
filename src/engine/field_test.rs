//! Tests the values of a field.
//!
//! Whether a condition is true ([`super::conditions`]) and where a requirement is not satisfied
//! ([`super::failure`]) both follow from the same test, so that they cannot disagree about a value.

use jiff::civil::Date;

use super::subject::{Elements, Found, Subject};
use crate::rule::{FieldTest, Mistyped, Operator};
use crate::xml::{Document, Item, NodeId};

/// The elements at the path of a test.
pub(super) enum Examined {
    /// Elements. Each was reported.
    Elements,
    /// No element. It would be in this one.
    Missing(NodeId),
    /// Several elements, although the type allows only one.
    Repeated { first: NodeId, last: NodeId },
    /// `replacements` decide whether there is an element.
    Unknown,
}

/// The result of a test for one value, or for one item of a value that is split.
pub(super) struct Tested<'v> {
    pub element: NodeId,
    /// Absent if the test is not about the text.
    pub item: Option<Item<'v>>,
    pub outcome: ValueOutcome,
}

/// The outcome for one value or item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueOutcome {
    Pass,
    Fail,
    /// The text does not have the type that an operator expects.
    Mistyped(Mistyped),
    /// `replacements` change the value when it is deployed.
    Replaced,
    /// There is no text, or a text that is split has no items. It is the same as a missing element.
    Empty,
}

/// Tests the field of `test`, starting at the element `context`, and reports each value.
pub(super) fn examine(
    test: &FieldTest,
    subject: Subject<'_>,
    context: NodeId,
    today: Date,
    mut report: impl FnMut(Tested<'_>),
) -> Examined {
    let elements = match subject.find(&test.path, context) {
        Found::Elements(elements) => elements,
        Found::Missing(parent) => return Examined::Missing(parent),
        Found::Unknown => return Examined::Unknown,
    };
    if let Some(expected) = test.exists {
        for element in elements {
            let outcome = match has_value(test, subject, element) == expected {
                true => ValueOutcome::Pass,
                false => ValueOutcome::Fail,
            };
            report(Tested {
                element,
                item: None,
                outcome,
            });
        }
        return Examined::Elements;
    }
    if let ([first, .., last], true) = (elements.as_slice(), test.is_single) {
        return Examined::Repeated {
            first: *first,
            last: *last,
        };
    }
    examine_values(test, subject, elements, today, report);
    Examined::Elements
}

fn examine_values(
    test: &FieldTest,
    subject: Subject<'_>,
    elements: Elements,
    today: Date,
    mut report: impl FnMut(Tested<'_>),
) {
    let document = subject.document;
    for element in elements {
        if subject.replaced.hides_content(document, element) {
            report(Tested {
                element,
                item: None,
                outcome: ValueOutcome::Replaced,
            });
            continue;
        }
        let value = document.value(element);
        let mut is_empty = true;
        let mut examine_item = |item: Item<'_>| {
            is_empty = false;
            let outcome = match satisfies(test, document, element, item.text, today) {
                Ok(_) if item.text.is_empty() && is_absent(test, document, element) => {
                    ValueOutcome::Empty
                }
                Ok(true) => ValueOutcome::Pass,
                Ok(false) => ValueOutcome::Fail,
                Err(mistyped) => ValueOutcome::Mistyped(mistyped),
            };
            report(Tested {
                element,
                item: Some(item),
                outcome,
            });
        };
        match test.split {
            Some(split) => value.split(split.separator()).for_each(&mut examine_item),
            None => examine_item(value.whole()),
        }
        if is_empty {
            report(Tested {
                element,
                item: None,
                outcome: ValueOutcome::Empty,
            });
        }
    }
}

/// Whether a text satisfies all operators of a test.
///
/// # Errors
/// If the text does not have the type that an operator expects.
fn satisfies(
    test: &FieldTest,
    document: Document<'_>,
    element: NodeId,
    text: &str,
    today: Date,
) -> Result<bool, Mistyped> {
    // An element that contains other elements is not a boolean.
    if test.is_boolean() && document.children(element).next().is_some() {
        return Err(Mistyped::Boolean);
    }
    let mut satisfied = true;
    for operator in &test.operators {
        satisfied &= operator.satisfied_by(text, today)?;
    }
    Ok(satisfied)
}

/// Whether an element without text is the same as a missing one. A test can name the empty text as one of its values.
fn is_absent(test: &FieldTest, document: Document<'_>, element: NodeId) -> bool {
    let is_named = |operator: &Operator| match operator {
        Operator::In(values) => values.iter().any(String::is_empty),
        _ => false,
    };
    document.children(element).next().is_none() && !test.operators.iter().any(is_named)
}

/// Whether an element has content. The context itself (`.`) always exists: an empty file is still a
/// component.
fn has_value(test: &FieldTest, subject: Subject<'_>, element: NodeId) -> bool {
    let document = subject.document;
    test.path.is_start()
        || document.children(element).next().is_some()
        || subject.replaced.hides_content(document, element)
        || !document.value(element).text().is_empty()
}
