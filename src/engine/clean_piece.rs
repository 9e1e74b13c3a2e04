//! Checks one piece of a component without the others.

use jiff::civil::Date;

use super::check::failures;
use super::context::Context;
use super::evaluation::Evaluation;
use super::subject::{Found, Subject};
use super::truth::{Quantifier, Truth};
use crate::project::{Replaced, SourceFile};
use crate::rule::{Check, FieldPath, RuleSet};
use crate::xml::Document;

/// Whether no rule for the component `whole` has a finding in the piece, whatever the other files contain. The root of
/// `document` is the component's `element`.
///
/// This is not an answer for types with rules that read several pieces, or all elements of a component:
/// [`RuleSet::reads_pieces_apart`].
pub(crate) fn is_clean_piece(
    rules: &RuleSet,
    document: Document<'_>,
    whole: &SourceFile,
    element: &str,
    today: Date,
) -> bool {
    let replaced = Replaced::default();
    let subject = Subject {
        document,
        replaced: &replaced,
        file: whole,
        is_piece: true,
    };
    let context = Context {
        subject,
        index: None,
        component: None,
        is_renamed: false,
        today,
        cache: None,
    };
    let mut checks = rules.checks(whole.component.metadata_type);
    checks.all(|(rule, check)| match &check.each {
        Some(each) if each.names.first().is_some_and(|name| name == element) => {
            is_clean(check, each, rule.secret, context)
        }
        // It is about the main file, or about other pieces.
        _ => true,
    })
}

fn is_clean(check: &Check, each: &FieldPath, is_secret: bool, context: Context<'_>) -> bool {
    let below = FieldPath {
        names: each.names[1..].to_vec(),
        from_root: false,
    };
    let root = context.subject.document.root();
    let elements = match context.subject.find(&below, root) {
        Found::Elements(elements) => elements,
        Found::Missing(_) => return true,
        Found::Unknown => return false,
    };
    elements.into_iter().all(|element| {
        if let Some(when) = &check.when {
            let mut evaluation = Evaluation::default();
            match evaluation.evaluate(when, context, element, Quantifier::Any) {
                Truth::True => {}
                Truth::False => return true,
                Truth::Unknown => return false,
            }
        }
        let mut evaluation = Evaluation::default();
        let failures = failures(&check.require, context, element, is_secret, &mut evaluation);
        failures.is_empty() && !evaluation.needs_index && evaluation.reason.is_none()
    })
}
