//! Everything that is not an app: org settings, profiles, sites and other components, by metadata type.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::elements::{framed, severity_count};
use super::words::{filter_words, name, severity_counts};
use crate::output::view::{FileKey, FindingView, ReportView};
use crate::project::MetadataType;
use crate::text::counted;

/// With more components, the others are folded.
const LISTED: usize = 8;

/// A component with its findings, each with its position in the report.
type Component<'r> = Vec<(usize, FindingView<'r>)>;

/// A metadata type.
#[derive(Default)]
struct Line<'r> {
    name: &'r str,
    /// How many components were checked.
    checked: u64,
    /// Those with findings, the worst ones first.
    components: Vec<Component<'r>>,
}

impl<'r> Line<'r> {
    fn findings(&self) -> impl Iterator<Item = FindingView<'r>> + Clone {
        self.components
            .iter()
            .flatten()
            .map(|(_, finding)| *finding)
    }
}

/// The section about the other components.
pub(super) fn section(report: ReportView<'_>) -> Markup {
    let lines = lines(report);
    let (bad, good): (Vec<&Line<'_>>, Vec<&Line<'_>>) =
        lines.iter().partition(|line| !line.components.is_empty());
    let checked: u64 = lines.iter().map(|line| line.checked).sum();
    html! {
        section #others {
            h2 { "Everything else" }
            @if lines.is_empty() {
                p { "No other components were checked." }
            } @else {
                p.lead {
                    strong { (counted(checked, "component")) } " of " (counted(lines.len(), "type")) " that are not apps."
                }
                @if !bad.is_empty() {
                    (framed("Everything else", &["Type", "Checked", "Findings", "Components with findings"], &html! {
                        @for line in bad { (row(line)) }
                    }))
                }
                @if !good.is_empty() {
                    p { "Checked, without findings in this report: "
                        @for (at, line) in good.iter().enumerate() {
                            @if at > 0 { ", " }
                            (line.checked) " " code { (line.name) }
                        }
                        "."
                    }
                }
            }
        }
    }
}

fn lines(report: ReportView<'_>) -> Vec<Line<'_>> {
    let is_app = |name: &str| MetadataType::named(name).is_some_and(|it| it.app().is_some());
    let mut by_type: BTreeMap<&str, Line<'_>> = BTreeMap::new();
    for (name, count) in &report.tally().components {
        by_type.entry(name).or_default().checked = *count;
    }
    let mut by_file: BTreeMap<FileKey<'_>, Component<'_>> = BTreeMap::new();
    for (at, finding) in report.findings().into_iter().enumerate() {
        by_file
            .entry(finding.file())
            .or_default()
            .push((at, finding));
    }
    for component in by_file.into_values() {
        let type_name = component.first().map(|(_, it)| it.component().type_name());
        if let Some(name) = type_name {
            by_type.entry(name).or_default().components.push(component);
        }
    }
    by_type.retain(|name, _| !is_app(name));
    let lines = by_type.into_iter();
    let mut lines: Vec<Line<'_>> = lines.map(|(name, line)| Line { name, ..line }).collect();
    for line in &mut lines {
        line.components
            .sort_by_cached_key(|it| Reverse(rank(it.iter().map(|(_, it)| *it))));
    }
    lines.sort_by_cached_key(|line| Reverse(rank(line.findings())));
    lines
}

/// The numbers of findings of each severity, for sorting.
fn rank<'r>(findings: impl Iterator<Item = FindingView<'r>>) -> Vec<usize> {
    let counts = severity_counts(findings).into_iter();
    counts.map(|(_, count)| count).collect()
}

fn row(line: &Line<'_>) -> Markup {
    let (severities, rules) = filter_words(line.findings());
    let (first, rest) = line.components.split_at(line.components.len().min(LISTED));
    html! {
        tr.other data-severity=(severities) data-rule=(rules) {
            th scope="row" { code { (line.name) } }
            td { (line.checked) }
            td.counted {
                @for (severity, count) in severity_counts(line.findings()) {
                    @if count > 0 { (severity_count(severity, count)) " " }
                }
            }
            td {
                (links(first))
                @if !rest.is_empty() {
                    details { summary { (counted(rest.len(), "more component")) } (links(rest)) }
                }
            }
        }
    }
}

/// Links to the first of the most severe findings of each component.
fn links(components: &[Component<'_>]) -> Markup {
    let worst = |component: &Component<'_>| {
        let findings = component.iter().rev();
        let worst = findings.max_by_key(|(_, finding)| finding.severity());
        worst.map_or(0, |(at, _)| *at)
    };
    html! {
        ul {
            @for component in components {
                @if let Some((_, first)) = component.first() {
                    li {
                        a href={ "#f" (worst(component) + 1) } { (name(&first.component().name())) }
                        " (" (component.len()) ")"
                    }
                }
            }
        }
    }
}
