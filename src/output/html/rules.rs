//! The rules: how many components pass, and what each rule is about.

use std::collections::{BTreeMap, HashSet};

use maud::{Markup, html};

use super::elements::{badge, definition, link, nothing};
use super::words::{rule_sentence, severities, severity_counts};
use crate::finding::{RuleTally, SuppressionKind};
use crate::output::view::{FileKey, FindingView, ReportView};
use crate::rule::{Rule, RuleSet, Severity};
use crate::rule_docs::{OWN_RULE, control_heading, controls};
use crate::text::counted;

/// A rule and its outcomes.
struct Line<'a> {
    rule: &'a Rule,
    tally: RuleTally,
    findings: Vec<FindingView<'a>>,
    /// Components with reported findings.
    violating: u64,
    /// Components without those, whose findings have a reason to be suppressed.
    accepted: u64,
    /// Components without both, whose findings the baseline suppresses.
    baseline: u64,
}

impl Line<'_> {
    /// Components that fail without a reported finding: suppressed, or below the lowest reported
    /// severity.
    fn unreported(&self) -> u64 {
        self.tally.fail.saturating_sub(self.violating)
    }

    fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity()).max()
    }
}

/// The section about the rules.
pub(super) fn section(report: ReportView<'_>, rules: &RuleSet) -> Markup {
    let mut found: BTreeMap<&str, Vec<FindingView<'_>>> = BTreeMap::new();
    for finding in report.findings() {
        found.entry(finding.rule()).or_default().push(finding);
    }
    let mut suppressed: BTreeMap<&str, Vec<FindingView<'_>>> = BTreeMap::new();
    for finding in report.suppressed() {
        suppressed.entry(finding.rule()).or_default().push(finding);
    }
    let (mut applied, unused): (Vec<Line<'_>>, Vec<Line<'_>>) = rules
        .rules()
        .map(|rule| {
            let findings = found.remove(rule.id.as_str()).unwrap_or_default();
            let suppressed = suppressed.remove(rule.id.as_str()).unwrap_or_default();
            let files: HashSet<FileKey<'_>> = findings.iter().map(|it| it.file()).collect();
            let (accepted, baseline) = suppressed_components(&suppressed, &files);
            Line {
                rule,
                tally: report.rule_tally(&rule.id, |_| true),
                violating: files.len() as u64,
                accepted,
                baseline,
                findings,
            }
        })
        .partition(|line| line.tally != RuleTally::default() || !line.findings.is_empty());
    applied
        .sort_by_key(|line| std::cmp::Reverse((line.worst(), line.violating, line.unreported())));
    let (bad, good): (Vec<_>, Vec<_>) = applied
        .iter()
        .partition(|line| !line.findings.is_empty() || line.tally.fail > 0);
    html! {
        section #rules {
            h2 { "Rules" }
            p.lead {
                strong { (good.len()) " of " (counted(applied.len(), "rule")) }
                " have no findings. The bars show components. "
                @if !unused.is_empty() {
                    (counted(unused.len(), "more rule")) " had no components to check."
                }
            }
            @for line in &bad { (rule_details(line)) }
            @if !good.is_empty() {
                details.fold.optional {
                    summary { (counted(good.len(), "rule")) " without findings" }
                    @for line in &good { (rule_details(line)) }
                }
            }
            @if !unused.is_empty() {
                details.fold.optional {
                    summary { (counted(unused.len(), "rule")) " without components to check" }
                    ul.counts {
                        @for line in &unused { li id={ "rule-" (line.rule.id) } { code { (line.rule.id) } " " (rule_sentence(&line.rule.title)) } }
                    }
                }
            }
        }
    }
}

/// How many other components than `violating` have accepted findings, and how many other ones have
/// findings in the baseline.
fn suppressed_components(
    suppressed: &[FindingView<'_>],
    violating: &HashSet<FileKey<'_>>,
) -> (u64, u64) {
    let files = |is_baseline: bool| -> HashSet<FileKey<'_>> {
        let of_kind = suppressed.iter().filter(|finding| {
            let kind = finding.suppression().map(|it| it.kind());
            (kind == Some(SuppressionKind::Baseline)) == is_baseline
        });
        let files = of_kind.map(|finding| finding.file());
        files.filter(|file| !violating.contains(file)).collect()
    };
    let (accepted, baseline) = (files(false), files(true));
    let only_baseline = baseline.difference(&accepted).count();
    (accepted.len() as u64, only_baseline as u64)
}

fn rule_details(line: &Line<'_>) -> Markup {
    let rule = line.rule;
    let worst = line.worst();
    html! {
        details.rule data-severity=(worst.map_or("", Severity::name)) data-rule=(rule.id) {
            summary {
                span.title { (rule_sentence(&rule.title)) " " code { (rule.id) } }
                (bar(line))
                span.numbers { (numbers(line)) }
            }
            div.body id={ "rule-" (rule.id) } {
                p {
                    (badge(rule.severity)) " is the default severity"
                    @if let Some([low, high]) = rule.cvss {
                        " (CVSS " (format!("{low:.1} to {high:.1}")) ")"
                    }
                    ". " (rule_sentence(&rule.help))
                }
                @if !rule.control.is_empty() {
                    h3 { (control_heading(rule)) }
                    p { (rule_sentence(&rule.control.name)) }
                }
                dl.about {
                    @for (heading, part) in rule.control.parts() { (definition(heading, part)) }
                    @if !rule.setup.is_empty() {
                        div { dt { "Where in Setup" } dd { ul { @for path in &rule.setup { li { (rule_sentence(path)) } } } } }
                    }
                }
                h3 { "About the check" }
                dl.about {
                    (definition("How forcelint checks it", rule.notes.as_deref().unwrap_or_default()))
                    (definition("When to leave a finding", rule.exceptions.as_deref().unwrap_or_default()))
                    div { dt { "Published controls" } dd { (published(rule)) } }
                }
                @if !rule.url.is_empty() { p { (link(&rule.url, &rule.url)) } }
            }
        }
    }
}

/// The published controls that ask for what the rule checks.
fn published(rule: &Rule) -> Markup {
    let controls = controls(rule);
    html! {
        @if controls.is_empty() { p { (OWN_RULE) } }
        ul {
            @for control in &controls {
                li {
                    @if let (Some(authority), Some(title)) = (control.authority, control.title) {
                        (authority) ": " (link(control.url.unwrap_or_default(), title)) " "
                    }
                    code.id { (control.id) }
                }
            }
        }
    }
}

fn numbers(line: &Line<'_>) -> Markup {
    let RuleTally {
        pass, not_checked, ..
    } = line.tally;
    let all = pass + not_checked + line.violating.max(line.tally.fail);
    let suppressed = line.accepted + line.baseline;
    let not_shown = line.unreported().saturating_sub(suppressed);
    html! {
        @if line.violating > 0 {
            strong { (line.violating) " of " (all) " components fail" }
            span.vh { " (" (severities(&severity_counts(line.findings.iter().copied()))) ")" }
        } @else if line.unreported() == 0 && not_checked == 0 {
            (pass) " pass"
        } @else {
            (pass) " of " (all) " pass"
        }
        @if line.accepted > 0 { ", " (line.accepted) " accepted" }
        @if line.baseline > 0 { ", " (line.baseline) " in the baseline, not reviewed" }
        @if not_shown > 0 { ", " (not_shown) " not reported" }
        @if not_checked > 0 { ", " (not_checked) " not checked" }
    }
}

/// Width of a bar, in its own units.
const WIDTH: u64 = 1000;

/// How many components pass, as a bar beside the numbers.
fn bar(line: &Line<'_>) -> Markup {
    let parts = [
        (worst_class(line), line.violating),
        ("accepted", line.unreported()),
        ("unknown", line.tally.not_checked),
        ("ok", line.tally.pass),
    ];
    let all: u64 = parts.iter().map(|(_, count)| count).sum();
    if all == 0 {
        return nothing();
    }
    let mut before = 0;
    let mut rectangles = Vec::new();
    for (class, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
        let (from, to) = (before * WIDTH / all, (before + count) * WIDTH / all);
        rectangles.push((class, from, to - from));
        before += count;
    }
    html! {
        svg.bar viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" aria-hidden="true" {
            @for (class, from, width) in rectangles {
                rect.(class) x=(from) y="0" width=(width) height="10" {}
            }
        }
    }
}

fn worst_class(line: &Line<'_>) -> &'static str {
    line.worst().map_or("ok", Severity::name)
}
