//! Findings that are counted and not listed, in the words of reports.

use super::suppression::suppressed_by;
use super::view::{FindingView, MoreView, ReportView};

/// A line of a report: a finding, or the number of those that are not listed.
pub(super) enum Listed<'a> {
    Single(FindingView<'a>),
    More(MoreView<'a>),
}

/// The findings to list, in order. The numbers follow the findings of their file.
pub(super) fn listed_with_more(report: ReportView<'_>) -> Vec<Listed<'_>> {
    let mut more = report.more().into_iter().peekable();
    let mut listed = Vec::new();
    for finding in report.listed() {
        let is_earlier = |more: &MoreView<'_>| more.location().path() < finding.location().path();
        while let Some(earlier) = more.next_if(is_earlier) {
            listed.push(Listed::More(earlier));
        }
        listed.push(Listed::Single(finding));
    }
    listed.extend(more.map(Listed::More));
    listed
}

/// `and 500 more findings of this rule in this file`
pub(super) fn more_in_file(more: MoreView<'_>) -> String {
    let noun = match more.count() {
        1 => "finding",
        _ => "findings",
    };
    let suppressed = more.suppression().map_or(String::new(), |it| {
        format!(" (suppressed by {})", suppressed_by(it))
    });
    format!(
        "and {} more {noun} of this rule in this file{suppressed}",
        more.count()
    )
}
