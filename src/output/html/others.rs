//! Everything that is not an app: org settings, profiles, sites and other components, by metadata type.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::elements::{framed, severity_count};
use super::words::{counted, name, severity_counts};
use crate::output::view::{FileKey, FindingView, ReportView};
use crate::project::MetadataType;

/// With more components, the others are folded.
const LISTED: usize = 8;

/// A component with its findings, each with its position in the report.
type Component<'r> = Vec<(usize, FindingView<'r>)>;

/// A metadata type.
struct Line<'r> {
    name: &'r str,
    /// How many components were checked.
    checked: u64,
    findings: Vec<FindingView<'r>>,
    /// Those with findings, the worst ones first.
    components: Vec<Component<'r>>,
}

/// The section about the other components.
pub(super) fn section(report: ReportView<'_>) -> Markup {
    let lines = lines(report);
    let (bad, good): (Vec<&Line<'_>>, Vec<&Line<'_>>) =
        lines.iter().partition(|line| !line.findings.is_empty());
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
    fn entry<'m, 'r>(
        lines: &'m mut BTreeMap<&'r str, Line<'r>>,
        name: &'r str,
    ) -> &'m mut Line<'r> {
        lines.entry(name).or_insert_with(|| Line {
            name,
            checked: 0,
            findings: Vec::new(),
            components: Vec::new(),
        })
    }
    for (name, count) in &report.tally().components {
        entry(&mut by_type, name).checked = *count;
    }
    let mut by_file: BTreeMap<FileKey<'_>, Component<'_>> = BTreeMap::new();
    for (at, finding) in report.findings().into_iter().enumerate() {
        let line = entry(&mut by_type, finding.component().type_name());
        line.findings.push(finding);
        by_file
            .entry(finding.file())
            .or_default()
            .push((at, finding));
    }
    for component in by_file.into_values() {
        let type_name = component.first().map(|(_, it)| it.component().type_name());
        if let Some(name) = type_name {
            entry(&mut by_type, name).components.push(component);
        }
    }
    by_type.retain(|name, _| !is_app(name));
    let mut lines: Vec<Line<'_>> = by_type.into_values().collect();
    for line in &mut lines {
        line.components
            .sort_by_cached_key(|it| Reverse(rank(it.iter().map(|(_, it)| *it))));
    }
    lines.sort_by_cached_key(|line| Reverse(rank(line.findings.iter().copied())));
    lines
}

/// The numbers of findings of each severity, for sorting.
fn rank<'r>(findings: impl Iterator<Item = FindingView<'r>>) -> Vec<usize> {
    let counts = severity_counts(findings).into_iter();
    counts.map(|(_, count)| count).collect()
}

fn row(line: &Line<'_>) -> Markup {
    let severities: BTreeSet<&str> = line
        .findings
        .iter()
        .map(|it| it.severity().name())
        .collect();
    let rules: BTreeSet<&str> = line.findings.iter().map(|it| it.rule()).collect();
    let words = |words: BTreeSet<&str>| words.into_iter().collect::<Vec<_>>().join(" ");
    let (first, rest) = line.components.split_at(line.components.len().min(LISTED));
    html! {
        tr.other data-severity=(words(severities)) data-rule=(words(rules)) {
            th scope="row" { code { (line.name) } }
            td { (line.checked) }
            td.counted {
                @for (severity, count) in severity_counts(line.findings.iter().copied()) {
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
