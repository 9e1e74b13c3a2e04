//! Suppressed findings: exceptions, comments in files, the baseline.

use std::collections::HashMap;

use maud::{Markup, html};

use super::elements::{badge, framed};
use super::words::{component, file_and_line, severities, severity_counts};
use crate::finding::{ExpiredException, SuppressionKind};
use crate::output::context::Context;
use crate::output::view::{FindingView, SuppressionView};
use crate::text::{ScannedText, counted};

/// A suppressed finding.
type Suppressed<'a> = (FindingView<'a>, SuppressionView<'a>);

/// The suppressed findings of one kind. Those that expire first come first.
fn of_kind<'a>(context: &Context<'a>, kind: SuppressionKind) -> Vec<Suppressed<'a>> {
    let all = context.report.suppressed().into_iter();
    let mut found: Vec<_> = all
        .filter_map(|finding| Some((finding, finding.suppression()?)))
        .filter(|(_, suppression)| suppression.kind() == kind)
        .collect();
    found.sort_by_key(|(_, it)| (it.expires().is_none(), it.expires()));
    found
}

fn titles<'a>(context: &Context<'a>) -> HashMap<&'a str, &'a str> {
    let rules = context.rules.rules();
    rules
        .map(|rule| (rule.id.as_str(), rule.title.as_str()))
        .collect()
}

/// The findings that are accepted with a reason, and expired exceptions.
pub(super) fn accepted(context: &Context<'_>) -> Markup {
    let titles = titles(context);
    let exceptions = of_kind(context, SuppressionKind::Exception);
    let inline = of_kind(context, SuppressionKind::Inline);
    let expired = &context.run.expired_exceptions;
    html! {
        section #accepted {
            h2 { "Accepted" }
            @if exceptions.is_empty() && inline.is_empty() {
                p { "No findings are accepted by exceptions or comments in files." }
            } @else {
                p.lead { "These findings are not reported. Each has a reason." }
            }
            @if !exceptions.is_empty() {
                h3 { "Exceptions" }
                (table("Exceptions", &exceptions, &titles, true))
            }
            @if !inline.is_empty() {
                h3 { "Comments in files" }
                (table("Comments in files", &inline, &titles, true))
            }
            @if !expired.is_empty() {
                h3 { "Expired exceptions" }
                p { "They no longer apply." }
                (expired_exceptions(expired, &titles))
            }
        }
    }
}

/// The findings that the baseline records.
pub(super) fn baseline(context: &Context<'_>) -> Markup {
    let mut found = of_kind(context, SuppressionKind::Baseline);
    found.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity()));
    html! {
        section #baseline {
            h2 { "Baseline" }
            @if found.is_empty() {
                p { "The baseline suppresses no findings." }
            } @else {
                p.lead {
                    "Recorded when forcelint was introduced, not reviewed: "
                    strong { (severities(&severity_counts(found.iter().map(|it| it.0)))) } "."
                }
                details.fold {
                    summary { (counted(found.len(), "finding")) " in the baseline" }
                    (table("Baseline", &found, &titles(context), false))
                }
            }
        }
    }
}

fn table(
    label: &str,
    found: &[Suppressed<'_>],
    titles: &HashMap<&str, &str>,
    with_reasons: bool,
) -> Markup {
    let reasons: &[&str] = if with_reasons {
        &["Reason", "Expires", "Owner"]
    } else {
        &[]
    };
    let heads = [&["Component", "Severity", "Rule"], reasons, &["Where"]].concat();
    let rows = html! {
        @for (finding, suppression) in found {
            tr {
                th scope="row" { (component(finding.component())) }
                td { (badge(finding.severity())) }
                td title=[titles.get(finding.rule())] { code { (finding.rule()) } }
                @if with_reasons {
                    td { (or_dash(suppression.reason())) }
                    td.date { (or_dash(suppression.expires())) }
                    td { (or_dash(suppression.owner())) }
                }
                td { (file_and_line(&finding.location().path(), finding.location().start().line)) }
            }
        }
    };
    framed(label, &heads, &rows)
}

fn expired_exceptions(expired: &[ExpiredException], titles: &HashMap<&str, &str>) -> Markup {
    let heads = ["Component or path", "Rule", "Reason", "Expires", "Owner"];
    let rows = html! {
        @for exception in expired {
            @let suppression = SuppressionView::new(&exception.suppression);
            tr {
                th scope="row" { bdi { (ScannedText::from(&exception.subject).one_line()) } }
                td title=[titles.get(exception.rule.as_str())] { code { (exception.rule) } }
                td { (or_dash(suppression.reason())) }
                td.date { (or_dash(suppression.expires())) }
                td { (or_dash(suppression.owner())) }
            }
        }
    };
    framed("Expired exceptions", &heads, &rows)
}

fn or_dash(text: Option<ScannedText<'_>>) -> Markup {
    html! {
        @if let Some(text) = text { bdi { (text.one_line()) } } @else { "–" }
    }
}
