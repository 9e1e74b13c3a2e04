//! What could not be checked.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::elements::framed;
use super::words::{component, counted, sentence};
use crate::output::view::{ComponentView, ReportView};

/// More components than these are folded.
const LISTED: usize = 6;

/// What could not be checked, by rule and reason.
pub(super) fn section(report: ReportView<'_>) -> Markup {
    let mut by_reason: BTreeMap<_, Vec<ComponentView<'_>>> = BTreeMap::new();
    for it in report.not_checked() {
        let key = (it.rule(), it.reason());
        by_reason.entry(key).or_default().push(it.component());
    }
    html! {
        section #not-checked {
            h2 { "Not judged" }
            @if by_reason.is_empty() {
                p { "Everything that the rules ask for could be told from the source." }
            } @else {
                p.lead { "The source does not tell whether these comply. Nobody should read that as a yes." }
                (framed("Not judged", &["Rule", "Reason", "Components"], &html! {
                    @for ((rule, reason), components) in &by_reason {
                        tr {
                            th scope="row" { code { (rule) } }
                            td { (sentence(reason.clone())) }
                            td { (list(components)) }
                        }
                    }
                }))
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
