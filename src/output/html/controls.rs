//! The published controls by publisher: which pass, fail, could not be checked, or are not in source.

use maud::{Markup, html};

use super::elements::{framed, link};
use super::words::rule_sentence;
use crate::output::context::Context;
use crate::output::control_results::{
    ControlResult, ControlStatus, SourceResults, published_results,
};
use crate::rule_docs::PublishedControl;
use crate::text::counted;

/// The section about published controls.
pub(super) fn section(context: &Context<'_>) -> Markup {
    html! {
        section #controls {
            h2 { "Controls by authority" }
            p.lead {
                "Each published control has the result of its rules. "
                "A control passes only if every component that it is about passes. "
                "Accepted findings and the baseline do not make a control pass. "
                "It passes in part if source does not show all of what it asks for. "
                "It is not set in source if a file of org settings does not have the setting: "
                "a deploy does not change it then, and the org can have any value."
            }
            @for source in published_results(context) {
                h3 { (link(source.url, source.name)) }
                (totals(&source))
                (table(source.name, &source.by_status()))
            }
        }
    }
}

/// How many controls have each result.
fn totals(source: &SourceResults<'_>) -> Markup {
    html! {
        ul.counts {
            @for (status, count) in source.totals() {
                li { strong { (count) } " " (status.name()) }
            }
        }
    }
}

/// The controls with a result, and folded lists of the others.
fn table(source: &str, rows: &[&ControlResult<'_>]) -> Markup {
    let of = |statuses: &[ControlStatus]| -> Vec<&ControlResult<'_>> {
        let of_status = rows.iter().filter(|it| statuses.contains(&it.status));
        of_status.copied().collect()
    };
    let checked = of(&[
        ControlStatus::Failed,
        ControlStatus::NotChecked,
        ControlStatus::Passed,
        ControlStatus::PassedInPart,
        ControlStatus::NotSet,
    ]);
    let heads = ["Control", "Result", "Details", "Rules"];
    html! {
        @if !checked.is_empty() {
            (framed(source, &heads, &html! { @for row in checked { (table_row(row)) } }))
        }
        @for status in [ControlStatus::NothingToCheck, ControlStatus::NotInSource] {
            @let rows = of(&[status]);
            @if !rows.is_empty() {
                details.fold.optional {
                    summary { (counted(rows.len(), "control")) ": " (status.name()) }
                    ul.others { @for row in rows { (list_item(row)) } }
                }
            }
        }
    }
}

/// A control without a result, and why it has none.
fn list_item(row: &ControlResult<'_>) -> Markup {
    let control = row.control;
    html! {
        li {
            (link(control.url.as_deref().unwrap_or_default(), &control.name)) " "
            code.id { (control_id(control)) }
            @if let Some(reason) = &control.reason { ": " (rule_sentence(reason)) }
            @else if !row.rules.is_empty() { " (" (row.rules.join(", ")) ")" }
        }
    }
}

/// The id, which can wrap after underscores.
fn control_id(control: &PublishedControl) -> Markup {
    html! {
        @for (at, part) in control.id.split('_').enumerate() {
            @if at > 0 { "_" wbr; }
            (part)
        }
    }
}

fn table_row(row: &ControlResult<'_>) -> Markup {
    let control = row.control;
    let class = match row.status {
        ControlStatus::Failed => match row.found.worst() {
            Some(severity) => severity.name(),
            None if row.found.accepted + row.found.baseline > 0 => "accepted",
            None => "info",
        },
        ControlStatus::Passed | ControlStatus::PassedInPart => "ok",
        _ => "open",
    };
    html! {
        tr.control {
            th scope="row" {
                (link(control.url.as_deref().unwrap_or_default(), &control.name))
                " " code.id { (control_id(control)) }
            }
            td { span.badge.(class) { (row.status.name()) } }
            td { (details(row)) }
            td {
                ul {
                    @for rule in &row.rules { li { a href={ "#rule-" (rule) } { code { (rule) } } } }
                    @for rule in &row.off { li { code { (rule) } " (off)" } }
                }
            }
        }
    }
}

fn capitalized(mut sentence: String) -> String {
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

/// The numbers behind a result, and what source does not show.
fn details(row: &ControlResult<'_>) -> Markup {
    let control = row.control;
    let numbers = row.numbers();
    html! {
        @if !numbers.is_empty() { (capitalized(numbers.join("; "))) "." }
        @for text in control.reason.iter().chain(&control.partly) {
            @if !numbers.is_empty() { " Not in source: " }
            (rule_sentence(text))
        }
        @if let Some([low, high]) = control.cvss {
            " CVSS " (format!("{low:.1} to {high:.1}")) "."
        }
    }
}
