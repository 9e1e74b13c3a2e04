//! A finding: one rule, one component, one primary location.

use std::cmp::Ordering;
use std::sync::Arc;

use super::fix::Fix;
use super::location::{Location, Related};
use super::suppression::Suppression;
use crate::project::{Component, SourceFile};
use crate::rule::Severity;

/// A violation of a rule.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The severity, based on all evidence.
    pub severity: Severity,
    /// What was found: the first sentence of the message, without the label and a period.
    pub headline: String,
    /// What is wrong at the primary location.
    pub label: String,
    /// The reasons for the severity, one sentence each.
    pub reasons: Vec<String>,
    /// What to do, and if there is no automatic fix, why not.
    pub help: Arc<str>,
    /// Findings of the same file share it, because a large run has many.
    pub file: Arc<SourceFile>,
    /// The name of the External Client App that the file describes or is a part of, if it is about one.
    pub external_client_app: Option<String>,
    /// The primary location.
    pub location: Location,
    pub related: Vec<Related>,
    /// The paths of files in other package directories that decide the severity. They are also in
    /// `reasons` and `related`.
    pub decided_elsewhere: Vec<String>,
    pub fix: Option<Box<Fix>>,
    /// The path of the element below the root, with keys for repeated elements. It is part of the
    /// fingerprint.
    pub element: String,
    /// Identifies the finding, also after the file was reformatted or moved.
    pub fingerprint: String,
    /// GitHub's `primaryLocationLineHash`, if a report needs it.
    pub line_hash: Option<String>,
    /// Why the finding is suppressed, if it is.
    pub suppressed: Option<Box<Suppression>>,
    /// The index among the findings of its file, in the order of the checks. It is the order of
    /// findings at the same location, which fingerprints number.
    pub order: usize,
}

impl Finding {
    /// The order of two findings in a report.
    pub fn in_report(&self, other: &Self) -> Ordering {
        fn key(finding: &Finding) -> impl Ord + '_ {
            let Location {
                path, start, end, ..
            } = &finding.location;
            let position = (path, start.offset, end.offset);
            let finding_at = (&finding.rule, &finding.label);
            // Without a repository, files of two projects can have the same path.
            (position, finding_at, &finding.file.path, finding.order)
        }
        key(self).cmp(&key(other))
    }

    /// What was found and why it matters, in sentences.
    pub fn message(&self) -> String {
        // The headline of a malformed file ends with the reason, which is the label.
        let mut message = match self.headline.ends_with(&self.label) {
            true => format!("{}.", self.headline),
            false => format!("{}: {}.", self.headline, self.label),
        };
        for reason in &self.reasons {
            message.push(' ');
            message.push_str(reason);
            message.push('.');
        }
        message
    }

    pub fn component(&self) -> &Component {
        &self.file.component
    }
}

/// Sorts findings into the order of a report. The sort need not be stable, because no two findings are equal.
pub(crate) fn sort_findings(findings: &mut [Box<Finding>]) {
    findings.sort_unstable_by(|one, other| one.in_report(other));
}
