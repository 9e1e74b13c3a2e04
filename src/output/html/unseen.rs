//! What does not count, and what nobody can tell: exceptions, the baseline, what was not judged.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};

use super::page::badge;
use super::words::{counted, place, sentence, severities, severity_counts};
use crate::config::{Exception, Policy};
use crate::finding::{Finding, Report, Suppression, SuppressionKind};
use crate::project::Component;
use crate::rule::RuleSet;

/// More components than these are folded.
const LISTED: usize = 6;

/// The findings that do not count, and the exceptions whose findings count again.
pub(super) fn suppressed(report: &Report, rules: &RuleSet, policy: &Policy) -> Markup {
    let titles: HashMap<&str, &str> = rules
        .rules()
        .map(|rule| (rule.id.as_str(), rule.title.as_str()))
        .collect();
    let of = |wanted: SuppressionKind| -> Vec<(&Finding, &Suppression)> {
        let all = report.suppressed.iter();
        let mut found: Vec<_> = all
            .filter_map(|finding| Some((finding, finding.suppressed.as_ref()?)))
            .filter(|(_, suppression)| suppression.kind == wanted)
            .collect();
        // What ends first comes first; what never ends comes last.
        found.sort_by_key(|(_, it)| (it.expires.is_none(), it.expires.as_deref()));
        found
    };
    let (exceptions, inline) = (of(SuppressionKind::Exception), of(SuppressionKind::Inline));
    let baseline = of(SuppressionKind::Baseline);
    let is_back = |exception: &&Exception| {
        let mut findings = report.findings.iter();
        exception.is_expired() && findings.any(|finding| exception.is_about(finding))
    };
    let ended: Vec<&Exception> = policy.exceptions.iter().filter(is_back).collect();
    html! {
        section #suppressed {
            h2 { "Accepted" }
            @if report.suppressed.is_empty() {
                p { "No exception, no comment in a file and no baseline hides a finding." }
            }
            @if !exceptions.is_empty() {
                h3 { "Exceptions" }
                (table(&exceptions, &titles, true))
            }
            @if !ended.is_empty() {
                h3 { "Exceptions that ended" }
                p { "What they hid counts again." }
                (ended_exceptions(&ended, &titles))
            }
            @if !inline.is_empty() {
                h3 { "Comments in files" }
                (table(&inline, &titles, true))
            }
            @if !baseline.is_empty() {
                h3 { "Baseline" }
                p { "Recorded before, so it does not fail a run: "
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
    found: &[(&Finding, &Suppression)],
    titles: &HashMap<&str, &str>,
    with_reasons: bool,
) -> Markup {
    let reasons: &[&str] = if with_reasons {
        &["Reason", "Until", "Owner"]
    } else {
        &[]
    };
    let heads = [&["Component", "Severity", "Rule"], reasons, &["Where"]].concat();
    let rows = html! {
        @for (finding, suppression) in found {
            tr {
                th scope="row" { (component(finding.component())) }
                td { (badge(finding.severity)) }
                td title=[titles.get(finding.rule.as_str())] { code { (finding.rule) } }
                @if with_reasons {
                    td { (or_dash(suppression.reason.as_deref())) }
                    td { (or_dash(suppression.expires.as_deref())) }
                    td { (or_dash(suppression.owner.as_deref())) }
                }
                td { (place(&finding.location.path, finding.location.start.line)) }
            }
        }
    };
    framed("Accepted findings", &heads, &rows)
}

fn ended_exceptions(ended: &[&Exception], titles: &HashMap<&str, &str>) -> Markup {
    let heads = ["Component or path", "Rule", "Reason", "Until", "Owner"];
    let rows = html! {
        @for exception in ended {
            tr {
                th scope="row" { bdi { (exception.subject.name()) } }
                td title=[titles.get(exception.rule.as_str())] { code { (exception.rule) } }
                td { bdi { (exception.reason) } }
                td { (or_dash(exception.expires.map(|it| it.to_string()).as_deref())) }
                td { (or_dash(exception.owner.as_deref())) }
            }
        }
    };
    framed("Exceptions that ended", &heads, &rows)
}

/// A table that scrolls by itself where the screen is narrow, by keyboard too.
fn framed(label: &str, heads: &[&str], rows: &Markup) -> Markup {
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

fn or_dash(text: Option<&str>) -> Markup {
    html! {
        @if let Some(text) = text { bdi { (text) } } @else { "–" }
    }
}

fn component(component: &Component) -> Markup {
    html! { bdi { (component.name) } " " span.type { (component.metadata_type.name()) } }
}

/// What cannot be told from the source, by rule and reason.
pub(super) fn not_checked(report: &Report) -> Markup {
    let mut by_reason: BTreeMap<(&str, String), Vec<&Component>> = BTreeMap::new();
    for it in &report.not_checked {
        let key = (it.rule.as_str(), it.reason.to_string());
        by_reason.entry(key).or_default().push(&it.component);
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
                            td { (sentence(reason)) }
                            td { (list(components)) }
                        }
                    }
                }))
            }
        }
    }
}

fn list(components: &[&Component]) -> Markup {
    let all = html! {
        ul { @for it in components { li { (component(it)) } } }
    };
    html! {
        @if components.len() > LISTED {
            details { summary { (counted(components.len(), "component")) } (all) }
        } @else { (all) }
    }
}
