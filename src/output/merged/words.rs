//! Texts that several formats share.

use std::cmp::Reverse;

use crate::merge::{ControlOutcome, ControlTotals, MergedReport, RepositoryStatus};
use crate::rule::Severity;
use crate::rule_docs::PUBLISHED;
use crate::text::ScannedText;

/// The counts that are not zero: `2 critical, 1 low`.
pub(in crate::output) fn severity_list(counts: &[usize; Severity::ALL.len()]) -> String {
    let counts = counts.iter().zip(Severity::ALL);
    let some = counts.filter(|(count, _)| **count > 0);
    let some: Vec<String> = some.map(|(count, it)| format!("{count} {it}")).collect();
    some.join(", ")
}

/// What the report is about, and its results, in a sentence without a period.
pub(in crate::output) fn result(report: &MergedReport) -> String {
    let mut parts = Vec::new();
    for status in RepositoryStatus::ALL {
        let count = report.with_status(status);
        let word = match (status, count) {
            (_, 0) => continue,
            (RepositoryStatus::Fails, 2..) => "fail",
            (RepositoryStatus::Passes, 2..) => "pass",
            _ => status.name(),
        };
        parts.push(format!("{count} {word}"));
    }
    let repositories = match report.repositories.len() {
        1 => "1 repository".to_owned(),
        count => format!("{count} repositories"),
    };
    let findings = match severity_list(&report.findings()) {
        list if list.is_empty() => "no findings".to_owned(),
        list => format!("findings: {list}"),
    };
    match parts.is_empty() {
        true => repositories,
        false => format!("{repositories}: {}; {findings}", parts.join(", ")),
    }
}

/// A control, with what forcelint knows about it.
pub(in crate::output) struct ControlName<'a> {
    pub(in crate::output) id: ScannedText<'a>,
    /// What it requires; its id if forcelint does not know it.
    pub(in crate::output) title: ScannedText<'a>,
    pub(in crate::output) url: Option<&'static str>,
}

impl<'a> ControlName<'a> {
    pub(super) fn of(id: &'a str) -> Self {
        let published = PUBLISHED.control(id);
        Self {
            id: id.into(),
            title: published.map_or(id.into(), |it| it.name.as_str().into()),
            url: published.and_then(|it| it.url.as_deref()),
        }
    }
}

/// A publisher and the totals of its controls.
pub(in crate::output) struct Authority<'a> {
    pub(in crate::output) name: ScannedText<'a>,
    pub(in crate::output) url: Option<&'static str>,
    /// Those that fail in most repositories first.
    pub(in crate::output) controls: Vec<(ControlName<'a>, &'a ControlTotals)>,
}

impl Authority<'_> {
    /// How many controls have this outcome in at least one repository.
    pub(in crate::output) fn with(&self, outcome: ControlOutcome) -> usize {
        let controls = self.controls.iter();
        controls.filter(|(_, it)| it.with(outcome) > 0).count()
    }

    /// How many controls fail, pass everywhere, and are not checked, without a period.
    pub(in crate::output) fn numbers(&self) -> String {
        format!(
            "Controls that fail in a repository: {}; that pass wherever they apply: {}; that are not checked in a \
             repository: {}",
            self.with(ControlOutcome::Failed),
            self.passed_everywhere(),
            self.with(ControlOutcome::NotChecked)
        )
    }

    /// How many controls pass in every repository that has something to check.
    fn passed_everywhere(&self) -> usize {
        let others = [
            ControlOutcome::Failed,
            ControlOutcome::NotChecked,
            ControlOutcome::PassedInPart,
            ControlOutcome::NotSet,
        ];
        let passes = |it: &ControlTotals| {
            it.with(ControlOutcome::Passed) > 0 && others.iter().all(|other| it.with(*other) == 0)
        };
        self.controls.iter().filter(|(_, it)| passes(it)).count()
    }
}

/// In how many repositories a control failed, was not checked, and passed, such as `failed in 2, passed in 1`.
pub(super) fn by_outcome(totals: &ControlTotals) -> String {
    let outcomes = [
        (ControlOutcome::Failed, "failed"),
        (ControlOutcome::NotChecked, "not checked"),
        (ControlOutcome::Passed, "passed"),
    ];
    let counts = outcomes.map(|(outcome, name)| (name, totals.with(outcome)));
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let parts = counts.map(|(name, count)| format!("{name} in {count}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// The publishers, in the order of the published list; unknown ones last.
pub(in crate::output) fn authorities(report: &MergedReport) -> Vec<Authority<'_>> {
    let position = |name: &str| PUBLISHED.source.iter().position(|it| it.name == name);
    let mut sources: Vec<_> = report.controls.iter().collect();
    sources.sort_by_key(|(name, _)| position(name).unwrap_or(usize::MAX));
    let sources = sources.into_iter();
    sources
        .map(|(name, controls)| {
            let controls = controls.iter();
            let mut controls: Vec<_> = controls.map(|(id, it)| (ControlName::of(id), it)).collect();
            controls.sort_by_key(|(_, it)| Reverse(it.counts));
            Authority {
                name: name.into(),
                url: position(name).map(|at| PUBLISHED.source[at].url.as_str()),
                controls,
            }
        })
        .collect()
}
