//! What was not checked.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::elements::framed;
use super::words::{component, sentence};
use crate::output::view::{ComponentView, ReportView};
use crate::text::counted;

/// With more components, the list is folded.
const LISTED: usize = 6;

/// What was not checked, by rule and reason.
pub(super) fn section(report: ReportView<'_>) -> Markup {
    let mut by_reason: BTreeMap<_, Vec<ComponentView<'_>>> = BTreeMap::new();
    for it in report.not_checked() {
        let key = (it.rule(), it.reason());
        by_reason.entry(key).or_default().push(it.component());
    }
    html! {
        section #not-checked {
            h2 { "Not checked" }
            @if by_reason.is_empty() {
                p { "Every rule that applies was checked." }
            } @else {
                p.lead { "The source does not show whether these components comply. They do not count as passed." }
                (framed("Not checked", &["Rule", "Reason", "Components"], &html! {
                    @for ((rule, reason), components) in &by_reason {
                        tr {
                            th scope="row" { code { (rule) } }
                            td { (sentence(reason.clone())) }
                            td { (list(components)) }
                        }
                    }
                }))
                @let to_retrieve = report.to_retrieve();
                @if !to_retrieve.is_empty() {
                    p { "To check more, retrieve from the org:" }
                    ul { @for it in &to_retrieve { li { code { (it) } } } }
                }
            }
        }
    }
}

fn list(components: &[ComponentView<'_>]) -> Markup {
    let all = html! {
        ul { @for it in components { li { (component(*it)) } } }
    };
    html! {
        @if components.len() > LISTED {
            details { summary { (counted(components.len(), "component")) } (all) }
        } @else { (all) }
    }
}
