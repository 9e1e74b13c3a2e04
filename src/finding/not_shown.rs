//! Findings that a report does not show because of `--min-severity`.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::suppression::SuppressionKind;
use crate::rule::Severity;

/// The findings below `--min-severity`.
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
    /// Those whose severity depends on a file in another package directory, in the order of the report.
    pub decided_elsewhere: Vec<DecidedElsewhere>,
}

/// A finding whose severity depends on files in other package directories.
#[derive(Debug, Clone)]
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
    /// Counts a finding. `fails` is whether it fails the run.
    pub(crate) fn add(&mut self, finding: &Finding, fails: bool) {
        *self.by_severity.entry(finding.severity).or_default() += 1;
        if fails {
            self.failing += 1;
            let lowest = self.lowest_failing.get_or_insert(finding.severity);
            *lowest = finding.severity.min(*lowest);
        }
        if !finding.decided_elsewhere.is_empty() {
            self.decided_elsewhere.push(DecidedElsewhere {
                rule: finding.rule.clone(),
                component: finding.component().to_string(),
                severity: finding.severity,
                paths: finding.decided_elsewhere.clone(),
            });
        }
    }

    /// Counts a suppressed finding.
    pub(crate) fn add_suppressed(&mut self, finding: &Finding) {
        if let Some(suppression) = &finding.suppressed {
            *self.suppressed.entry(suppression.kind).or_default() += 1;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.by_severity.is_empty()
    }

    /// The lowest severity of all of them.
    pub fn lowest(&self) -> Option<Severity> {
        self.by_severity.keys().next().copied()
    }
}
