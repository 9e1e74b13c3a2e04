//! Which findings the formats for people list, and in which order.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::view::{FindingView, MoreView, ReportView};
use crate::rule::Severity;

/// Up to this many findings are shown with their source, each.
pub(super) const FEW: usize = 10;
/// The findings of several rules that are listed by default.
const LISTED: usize = 20;
/// The same for a report with attack stories, which need a few lines.
const LISTED_WITH_STORIES: usize = 16;
/// The findings of a single rule, or of files, that are listed by default.
const LISTED_OF_ONE: usize = 100;

/// How the pretty format groups findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Grouping {
    /// By rule: what to do once, then the locations.
    #[default]
    Rule,
    /// By file, one line per finding.
    File,
    /// Each finding by itself, with its source.
    None,
}

/// How many findings are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxFindings {
    All,
    Count(usize),
}

impl FromStr for MaxFindings {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::All);
        }
        let count = text.parse().ok().filter(|&count| count > 0);
        count
            .map(Self::Count)
            .ok_or("expected a number from 1, or `all`")
    }
}

/// What the formats for people list. It never changes the exit status.
#[derive(Debug, Clone, Copy, Default)]
pub struct Listing {
    pub grouping: Grouping,
    /// `None` is a number that fits on a few screens.
    pub max_findings: Option<MaxFindings>,
    /// Counts by rule instead of findings.
    pub statistics: bool,
    /// All details in the summary.
    pub verbose: bool,
}

/// Findings with something in common, the worst first.
pub(super) struct Group<'a> {
    /// All of them. Suppressed ones are last.
    pub(super) findings: Vec<FindingView<'a>>,
    /// The numbers of those that no report lists.
    pub(super) more: Vec<MoreView<'a>>,
    /// How many of the findings are listed, from the first.
    pub(super) listed: usize,
}

impl<'a> Group<'a> {
    pub(super) fn listed(&self) -> &[FindingView<'a>] {
        &self.findings[..self.listed]
    }

    /// The rule of the first finding.
    pub(super) fn rule(&self) -> &'a str {
        let finding = self.findings.first().map(|it| it.rule());
        let more = || self.more.first().map(|it| it.rule());
        finding.or_else(more).unwrap_or_default()
    }

    /// How many findings are in the group and not listed.
    pub(super) fn unlisted(&self) -> usize {
        self.total() - self.listed
    }

    pub(super) fn total(&self) -> usize {
        let more: usize = self.more.iter().map(|it| it.count()).sum();
        self.findings.len() + more
    }

    /// How many findings there are of each severity, without the first `from` findings. Suppressed ones
    /// count only if all are.
    pub(super) fn severities(&self, from: usize) -> BTreeMap<Severity, usize> {
        let mut counts = BTreeMap::new();
        let is_suppressed = self.is_suppressed();
        for finding in &self.findings[from..] {
            if finding.suppression().is_some() == is_suppressed {
                *counts.entry(finding.severity()).or_default() += 1;
            }
        }
        for more in &self.more {
            if more.suppression().is_some() == is_suppressed {
                *counts.entry(more.severity()).or_default() += more.count();
            }
        }
        counts
    }

    /// Whether all of its findings are suppressed.
    pub(super) fn is_suppressed(&self) -> bool {
        let findings = self.findings.iter().all(|it| it.suppression().is_some());
        findings && self.more.iter().all(|it| it.suppression().is_some())
    }

    /// How many of its findings are suppressed.
    pub(super) fn suppressed(&self) -> usize {
        let findings = self.findings.iter();
        let findings = findings.filter(|it| it.suppression().is_some()).count();
        let more = self.more.iter().filter(|it| it.suppression().is_some());
        findings + more.map(|it| it.count()).sum::<usize>()
    }

    /// The order of groups: what is not suppressed first, then by severity, then by number.
    fn key(&self) -> impl Ord + use<> {
        let severities = self.severities(0);
        let worst = severities.last_key_value();
        let worst = worst.map(|(severity, count)| (*severity, *count));
        (self.is_suppressed(), std::cmp::Reverse(worst))
    }
}

/// The findings in groups, the worst first, and in each group the worst first.
pub(super) fn groups<'a, K: Ord>(
    report: ReportView<'a>,
    of_finding: impl Fn(FindingView<'a>) -> K,
    of_more: impl Fn(MoreView<'a>) -> K,
) -> Vec<Group<'a>> {
    let mut by_key: BTreeMap<K, Group<'a>> = BTreeMap::new();
    let empty = || Group {
        findings: Vec::new(),
        more: Vec::new(),
        listed: 0,
    };
    for finding in report.listed() {
        let group = by_key.entry(of_finding(finding)).or_insert_with(empty);
        group.findings.push(finding);
    }
    for more in report.more() {
        let group = by_key.entry(of_more(more)).or_insert_with(empty);
        group.more.push(more);
    }
    let mut groups: Vec<Group<'a>> = by_key.into_values().collect();
    for group in &mut groups {
        group.findings.sort_by_key(worst_first);
    }
    groups.sort_by_cached_key(Group::key);
    groups
}

/// The order of a list for people. Findings of the same severity stay in the order of their paths.
pub(super) fn worst_first(finding: &FindingView<'_>) -> impl Ord + use<> {
    let is_suppressed = finding.suppression().is_some();
    (is_suppressed, std::cmp::Reverse(finding.severity()))
}

/// Decides how many findings of each rule are listed. Every rule gets its turn before the first one gets
/// another, so that many findings of one rule do not hide another rule.
pub(super) fn share_among_rules(
    groups: &mut [Group<'_>],
    max: Option<MaxFindings>,
    has_stories: bool,
) {
    let all: usize = groups.iter().map(|group| group.findings.len()).sum();
    let mut rest = match max {
        Some(MaxFindings::All) => all,
        Some(MaxFindings::Count(count)) => count,
        None if groups.len() == 1 => LISTED_OF_ONE,
        None if all <= FEW => all,
        None if has_stories => LISTED_WITH_STORIES.max(groups.len()),
        None => LISTED.max(groups.len()),
    };
    let mut is_done = false;
    while !is_done {
        is_done = true;
        for group in groups.iter_mut() {
            if rest > 0 && group.listed < group.findings.len() {
                group.listed += 1;
                rest -= 1;
                is_done = false;
            }
        }
    }
}

/// Decides how many findings of each group are listed. The first groups come first.
pub(super) fn fill_in_order(groups: &mut [Group<'_>], max: Option<MaxFindings>) {
    let mut rest = match max {
        Some(MaxFindings::All) => usize::MAX,
        Some(MaxFindings::Count(count)) => count,
        None => LISTED_OF_ONE,
    };
    for group in groups {
        group.listed = group.findings.len().min(rest);
        rest -= group.listed;
    }
}

/// `60 critical, 20 high`
pub(super) fn severity_counts(counts: &BTreeMap<Severity, usize>) -> String {
    let counts = counts.iter().rev();
    let counts: Vec<String> = counts
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    counts.join(", ")
}
