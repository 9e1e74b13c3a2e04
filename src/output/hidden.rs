//! Why a finding does not count, in words.

use crate::finding::{Report, Suppression, SuppressionKind};
use crate::text::inert;

/// What hides a finding, such as `an exception until 2027-03-31 (integration team): the reason`.
pub(super) fn hidden_by(suppression: &Suppression) -> String {
    let mut text = match suppression.kind {
        SuppressionKind::Exception => "an exception",
        SuppressionKind::Inline => "a comment",
        SuppressionKind::Baseline => "the baseline",
    }
    .to_owned();
    if let Some(expires) = &suppression.expires {
        text.push_str(&format!(" until {expires}"));
    }
    if let Some(owner) = &suppression.owner {
        text.push_str(&format!(" ({})", inert(owner)));
    }
    if let Some(reason) = &suppression.reason {
        text.push_str(&format!(": {}", inert(reason)));
    }
    text
}

/// How many findings do not count, by what hides them; empty where all do.
pub(crate) fn hidden_counts(report: &Report) -> String {
    let kinds = [
        (SuppressionKind::Exception, "by exceptions"),
        (SuppressionKind::Inline, "by comments"),
        (SuppressionKind::Baseline, "by the baseline"),
    ];
    let counts = kinds.map(|(kind, by)| (report.hidden(kind), by));
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, by)| format!("{count} {by}")).collect();
    counts.join(", ")
}
