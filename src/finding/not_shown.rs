//! Findings that a report does not show because of `--min-severity`.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use super::more_findings::MoreFindings;
use super::suppression::SuppressionKind;
use crate::project::Component;
use crate::rule::Severity;

/// The findings below `--min-severity`. They are only counted, so that their number does not need memory.
#[derive(Debug, Clone, Default)]
pub struct NotShown {
    /// Suppressed findings.
    pub suppressed: BTreeMap<SuppressionKind, usize>,
    /// Findings that are not suppressed. All that follows is about these.
    pub by_severity: BTreeMap<Severity, usize>,
    /// How many of them fail the run.
    pub failing: usize,
    /// The lowest severity among those that fail the run.
    pub lowest_failing: Option<Severity>,
    /// Those whose severity depends on a file in another package directory: each rule and component once.
    pub decided_elsewhere: BTreeSet<DecidedElsewhere>,
}

/// Findings whose severity depends on files in other package directories.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecidedElsewhere {
    /// The rule's id.
    pub rule: String,
    /// `Type:Name`
    pub component: String,
    pub severity: Severity,
    /// The paths of the files that decide the severity.
    pub paths: Vec<String>,
}

impl NotShown {
    /// Counts a finding, suppressed or not.
    pub(crate) fn add_finding(&mut self, finding: &Finding) {
        let suppressed = finding.suppressed.as_ref().map(|it| it.kind);
        self.count(finding.severity, suppressed, 1);
        if suppressed.is_none() {
            let paths = &finding.decided_elsewhere;
            self.add_decided_elsewhere(&finding.rule, finding.component(), finding.severity, paths);
        }
    }

    /// Counts findings that are not listed.
    pub(crate) fn add_more(&mut self, more: &MoreFindings) {
        let suppressed = more.suppressed.as_ref().map(|it| it.kind);
        self.count(more.severity, suppressed, more.count);
    }

    /// Counts findings of a severity, with what suppresses them.
    pub(crate) fn count(
        &mut self,
        severity: Severity,
        suppressed: Option<SuppressionKind>,
        count: usize,
    ) {
        let counts = match suppressed {
            Some(kind) => self.suppressed.entry(kind).or_default(),
            None => self.by_severity.entry(severity).or_default(),
        };
        *counts += count;
    }

    /// Notes that files in other package directories decide a severity, if there are `paths`.
    pub(crate) fn add_decided_elsewhere(
        &mut self,
        rule: &str,
        component: &Component,
        severity: Severity,
        paths: &[String],
    ) {
        if !paths.is_empty() {
            self.decided_elsewhere.insert(DecidedElsewhere {
                rule: rule.to_owned(),
                component: component.to_string(),
                severity,
                paths: paths.to_vec(),
            });
        }
    }

    pub(crate) fn absorb(&mut self, other: Self) {
        for (kind, count) in other.suppressed {
            *self.suppressed.entry(kind).or_default() += count;
        }
        for (severity, count) in other.by_severity {
            *self.by_severity.entry(severity).or_default() += count;
        }
        self.decided_elsewhere.extend(other.decided_elsewhere);
    }

    /// Counts those that fail the run, when all findings have been added.
    pub(crate) fn count_failing(&mut self, fails: impl Fn(Severity) -> bool) {
        let failing = self.by_severity.iter().filter(|(it, _)| fails(**it));
        self.lowest_failing = failing.clone().next().map(|(severity, _)| *severity);
        self.failing = failing.map(|(_, count)| count).sum();
    }

    pub fn is_empty(&self) -> bool {
        self.by_severity.is_empty()
    }

    /// The lowest severity of all of them.
    pub fn lowest(&self) -> Option<Severity> {
        self.by_severity.keys().next().copied()
    }
}
