//! Why a finding is suppressed.

use super::view::{FindingView, ReportView, SuppressionView};
use crate::finding::SuppressionKind;

/// What suppresses a finding, such as `an exception until 2027-03-31 (integration team): the reason`.
pub(super) fn suppressed_by(suppression: SuppressionView<'_>) -> String {
    let mut text = match suppression.kind() {
        SuppressionKind::Exception => "an exception",
        SuppressionKind::Inline => "a comment",
        SuppressionKind::Baseline => "the baseline",
    }
    .to_owned();
    if let Some(expires) = suppression.expires() {
        text.push_str(&format!(" until {}", expires.one_line()));
    }
    if let Some(owner) = suppression.owner() {
        text.push_str(&format!(" ({})", owner.one_line()));
    }
    if let Some(reason) = suppression.reason() {
        text.push_str(&format!(": {}", reason.one_line()));
    }
    text
}

/// How many findings are suppressed, by what suppresses them; empty if none is. Those in the baseline
/// have no reason, so they are not counted among the accepted ones.
pub(super) fn suppressed_counts(report: ReportView<'_>) -> String {
    counts_by_kind(|kind| report.suppressed_by(kind))
}

/// How many critical findings are suppressed, by what suppresses them; empty if none is.
pub(super) fn suppressed_critical(report: ReportView<'_>) -> String {
    counts_by_kind(|kind| report.suppressed_critical_by(kind))
}

fn counts_by_kind(count: impl Fn(SuppressionKind) -> usize) -> String {
    let accepted = [
        (SuppressionKind::Exception, "by exceptions"),
        (SuppressionKind::Inline, "by comments"),
    ];
    let accepted = accepted.map(|(kind, by)| (count(kind), by));
    let accepted = accepted.iter().filter(|(count, _)| *count > 0);
    let accepted: Vec<String> = accepted
        .map(|(count, by)| format!("{count} {by}"))
        .collect();
    let mut counts = Vec::new();
    if !accepted.is_empty() {
        counts.push(format!("{} (accepted)", accepted.join(" and ")));
    }
    let baseline = count(SuppressionKind::Baseline);
    if baseline > 0 {
        counts.push(format!("{baseline} by the baseline (not reviewed)"));
    }
    counts.join(", ")
}

/// What suppresses a finding, the reason, the expiry date, and the owner.
pub(super) fn suppression_reason(finding: FindingView<'_>) -> String {
    let Some(suppression) = finding.suppression() else {
        return String::new();
    };
    let mut text = suppression.kind().name().to_owned();
    for (before, part) in [
        (": ", suppression.reason()),
        (", until ", suppression.expires()),
        (", owner: ", suppression.owner()),
    ] {
        if let Some(part) = part {
            text.push_str(before);
            text.push_str(&part.one_line());
        }
    }
    text
}

/// A suppressed finding, in one line.
pub(super) fn suppression_line(finding: FindingView<'_>) -> String {
    format!(
        "{}:{}: {}[{}] {} ({})",
        finding.location().path().one_line(),
        finding.location().start().line,
        finding.severity(),
        finding.rule(),
        finding.headline().one_line(),
        suppression_reason(finding)
    )
}
