//! What to fix first: the rules whose findings matter most.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::view::{FindingView, ReportView};
use crate::rule::Severity;

/// The findings of one rule, which have a common remedy.
pub(super) struct FixFirst<'a> {
    /// The rule's id.
    pub(super) rule: &'a str,
    /// The listed findings, the most severe first.
    pub(super) findings: Vec<FindingView<'a>>,
    /// How many findings there are of each severity, the highest first, listed or not.
    pub(super) counts: [usize; Severity::ALL.len()],
}

impl FixFirst<'_> {
    /// How many findings there are, listed or not.
    pub(super) fn total(&self) -> usize {
        self.counts.iter().sum()
    }

    /// How many listed findings `--fix` fixes.
    pub(super) fn safe(&self) -> usize {
        let fixes = self.findings.iter().filter_map(|it| it.fix());
        fixes.filter(|fix| fix.rollout().is_none()).count()
    }

    /// How many listed findings `--fix=all` fixes after a rollout.
    pub(super) fn after_rollout(&self) -> usize {
        let fixes = self.findings.iter().filter_map(|it| it.fix());
        fixes.filter(|fix| fix.rollout().is_some()).count()
    }
}

/// The reported findings by rule. The rule with the most critical findings is first; if two rules have the
/// same number, the next severity decides.
pub(super) fn fix_first(report: ReportView<'_>) -> Vec<FixFirst<'_>> {
    let mut by_rule: BTreeMap<&str, FixFirst<'_>> = BTreeMap::new();
    fn entry<'m, 'a>(
        by_rule: &'m mut BTreeMap<&'a str, FixFirst<'a>>,
        rule: &'a str,
    ) -> &'m mut FixFirst<'a> {
        by_rule.entry(rule).or_insert_with(|| FixFirst {
            rule,
            findings: Vec::new(),
            counts: Default::default(),
        })
    }
    for finding in report.findings() {
        let of_rule = entry(&mut by_rule, finding.rule());
        of_rule.counts[rank(finding.severity())] += 1;
        of_rule.findings.push(finding);
    }
    let more = report.more().into_iter();
    for more in more.filter(|it| it.suppression().is_none()) {
        entry(&mut by_rule, more.rule()).counts[rank(more.severity())] += more.count();
    }
    let mut rules: Vec<FixFirst<'_>> = by_rule.into_values().collect();
    for rule in &mut rules {
        // Those of one severity stay in the order of the report.
        rule.findings.sort_by_key(|it| Reverse(it.severity()));
    }
    // The order of names stays among equals.
    rules.sort_by_key(|rule| Reverse(rule.counts));
    rules
}

impl FixFirst<'_> {
    /// How many findings of this severity there are, listed or not.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.counts[rank(severity)]
    }
}

/// The index of a severity among all, from the highest.
fn rank(severity: Severity) -> usize {
    let at = Severity::ALL.iter().position(|it| *it == severity);
    // All severities are in the list.
    at.unwrap_or_default()
}
