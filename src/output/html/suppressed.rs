//! Suppressed findings: exceptions, comments in files, the baseline.

use std::collections::HashMap;

use maud::{Markup, html};

use super::elements::{badge, framed};
use super::words::{component, counted, file_and_line, severities, severity_counts};
use crate::finding::{ExpiredException, SuppressionKind};
use crate::output::context::Context;
use crate::output::view::{FindingView, SuppressionView};
use crate::text::ScannedText;

/// The suppressed findings, and expired exceptions.
pub(super) fn section(context: &Context<'_>) -> Markup {
    let all = context.report.suppressed();
    let titles: HashMap<&str, &str> = context
        .rules
        .rules()
        .map(|rule| (rule.id.as_str(), rule.title.as_str()))
        .collect();
    let of = |wanted: SuppressionKind| -> Vec<(FindingView<'_>, SuppressionView<'_>)> {
        let mut found: Vec<_> = all
            .iter()
            .filter_map(|finding| Some((*finding, finding.suppression()?)))
            .filter(|(_, suppression)| suppression.kind() == wanted)
            .collect();
        // Those that expire first come first.
        found.sort_by_key(|(_, it)| (it.expires().is_none(), it.expires()));
        found
    };
    let (exceptions, inline) = (of(SuppressionKind::Exception), of(SuppressionKind::Inline));
    let baseline = of(SuppressionKind::Baseline);
    let expired = &context.run.expired_exceptions;
    html! {
        section #suppressed {
            h2 { "Suppressed" }
            @if all.is_empty() {
                p { "No findings are suppressed by exceptions, comments in files, or the baseline." }
            }
            @if !exceptions.is_empty() {
                h3 { "Exceptions" }
                (table(&exceptions, &titles, true))
            }
            @if !expired.is_empty() {
                h3 { "Expired exceptions" }
                p { "Their findings are reported again." }
                (expired_exceptions(expired, &titles))
            }
            @if !inline.is_empty() {
                h3 { "Comments in files" }
                (table(&inline, &titles, true))
            }
            @if !baseline.is_empty() {
                h3 { "Baseline" }
                p { "Recorded, not reviewed: "
                    (severities(&severity_counts(baseline.iter().map(|it| it.0)))) "." }
                details.fold {
                    summary { (counted(baseline.len(), "finding")) " in the baseline" }
                    (table(&baseline, &titles, false))
                }
            }
        }
    }
}

fn table(
    found: &[(FindingView<'_>, SuppressionView<'_>)],
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
                    td { (or_dash(suppression.expires())) }
                    td { (or_dash(suppression.owner())) }
                }
                td { (file_and_line(&finding.location().path(), finding.location().start().line)) }
            }
        }
    };
    framed("Suppressed findings", &heads, &rows)
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
                td { (or_dash(suppression.expires())) }
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
