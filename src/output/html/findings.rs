//! The findings, the most severe first, each with its source, evidence and fix.

use std::collections::{BTreeMap, HashMap};
use std::io;

use maud::{Markup, html};

use super::elements::{badge, link};
use super::words::{file_and_line, name, rule_sentence, sentence, severities, severity_counts};
use crate::output::context::{Context, MadeIn};
use crate::output::more::more_in_file;
use crate::output::view::{ExcerptView, FindingView, LocationView, ReportView};
use crate::rule::{Rule, RuleSet, Severity};
use crate::rule_docs::ControlReference;
use crate::text::{ScannedText, counted};

/// Adds the heading with the filters, and a section for each severity.
pub(super) fn sections(
    context: &Context<'_>,
    mut put: impl FnMut(&Markup) -> io::Result<()>,
) -> io::Result<()> {
    let (report, rules) = (context.report, context.rules);
    let findings = report.findings();
    put(&heading(&findings, rules))?;
    put(&more(report))?;
    let rules: HashMap<&str, &Rule> = rules.rules().map(|rule| (rule.id.as_str(), rule)).collect();
    for severity in Severity::ALL {
        let of_severity = findings.iter().copied().enumerate();
        let of_severity: Vec<Numbered<'_>> = of_severity
            .filter(|(_, finding)| finding.severity() == severity)
            .collect();
        if of_severity.is_empty() {
            continue;
        }
        put(&html! {
            h3.level data-severity=(severity.name()) {
                (badge(severity)) " " (counted(of_severity.len(), "finding"))
            }
        })?;
        // Findings of a file follow each other: they are sorted by path.
        for findings in of_severity.chunk_by(|(_, one), (_, other)| one.file() == other.file()) {
            put(&component(findings, &rules, context.run.made_in))?;
        }
    }
    Ok(())
}

/// A finding and its index in the report.
type Numbered<'a> = (usize, FindingView<'a>);

fn heading(findings: &[FindingView<'_>], rules: &RuleSet) -> Markup {
    let counts = severity_counts(findings.iter().copied());
    let mut by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *by_rule.entry(finding.rule()).or_default() += 1;
    }
    let by_rule: Vec<_> = rules
        .rules()
        .filter_map(|rule| Some((rule, by_rule.get(rule.id.as_str())?)))
        .collect();
    html! {
        section #findings {
            h2 { "Findings" }
            @if findings.is_empty() {
                p { "No findings." }
            } @else {
                p.lead { (severities(&counts)) "." }
                // The script shows it.
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
                    button type="button" #unfold title="Open findings are printed with their source" { "Open all" }
                    output #shown for="filter" aria-live="polite" {}
                }
            }
        }
    }
}

/// The numbers of findings that are not listed.
fn more(report: ReportView<'_>) -> Markup {
    let more = report.more().into_iter();
    let more: Vec<_> = more.filter(|it| it.suppression().is_none()).collect();
    html! {
        @if !more.is_empty() {
            ul.counts {
                @for more in more {
                    li {
                        (badge(more.severity())) " " code { (more.rule()) } " "
                        (file_and_line(&more.location().path(), more.location().start().line)) ": "
                        (more_in_file(more))
                    }
                }
            }
        }
    }
}

fn component(findings: &[Numbered<'_>], rules: &HashMap<&str, &Rule>, made_in: MadeIn) -> Markup {
    let (_, first) = findings[0];
    html! {
        section.component {
            h4 {
                (name(&first.component().name())) " "
                span.type { (first.component().type_name()) }
            }
            p.file { code.path { (first.location().path().one_line()) } }
            @for (at, finding) in findings {
                (finding_details(*finding, at + 1, rules.get(finding.rule()).copied(), made_in))
            }
        }
    }
}

fn finding_details(
    finding: FindingView<'_>,
    number: usize,
    rule: Option<&Rule>,
    made_in: MadeIn,
) -> Markup {
    let title = rule.map_or(finding.rule(), |rule| &rule.title);
    let line = finding.location().start().line;
    html! {
        details.finding.(finding.severity().name()) data-severity=(finding.severity().name()) data-rule=(finding.rule()) {
            summary {
                (badge(finding.severity()))
                span.title { (rule_sentence(title)) }
                span.where { code { (finding.rule()) } " line " (line) }
            }
            // A link to something inside opens it, also without a script.
            div.body id={ "f" (number) } {
                p.message { (sentence(finding.headline())) "." }
                @if finding.reasons().len() > 0 {
                    p { @for reason in finding.reasons() { (rule_sentence(reason)) ". " } }
                }
                (source(finding.location(), finding.label()))
                @if finding.related().len() > 0 {
                    h5 { "Evidence" }
                    @for related in finding.related() {
                        (source(related.location(), related.message()))
                    }
                }
                h5 { "What to do" }
                p { (rule_sentence(finding.help())) }
                (fix(finding, made_in))
                p.more {
                    a href={ "#rule-" (finding.rule()) } { "About this rule" }
                    @if let Some(rule) = rule.filter(|rule| !rule.url.is_empty()) {
                        " · " (link(&rule.url, "Reference"))
                    }
                    (control_ids(finding, rule))
                    " · Fingerprint " code { (finding.fingerprint()) }
                }
            }
        }
    }
}

/// The ids of the published controls that the finding violates.
fn control_ids(finding: FindingView<'_>, rule: Option<&Rule>) -> Markup {
    let covers = rule.into_iter().flat_map(|rule| &rule.covers);
    let about = finding.component().metadata_type();
    let controls = ControlReference::about(covers.map(String::as_str), about);
    html! {
        @if !controls.is_empty() {
            " · Controls "
            @for (at, control) in controls.iter().enumerate() {
                @if at > 0 { ", " }
                span title=[control.authority] { code { (control.id) } }
            }
        }
    }
}

fn fix(finding: FindingView<'_>, made_in: MadeIn) -> Markup {
    let has_commands = made_in == MadeIn::Program;
    html! {
        @if let Some(fix) = finding.fix() {
            p { strong { "Fix: " } (rule_sentence(fix.title())) "." }
            @match fix.rollout() {
                None => @if has_commands {
                    p { "Apply it with " code { "forcelint check --fix" } "." }
                },
                Some(rollout) => div.rollout {
                    p { strong { "Rollout: " } (rule_sentence(rollout)) }
                    @if has_commands {
                        p { "Apply it with " code { "forcelint check --fix=all" } "." }
                    }
                },
            }
        }
    }
}

/// A location and its label.
fn source(location: LocationView<'_>, label: ScannedText<'_>) -> Markup {
    html! {
        figure.source {
            figcaption { (file_and_line(&location.path(), location.start().line)) }
            @if let Some(excerpt) = location.excerpt() { (lines(excerpt)) }
            @if !label.is_empty() { p.label { (sentence(label)) } }
        }
    }
}

fn lines(excerpt: ExcerptView<'_>) -> Markup {
    html! {
        pre tabindex="0" {
            @for (number, text) in excerpt.lines() {
                @let text = text.one_line();
                @if number == excerpt.marked_line() {
                    @let (before, marked, after) = marked(&text, excerpt);
                    code.line.here data-n=(number) { (before) mark { (marked) } (after) }
                } @else {
                    code.line data-n=(number) { (text) }
                }
            }
        }
    }
}

/// The marked line in three pieces.
fn marked<'t>(text: &'t str, excerpt: ExcerptView<'_>) -> (&'t str, &'t str, &'t str) {
    let offset = |characters: usize| {
        let found = text.char_indices().nth(characters);
        found.map_or(text.len(), |(at, _)| at)
    };
    let start = offset(excerpt.mark_start());
    let end = offset(excerpt.mark_start() + excerpt.mark_length());
    (&text[..start], &text[start..end], &text[end..])
}
