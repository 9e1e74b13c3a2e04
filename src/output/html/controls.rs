//! The published controls by publisher: which pass, fail, could not be checked, or are not in source.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::elements::{framed, link};
use super::words::{counted, rule_sentence, severities};
use crate::finding::{RuleTally, SuppressionKind};
use crate::output::context::Context;
use crate::output::view::FindingView;
use crate::project::MetadataType;
use crate::rule::{BUILT_IN, Severity};
use crate::rule_docs::{PUBLISHED, PublishedControl};

/// What a report knows about a control. Only `Passed` means that it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Failed,
    NotChecked,
    Passed,
    /// Its rules pass, but source does not show all of it.
    PassedInPart,
    /// The checked files have no component that the control is about.
    NothingToCheck,
    NotInSource,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Failed,
        Self::NotChecked,
        Self::Passed,
        Self::PassedInPart,
        Self::NothingToCheck,
        Self::NotInSource,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotChecked => "not checked",
            Self::Passed => "passed",
            Self::PassedInPart => "passed in part",
            Self::NothingToCheck => "nothing to check",
            Self::NotInSource => "not visible in source",
        }
    }
}

/// The findings of a rule for one metadata type.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    /// Reported ones, by severity, the highest first.
    reported: [usize; Severity::ALL.len()],
    accepted: usize,
    baseline: usize,
}

impl Found {
    fn add(&mut self, other: Self) {
        for (sum, count) in self.reported.iter_mut().zip(other.reported) {
            *sum += count;
        }
        self.accepted += other.accepted;
        self.baseline += other.baseline;
    }

    fn counts(&self) -> Vec<(Severity, usize)> {
        Severity::ALL.into_iter().zip(self.reported).collect()
    }

    fn worst(&self) -> Option<Severity> {
        let mut counts = self.counts().into_iter();
        counts.find_map(|(severity, count)| (count > 0).then_some(severity))
    }
}

/// Findings by rule and metadata type.
type ByRule<'a> = BTreeMap<(&'a str, MetadataType), Found>;

/// A control and its result.
struct Row<'a> {
    control: &'a PublishedControl,
    status: Status,
    tally: RuleTally,
    found: Found,
    /// Its enabled rules.
    rules: Vec<&'a str>,
    /// Its rules that are off or not selected.
    off: Vec<&'a str>,
}

/// The section about published controls.
pub(super) fn section(context: &Context<'_>) -> Markup {
    let found = by_rule(context);
    html! {
        section #controls {
            h2 { "Controls by authority" }
            p.lead {
                "Each published control has the result of its rules. "
                "A control passes only if every component that it is about passes. "
                "Accepted findings and the baseline do not make a control pass. "
                "It passes in part if source does not show all of what it asks for. "
                "A setting that is not in a file of org settings passes, although the org can have another value: "
                "a deploy does not change it."
            }
            @for source in &PUBLISHED.source {
                @let controls = PUBLISHED.control.iter().filter(|it| it.source == source.id);
                @let rows: Vec<Row<'_>> = controls.map(|it| row(context, it, &found)).collect();
                h3 { (link(&source.url, &source.name)) }
                (totals(&rows))
                (table(&source.name, &rows))
            }
        }
    }
}

fn by_rule<'a>(context: &Context<'a>) -> ByRule<'a> {
    let mut by_rule = ByRule::new();
    let key = |finding: &FindingView<'a>| (finding.rule(), finding.component().metadata_type());
    for finding in context.report.findings() {
        let found: &mut Found = by_rule.entry(key(&finding)).or_default();
        for (count, severity) in found.reported.iter_mut().zip(Severity::ALL) {
            *count += usize::from(severity == finding.severity());
        }
    }
    for finding in context.report.suppressed() {
        let found = by_rule.entry(key(&finding)).or_default();
        match finding.suppression().map(|it| it.kind()) {
            Some(SuppressionKind::Baseline) => found.baseline += 1,
            _ => found.accepted += 1,
        }
    }
    by_rule
}

fn row<'a>(
    context: &Context<'a>,
    control: &'a PublishedControl,
    found_by_rule: &ByRule<'_>,
) -> Row<'a> {
    let covers = |rule: &&'static str| {
        let rule = BUILT_IN.iter().find(|it| it.id == *rule);
        rule.is_some_and(|rule| rule.covers.contains(&&*control.id))
    };
    let built_in = BUILT_IN.iter().map(|rule| rule.id).filter(covers);
    let (mut rules, off): (Vec<&str>, Vec<&str>) = built_in.partition(|id| context.rules.has(id));
    let own = context
        .rules
        .own()
        .filter(|rule| rule.covers.contains(&control.id));
    rules.extend(
        own.map(|rule| rule.id.as_str())
            .filter(|id| context.rules.has(id)),
    );
    let (mut tally, mut found) = (RuleTally::default(), Found::default());
    for rule in &rules {
        tally.add(context.report.rule_tally(rule, |it| control.is_about(it)));
        let of_rule = found_by_rule.iter();
        let of_rule = of_rule.filter(|((id, it), _)| id == rule && control.is_about(*it));
        of_rule.for_each(|(_, of_type)| found.add(*of_type));
    }
    let fails = tally.fail > 0 || found.worst().is_some() || found.accepted + found.baseline > 0;
    let status = match () {
        () if fails => Status::Failed,
        () if control.reason.is_some() && rules.is_empty() => Status::NotInSource,
        // A pass of some of its rules is not a pass of the control.
        () if rules.is_empty() || tally.not_checked > 0 => Status::NotChecked,
        () if tally.pass == 0 => Status::NothingToCheck,
        () if !off.is_empty() => Status::NotChecked,
        () if control.partly.is_some() => Status::PassedInPart,
        () => Status::Passed,
    };
    Row {
        control,
        status,
        tally,
        found,
        rules,
        off,
    }
}

/// How many controls have each result.
fn totals(rows: &[Row<'_>]) -> Markup {
    let counts = Status::ALL.map(|status| {
        let of_status = rows.iter().filter(|row| row.status == status);
        (status, of_status.count())
    });
    html! {
        ul.counts {
            @for (status, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
                li { strong { (count) } " " (status.name()) }
            }
        }
    }
}

/// The controls with a result, and folded lists of the others.
fn table(source: &str, rows: &[Row<'_>]) -> Markup {
    let of = |statuses: &[Status]| -> Vec<&Row<'_>> {
        let of_status = rows.iter().filter(|it| statuses.contains(&it.status));
        let mut rows: Vec<_> = of_status.collect();
        rows.sort_by_key(|row| (row.status, std::cmp::Reverse(row.found.reported)));
        rows
    };
    let checked = of(&[
        Status::Failed,
        Status::NotChecked,
        Status::Passed,
        Status::PassedInPart,
    ]);
    let heads = ["Control", "Result", "Details", "Rules"];
    html! {
        @if !checked.is_empty() {
            (framed(source, &heads, &html! { @for row in checked { (table_row(row)) } }))
        }
        @for status in [Status::NothingToCheck, Status::NotInSource] {
            @let rows = of(&[status]);
            @if !rows.is_empty() {
                details.fold {
                    summary { (counted(rows.len(), "control")) ": " (status.name()) }
                    ul.others { @for row in rows { (list_item(row)) } }
                }
            }
        }
    }
}

/// A control without a result, and why it has none.
fn list_item(row: &Row<'_>) -> Markup {
    let control = row.control;
    html! {
        li {
            (link(control.url.as_deref().unwrap_or_default(), &control.name)) " "
            code.id { (control_id(control)) }
            @if let Some(reason) = &control.reason { ": " (rule_sentence(reason)) }
            @else if !row.rules.is_empty() { " (" (row.rules.join(", ")) ")" }
        }
    }
}

/// The id, which can wrap after underscores.
fn control_id(control: &PublishedControl) -> Markup {
    html! {
        @for (at, part) in control.id.split('_').enumerate() {
            @if at > 0 { "_" wbr; }
            (part)
        }
    }
}

fn table_row(row: &Row<'_>) -> Markup {
    let control = row.control;
    let class = match row.status {
        Status::Failed => match row.found.worst() {
            Some(severity) => severity.name(),
            None if row.found.accepted + row.found.baseline > 0 => "accepted",
            None => "info",
        },
        Status::Passed | Status::PassedInPart => "ok",
        _ => "open",
    };
    html! {
        tr.control {
            th scope="row" {
                (link(control.url.as_deref().unwrap_or_default(), &control.name))
                " " code.id { (control_id(control)) }
            }
            td { span.badge.(class) { (row.status.name()) } }
            td { (details(row)) }
            td {
                ul {
                    @for rule in &row.rules { li { a href={ "#rule-" (rule) } { code { (rule) } } } }
                    @for rule in &row.off { li { code { (rule) } " (off)" } }
                }
            }
        }
    }
}

fn capitalized(mut sentence: String) -> String {
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

/// The numbers behind a result, and what source does not show.
fn details(row: &Row<'_>) -> Markup {
    let (found, control) = (&row.found, row.control);
    let mut numbers = Vec::new();
    if found.worst().is_some() {
        numbers.push(format!("findings: {}", severities(&found.counts())));
    }
    if found.accepted > 0 {
        numbers.push(format!("{} accepted", found.accepted));
    }
    if found.baseline > 0 {
        numbers.push(format!("{} in the baseline, not reviewed", found.baseline));
    }
    if row.status == Status::Failed && numbers.is_empty() {
        let failed = counted(row.tally.fail, "check");
        numbers.push(format!(
            "{failed} failed below the lowest severity that this report shows (show them with --min-severity info)"
        ));
    }
    if row.tally.not_checked > 0 {
        numbers.push(format!("{} not checked", row.tally.not_checked));
    }
    if row.tally.pass > 0 {
        numbers.push(format!("{} passed", counted(row.tally.pass, "check")));
    }
    if !row.off.is_empty() {
        numbers.push("rules are off or not selected".to_owned());
    }
    html! {
        @if !numbers.is_empty() { (capitalized(numbers.join("; "))) "." }
        @for text in control.reason.iter().chain(&control.partly) {
            @if !numbers.is_empty() { " Not in source: " }
            (rule_sentence(text))
        }
        @if let Some([low, high]) = control.cvss {
            " CVSS " (format!("{low:.1} to {high:.1}")) "."
        }
    }
}
