//! The result of each published control: passed, failed, not checked, or not visible in source, and why.

use std::collections::BTreeMap;

use super::context::Context;
use super::view::FindingView;
use crate::finding::{RuleTally, SuppressionKind};
use crate::project::MetadataType;
use crate::rule::{BUILT_IN, Severity};
use crate::rule_docs::{ControlList, PUBLISHED, PublishedControl};

/// What a report knows about a control. Only `Passed` means that it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ControlStatus {
    Failed,
    NotChecked,
    Passed,
    /// Its rules pass, but source does not show all of it.
    PassedInPart,
    /// Its rules pass because a file of org settings does not have the setting. A deploy does not change it
    /// then, and the org can have any value.
    NotSet,
    /// The checked files have no component that the control is about.
    NothingToCheck,
    NotInSource,
}

impl ControlStatus {
    pub(super) const ALL: [Self; 7] = [
        Self::Failed,
        Self::NotChecked,
        Self::Passed,
        Self::PassedInPart,
        Self::NotSet,
        Self::NothingToCheck,
        Self::NotInSource,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotChecked => "not checked",
            Self::Passed => "passed",
            Self::PassedInPart => "passed in part",
            Self::NotSet => "not set in source",
            Self::NothingToCheck => "nothing to check",
            Self::NotInSource => "not visible in source",
        }
    }
}

/// The findings of a rule for one metadata type.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    /// Reported ones, by severity, the highest first.
    pub(super) reported: [usize; Severity::ALL.len()],
    pub(super) accepted: usize,
    pub(super) baseline: usize,
}

impl Found {
    fn add(&mut self, other: Self) {
        for (sum, count) in self.reported.iter_mut().zip(other.reported) {
            *sum += count;
        }
        self.accepted += other.accepted;
        self.baseline += other.baseline;
    }

    pub(super) fn counts(&self) -> Vec<(Severity, usize)> {
        Severity::ALL.into_iter().zip(self.reported).collect()
    }

    pub(super) fn worst(&self) -> Option<Severity> {
        let mut counts = self.counts().into_iter();
        counts.find_map(|(severity, count)| (count > 0).then_some(severity))
    }
}

/// Findings by rule and metadata type.
type ByRule<'a> = BTreeMap<(&'a str, MetadataType), Found>;

/// A control and its result.
pub(super) struct ControlResult<'a> {
    pub(super) control: &'a PublishedControl,
    pub(super) status: ControlStatus,
    pub(super) tally: RuleTally,
    pub(super) found: Found,
    /// Its enabled rules.
    pub(super) rules: Vec<&'a str>,
    /// Its rules that are off or not selected.
    pub(super) off: Vec<&'a str>,
}

impl ControlResult<'_> {
    /// Why source does not show the control, or a part of it.
    pub(super) fn not_in_source(&self) -> Option<&str> {
        let control = self.control;
        control.reason.as_deref().or(control.partly.as_deref())
    }

    /// The numbers behind the result, each as a clause.
    pub(super) fn numbers(&self) -> Vec<String> {
        let (found, tally) = (&self.found, &self.tally);
        let mut numbers = Vec::new();
        if found.worst().is_some() {
            let counts = found.counts().into_iter();
            let counts = counts.filter(|(_, count)| *count > 0);
            let counts: Vec<String> = counts
                .map(|(severity, count)| format!("{count} {severity}"))
                .collect();
            numbers.push(format!("findings: {}", counts.join(", ")));
        }
        if found.accepted > 0 {
            numbers.push(format!("{} accepted", found.accepted));
        }
        if found.baseline > 0 {
            numbers.push(format!("{} in the baseline, not reviewed", found.baseline));
        }
        if self.status == ControlStatus::Failed && numbers.is_empty() {
            let failed = checks(tally.fail);
            numbers.push(format!(
                "{failed} failed below the lowest severity that this report shows"
            ));
        }
        if tally.not_checked > 0 {
            numbers.push(format!("{} not checked", tally.not_checked));
        }
        let set = tally.pass - tally.pass_unset;
        if set > 0 {
            numbers.push(format!("{} passed", checks(set)));
        }
        if tally.pass_unset > 0 {
            numbers.push(format!(
                "{} without the setting in the file",
                checks(tally.pass_unset)
            ));
        }
        if !self.off.is_empty() {
            numbers.push("rules are off or not selected".to_owned());
        }
        numbers
    }
}

fn checks(count: u64) -> String {
    match count {
        1 => "1 check".to_owned(),
        count => format!("{count} checks"),
    }
}

/// A publisher of controls, and the results of its controls.
pub(super) struct SourceResults<'a> {
    /// Its id in `docs/controls.toml`.
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) url: &'a str,
    pub(super) results: Vec<ControlResult<'a>>,
}

impl<'a> SourceResults<'a> {
    /// The results, the failed ones with the worst findings first.
    pub(super) fn by_status(&self) -> Vec<&ControlResult<'a>> {
        let mut results: Vec<_> = self.results.iter().collect();
        results.sort_by_key(|it| (it.status, std::cmp::Reverse(it.found.reported)));
        results
    }

    /// How many controls have each result, without those that none has.
    pub(super) fn totals(&self) -> Vec<(ControlStatus, usize)> {
        let counts = ControlStatus::ALL.map(|status| {
            let of_status = self.results.iter().filter(|it| it.status == status);
            (status, of_status.count())
        });
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

/// The results of all published controls, by publisher. The report needs a posture.
pub(super) fn published_results<'a>(context: &Context<'a>) -> Vec<SourceResults<'a>> {
    control_results(context, &PUBLISHED)
}

/// The results of the controls in a list, by publisher.
pub(super) fn control_results<'a>(
    context: &Context<'a>,
    list: &'a ControlList,
) -> Vec<SourceResults<'a>> {
    let found = by_rule(context);
    let of_source = |source: &str| {
        let controls = list.control.iter();
        let controls = controls.filter(|it| it.source == source);
        controls.map(|it| result(context, it, &found)).collect()
    };
    let sources = list.source.iter();
    sources
        .map(|source| SourceResults {
            id: &source.id,
            name: &source.name,
            url: &source.url,
            results: of_source(&source.id),
        })
        .collect()
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

fn result<'a>(
    context: &Context<'a>,
    control: &'a PublishedControl,
    found_by_rule: &ByRule<'_>,
) -> ControlResult<'a> {
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
    let mut is_unset = false;
    for rule in &rules {
        let of_rule = context.report.rule_tally(rule, |it| control.is_about(it));
        is_unset |= of_rule.pass_unset > 0 && of_rule.pass_unset == of_rule.pass;
        tally.add(of_rule);
        let of_rule = found_by_rule.iter();
        let of_rule = of_rule.filter(|((id, it), _)| id == rule && control.is_about(*it));
        of_rule.for_each(|(_, of_type)| found.add(*of_type));
    }
    let fails = tally.fail > 0 || found.worst().is_some() || found.accepted + found.baseline > 0;
    let status = match () {
        () if fails => ControlStatus::Failed,
        () if control.reason.is_some() && rules.is_empty() => ControlStatus::NotInSource,
        // A pass of some of its rules is not a pass of the control.
        () if rules.is_empty() || tally.not_checked > 0 => ControlStatus::NotChecked,
        () if tally.pass == 0 => ControlStatus::NothingToCheck,
        () if !off.is_empty() => ControlStatus::NotChecked,
        () if is_unset => ControlStatus::NotSet,
        () if control.partly.is_some() => ControlStatus::PassedInPart,
        () => ControlStatus::Passed,
    };
    ControlResult {
        control,
        status,
        tally,
        found,
        rules,
        off,
    }
}
