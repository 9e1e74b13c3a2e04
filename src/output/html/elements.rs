//! Elements that several sections of the page use.

use maud::{Markup, html};

use super::words::prose;
use crate::rule::Severity;

/// A link. Users' rules can have any address, so only https is linked.
pub(super) fn link(url: &str, text: &str) -> Markup {
    html! {
        @if url.starts_with("https://") {
            a href=(url) rel="noreferrer" { (text) }
        } @else {
            (text)
        }
    }
}

/// A badge with a severity.
pub(super) fn badge(severity: Severity) -> Markup {
    html! { span.badge.(severity.name()) { (severity.name()) } }
}

/// A badge with a number of findings.
pub(super) fn severity_count(severity: Severity, count: usize) -> Markup {
    html! { span.badge.short.(severity.name()) { (count) " " (severity.name()) } }
}

/// A heading and a text, unless the text is empty.
pub(super) fn definition(heading: &str, text: &str) -> Markup {
    html! {
        @if !text.trim().is_empty() {
            div { dt { (heading) } dd { (prose(text)) } }
        }
    }
}

pub(super) fn nothing() -> Markup {
    html! {}
}

/// A table that scrolls on a narrow screen, also by keyboard.
pub(super) fn framed(label: &str, heads: &[&str], rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) {
            table.list {
                thead {
                    tr {
                        @for head in heads { th scope="col" { (head) } }
                    }
                }
                tbody { (rows) }
            }
        }
    }
}
