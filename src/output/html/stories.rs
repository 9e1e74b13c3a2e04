//! Attack stories: the findings of one app that form one path, step by step.

use std::collections::{HashMap, HashSet};

use maud::{Markup, html};

use super::elements::badge;
use super::words::rule_sentence;
use crate::output::stories::{Step, Story, grouped};
use crate::output::view::{FileKey, FindingView, ReportView};

/// The numbers of the findings that the section names. Their anchors have them.
type Numbers<'a> = HashMap<(FileKey<'a>, &'a str), usize>;

fn key(finding: FindingView<'_>) -> (FileKey<'_>, &str) {
    (finding.file(), finding.fingerprint())
}

/// The section with the stories; empty if there are none.
pub(super) fn section(report: ReportView<'_>, stories: Vec<Story<'_>>) -> Markup {
    let groups = grouped(stories);
    let steps = groups.iter().flat_map(|group| &group[0].steps);
    let named = steps.flat_map(|step| &step.findings);
    let named: HashSet<_> = named.map(|finding| key(*finding)).collect();
    let findings = report.findings().into_iter().enumerate();
    let numbers: Numbers<'_> = findings
        .map(|(at, it)| (key(it), at + 1))
        .filter(|(key, _)| named.contains(key))
        .collect();
    html! {
        @if !groups.is_empty() {
            section #stories {
                h2 { "Attack stories" }
                p.lead {
                    "Findings of one app that form one path for an attacker. Each step is a finding of this report; \
                     whether an attacker takes the path is not known."
                }
                ol.first { @for group in &groups { (item(group, &numbers)) } }
            }
        }
    }
}

fn item(group: &[Story<'_>], numbers: &Numbers<'_>) -> Markup {
    let story = &group[0];
    html! {
        li {
            p.what { strong { (story.definition.title) } " " (badge(story.severity())) }
            p.numbers {
                @for (at, story) in group.iter().enumerate() {
                    @if at > 0 { ", " }
                    bdi { (story.name.one_line()) }
                }
                " " span.type { (story.type_name) }
            }
            ol { @for step in &story.steps { (step_item(step, numbers)) } }
        }
    }
}

/// A step, with links to its findings in the first app.
fn step_item(step: &Step<'_>, numbers: &Numbers<'_>) -> Markup {
    let found = step.findings.iter();
    let links = found.filter_map(|finding| Some((numbers.get(&key(*finding))?, finding.rule())));
    html! {
        li {
            (rule_sentence(&step.definition.text)) ". "
            @for (at, (number, rule)) in links.enumerate() {
                @if at > 0 { ", " }
                a href={ "#f" (number) } { code { (rule) } }
            }
        }
    }
}
