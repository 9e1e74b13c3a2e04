//! The section about what to fix first.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::elements::severity_count;
use super::words::{name, rule_sentence};
use crate::output::context::{Context, MadeIn};
use crate::output::fix_first::{FixFirst, fix_first};
use crate::output::view::{FileKey, FindingView, ReportView};
use crate::rule::Severity;
use crate::text::counted;

/// How many rules the section names.
const NAMED: usize = 5;
/// How many components it names for each rule.
const NAMED_COMPONENTS: usize = 4;

/// Whether there is something to fix.
pub(super) fn has_items(report: ReportView<'_>) -> bool {
    report.severities().next().is_some()
}

/// The rules whose findings matter most, each with its remedy. Nothing without findings.
pub(super) fn section(context: &Context<'_>) -> Markup {
    let report = context.report;
    let all = fix_first(report);
    let total: usize = all.iter().map(FixFirst::total).sum();
    let shown = &all[..all.len().min(NAMED)];
    let cleared: usize = shown.iter().map(FixFirst::total).sum();
    html! {
        @if !all.is_empty() {
            section #fix-first {
                h2 { "Fix these first" }
                p.lead {
                    @if cleared == total {
                        "All findings, by what has to be done."
                    } @else {
                        strong { (cleared) " of " (total) " findings" }
                        " come from " (counted(shown.len(), "rule")) "."
                    }
                    " The rule with the most critical findings is first."
                }
                ol.first {
                    @for it in shown { (item(it, context)) }
                }
            }
        }
    }
}

fn item(it: &FixFirst<'_>, context: &Context<'_>) -> Markup {
    let report = context.report;
    let rule = context.rules.find(it.rule);
    let title = rule.map_or(it.rule, |rule| &rule.title);
    let files: BTreeSet<FileKey<'_>> = it.findings.iter().map(|it| it.file()).collect();
    html! {
        li {
            p.what {
                strong { (rule_sentence(title)) } " "
                a href={ "#rule-" (it.rule) } { code { (it.rule) } }
            }
            p.numbers {
                @for (severity, count) in Severity::ALL.iter().zip(it.counts).filter(|(_, count)| *count > 0) {
                    (severity_count(*severity, count)) " "
                }
                "in " (counted(files.len(), "component")) ": "
                (components(&it.findings, report))
            }
            @if let Some(rule) = rule { p { (rule_sentence(&rule.help)) } }
            @match context.run.made_in {
                MadeIn::Program => (commands(it)),
                MadeIn::Page { .. } => (automatic_fixes(it)),
            }
        }
    }
}

/// Links to the first findings.
fn components(findings: &[FindingView<'_>], report: ReportView<'_>) -> Markup {
    let positions = report.findings();
    let number = |finding: &FindingView<'_>| {
        let at = positions.iter().position(|it| it.is(*finding));
        at.unwrap_or_default() + 1
    };
    let mut seen = BTreeSet::new();
    let one_per_file: Vec<_> = findings
        .iter()
        .filter(|it| seen.insert(it.file()))
        .collect();
    html! {
        @for (at, finding) in one_per_file.iter().take(NAMED_COMPONENTS).enumerate() {
            @if at > 0 { ", " }
            a href={ "#f" (number(finding)) } { (name(&finding.component().name())) }
        }
        @if one_per_file.len() > NAMED_COMPONENTS {
            " and " (one_per_file.len() - NAMED_COMPONENTS) " more"
        }
    }
}

fn commands(it: &FixFirst<'_>) -> Markup {
    let (safe, after_rollout) = (it.safe(), it.after_rollout());
    html! {
        @if safe > 0 {
            p.how { code { "forcelint check --fix" } " fixes " (counted(safe, "finding")) "." }
        }
        @if after_rollout > 0 {
            p.how {
                code { "forcelint check --fix=all" } " fixes " (counted(after_rollout, "finding"))
                " after a rollout (see the findings)."
            }
        }
    }
}

/// How many findings the page fixes.
fn automatic_fixes(it: &FixFirst<'_>) -> Markup {
    let (safe, after_rollout) = (it.safe(), it.after_rollout());
    html! {
        @if safe > 0 {
            p.how { "The page fixes " (counted(safe, "finding")) " without other changes." }
        }
        @if after_rollout > 0 {
            p.how {
                "The page fixes " (counted(after_rollout, "finding"))
                " after a rollout (see the findings)."
            }
        }
    }
}
