//! The findings, by component, each with its source, evidence and fix.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};

use super::page::{badge, link};
use super::words::{name, place, rule_sentence, sentence, severities, severity_counts};
use crate::finding::{Excerpt, Finding, Location, Report};
use crate::rule::{Rule, RuleSet};

/// Puts the heading with the filters, and then a section for each file with findings.
pub(super) fn sections(report: &Report, rules: &RuleSet, mut put: impl FnMut(&Markup)) {
    put(&heading(report, rules));
    let rules: HashMap<&str, &Rule> = rules.rules().map(|rule| (rule.id.as_str(), rule)).collect();
    let mut at = 0;
    // Findings of a file stand together: they are sorted by path.
    let files = report
        .findings
        .chunk_by(|one, other| one.file.path == other.file.path);
    for findings in files {
        put(&component(findings, at, &rules));
        at += findings.len();
    }
}

fn heading(report: &Report, rules: &RuleSet) -> Markup {
    let counts = severity_counts(&report.findings);
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &report.findings {
        *by_rule.entry(&finding.rule).or_default() += 1;
    }
    let by_rule: Vec<_> = rules
        .rules()
        .filter_map(|rule| Some((rule, by_rule.get(rule.id.as_str())?)))
        .collect();
    html! {
        section #findings {
            h2 { "Findings" }
            @if report.findings.is_empty() {
                p { "None." }
            } @else {
                p.lead { (severities(&counts)) "." }
                // Without a script there is nothing that it could do.
                form #filter hidden role="search" aria-label="Filter" {
                    fieldset {
                        legend.vh { "Severity" }
                        @for (severity, count) in counts.iter().filter(|(_, count)| *count > 0) {
                            label.toggle.(severity.name()) {
                                input type="checkbox" name="severity" value=(severity.name()) checked;
                                " " (severity.name()) " " span.count { (count) }
                            }
                        }
                    }
                    label {
                        span.name { "Rule" }
                        select name="rule" {
                            option value="" { "all rules" }
                            @for (rule, count) in by_rule {
                                option value=(rule.id) { (rule.id) " (" (count) ")" }
                            }
                        }
                    }
                    label {
                        span.name { "Search" }
                        input type="search" name="text" placeholder="app, path, text" autocomplete="off" spellcheck="false";
                    }
                    button type="reset" { "Reset" }
                    button type="button" #unfold title="What is open is printed with its source" { "Open all" }
                    output #shown for="filter" aria-live="polite" {}
                }
            }
        }
    }
}

fn component(findings: &[Finding], before: usize, rules: &HashMap<&str, &Rule>) -> Markup {
    let component = findings[0].component();
    let mut numbered: Vec<_> = findings.iter().enumerate().collect();
    // What is worst first; in the order of the file among equals.
    numbered.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
    html! {
        section.component {
            h3 {
                (name(&component.name)) " "
                span.type { (component.metadata_type.name()) }
            }
            p.file {
                code.path { (findings[0].location.path) }
                span.sum { (severities(&severity_counts(findings))) }
            }
            @for (at, finding) in numbered {
                (shown(finding, before + at + 1, rules.get(finding.rule.as_str()).copied()))
            }
        }
    }
}

fn shown(finding: &Finding, number: usize, rule: Option<&Rule>) -> Markup {
    let title = rule.map_or(finding.rule.as_str(), |rule| &rule.title);
    let line = finding.location.start.line;
    html! {
        details.finding.(finding.severity.name()) data-severity=(finding.severity.name()) data-rule=(finding.rule) {
            summary {
                (badge(finding.severity))
                span.title { (rule_sentence(title)) }
                span.where { code { (finding.rule) } " line " (line) }
            }
            // A link to something inside opens it, also without a script.
            div.body id={ "f" (number) } {
                p.message { (sentence(&finding.headline)) "." }
                @if !finding.reasons.is_empty() {
                    p { @for reason in &finding.reasons { (rule_sentence(reason)) ". " } }
                }
                (source(&finding.location, &finding.label))
                @if !finding.related.is_empty() {
                    h4 { "Evidence" }
                    @for related in &finding.related {
                        (source(&related.location, &related.message))
                    }
                }
                h4 { "What to do" }
                p { (rule_sentence(&finding.help)) }
                (fix(finding))
                p.more {
                    a href={ "#rule-" (finding.rule) } { "About this rule" }
                    @if let Some(rule) = rule { " · " (link(&rule.url, "Reference")) }
                    " · Fingerprint " code { (finding.fingerprint) }
                }
            }
        }
    }
}

fn fix(finding: &Finding) -> Markup {
    html! {
        @if let Some(fix) = &finding.fix {
            p { strong { "Fix: " } (sentence(&fix.title)) "." }
            @match fix.applicability.rollout() {
                None => p { code { "forcelint check --fix" } " does it; no client notices it here." },
                Some(rollout) => div.rollout {
                    p { strong { "Roll-out first. " } (rule_sentence(rollout)) }
                    p { "Then " code { "forcelint check --fix=all" } " does it." }
                },
            }
        }
    }
}

/// A place with what there is to say of it.
fn source(location: &Location, label: &str) -> Markup {
    html! {
        figure.source {
            figcaption { (place(&location.path, location.start.line)) }
            @if let Some(excerpt) = &location.excerpt { (lines(excerpt)) }
            @if !label.is_empty() { p.label { (sentence(label)) } }
        }
    }
}

fn lines(excerpt: &Excerpt) -> Markup {
    html! {
        pre tabindex="0" {
            @for line in &excerpt.lines {
                @if line.number == excerpt.marked_line {
                    @let (before, marked, behind) = marked(&line.text, excerpt);
                    code.line.here data-n=(line.number) { (before) mark { (marked) } (behind) }
                } @else {
                    code.line data-n=(line.number) { (line.text) }
                }
            }
        }
    }
}

/// The marked line in three pieces.
fn marked<'t>(text: &'t str, excerpt: &Excerpt) -> (&'t str, &'t str, &'t str) {
    let offset = |characters: usize| {
        let found = text.char_indices().nth(characters);
        found.map_or(text.len(), |(at, _)| at)
    };
    let start = offset(excerpt.mark_start);
    let end = offset(excerpt.mark_start + excerpt.mark_length);
    (&text[..start], &text[start..end], &text[end..])
}
