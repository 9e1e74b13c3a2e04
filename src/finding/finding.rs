//! What a run has to say: plain, owned data that any report can be made of.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::excerpt::Excerpt;
use super::posture::Posture;
use crate::project::{Component, ProjectError, SourceFile, Unusable};
use crate::rule::Severity;
use crate::text::Position;

/// A place in a file.
#[derive(Debug, Clone)]
pub struct Location {
    /// Relative to the git root, else to the project; with `/`.
    pub path: String,
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// The lines around it, when a report shows them.
    pub excerpt: Option<Excerpt>,
}

/// A second place that explains a finding.
#[derive(Debug, Clone)]
pub struct Related {
    /// What it shows.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// A change of the file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Where the replaced text begins.
    pub start: Position,
    /// Where it ends; the same place for an insertion.
    pub end: Position,
    /// The new text.
    pub text: String,
}

/// How to mend a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// What somebody has to do before the result is deployed; `None` for a safe fix.
    pub rollout: Option<String>,
    /// The changes; none overlaps another.
    pub edits: Vec<Edit>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// How bad it is, after all evidence.
    pub severity: Severity,
    /// What was found and why it matters, in sentences.
    pub message: String,
    /// The first sentence of the message alone, without a full stop.
    pub headline: String,
    /// What the element at the place says.
    pub label: String,
    /// Why the severity is what it is, a sentence each.
    pub reasons: Vec<String>,
    /// What to do; where no fix is offered, why.
    pub help: String,
    /// The file.
    pub file: SourceFile,
    /// The place.
    pub location: Location,
    /// The evidence.
    pub related: Vec<Related>,
    /// The fix, if there is one.
    pub fix: Option<Fix>,
    /// The path of the element below the root, with keys for repeated ones: what the fingerprint
    /// is made of.
    pub element: String,
    /// The same for the same finding after reformatting and moving the file.
    pub fingerprint: String,
    /// GitHub's `primaryLocationLineHash`, when a report needs it.
    pub line_hash: Option<String>,
    /// Why it does not count, if so.
    pub suppressed: Option<Suppression>,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// What says so.
    pub kind: SuppressionKind,
    /// The reason that was given; a baseline gives none.
    pub reason: Option<String>,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// What keeps a finding from counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionKind {
    /// An `[[exception]]` of the config.
    Exception,
    /// A comment in the file.
    Inline,
    /// The baseline has it.
    Baseline,
}

impl SuppressionKind {
    /// The name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Inline => "inline",
            Self::Baseline => "baseline",
        }
    }
}

impl Finding {
    /// Which of two findings comes first in a report.
    pub fn in_report(&self, other: &Self) -> Ordering {
        fn key(finding: &Finding) -> impl Ord + '_ {
            let Location {
                path, start, end, ..
            } = &finding.location;
            let place = (path, start.offset, end.offset);
            // Without a repository files of two projects may have the same path.
            (place, &finding.rule, &finding.label, &finding.file.path)
        }
        key(self).cmp(&key(other))
    }

    /// The component that it is about.
    pub fn component(&self) -> &Component {
        &self.file.component
    }
}

/// Brings findings in the order of a report. Those of one file that have the same place in it stay
/// in the order in which they are, which is that of the checks: fingerprints number them by it.
///
/// A stable sort of the findings themselves would take as much memory again as all of them have, a
/// tenth of that of a large run, so their numbers are sorted.
pub(crate) fn sort_findings(findings: &mut [Finding]) {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by(|&one, &other| findings[one].in_report(&findings[other]));
    for at in 0..order.len() {
        // What was swapped away from its place is where the place says that its own went.
        let mut from = order[at];
        while from < at {
            from = order[from];
        }
        order[at] = from;
        findings.swap(at, from);
    }
}

/// A rule that could not be held against a component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotChecked {
    /// The rule's id.
    pub rule: String,
    /// The component.
    pub component: Component,
    /// Why.
    pub reason: String,
}

/// A file, folder or argument that could not be used. Each makes the run fail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunError {
    /// Which.
    pub path: String,
    /// Why.
    pub message: String,
}

/// What was looked at.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Files of any kind that the walk met or that were named.
    pub files_seen: u64,
    /// Files that were opened.
    pub files_checked: u64,
    /// Components by metadata type.
    pub components: BTreeMap<&'static str, u64>,
    /// Files and folders passed over, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
}

impl Report {
    /// What reports list, in order: the findings that count and, where that is asked for, those
    /// that do not.
    pub fn shown(&self) -> Vec<&Finding> {
        let mut shown: Vec<&Finding> = self.findings.iter().collect();
        if self.shows_suppressed {
            shown.extend(&self.suppressed);
            shown.sort_by(|one, other| one.in_report(other));
        }
        shown
    }

    /// How many findings do not count, by what keeps them from it.
    pub fn hidden(&self, kind: SuppressionKind) -> usize {
        let kinds = self
            .suppressed
            .iter()
            .filter_map(|it| it.suppressed.as_ref());
        kinds.filter(|suppression| suppression.kind == kind).count()
    }

    /// Whether something could not be done.
    pub fn has_errors(&self) -> bool {
        !(self.errors.is_empty() && self.unusable.is_empty() && self.broken_projects.is_empty())
    }

    /// Every error, by path.
    pub fn all_errors(&self) -> Vec<RunError> {
        let broken = self.broken_projects.iter().map(|error| RunError {
            path: error.path.clone(),
            message: error.problem.clone(),
        });
        let unusable = self.unusable.iter().map(|unusable| RunError {
            path: unusable.path.clone(),
            message: unusable.reason.clone(),
        });
        let errors = self.errors.iter().cloned();
        let mut errors: Vec<_> = errors.chain(unusable).chain(broken).collect();
        errors.sort();
        errors
    }
}

/// All that a run has to say.
#[derive(Debug, Default)]
pub struct Report {
    /// By path, place and rule: those that count.
    pub findings: Vec<Finding>,
    /// In the same order: those that do not, each with its [`Suppression`].
    pub suppressed: Vec<Finding>,
    /// Reports list those too.
    pub shows_suppressed: bool,
    /// By rule and component.
    pub not_checked: Vec<NotChecked>,
    /// By path.
    pub errors: Vec<RunError>,
    /// Arguments that could not be used; errors too.
    pub unusable: Vec<Unusable>,
    /// Projects whose `sfdx-project.json` cannot be used; errors too.
    pub broken_projects: Vec<ProjectError>,
    /// With what the files were compared to find those that changed, if they were.
    pub compared: Vec<String>,
    /// Worth saying, and no failure.
    pub notes: Vec<String>,
    /// What was looked at.
    pub tally: Tally,
    /// Findings that were mended before this report was made.
    pub fixed: usize,
    /// Who complies with what, when a report shows it.
    pub posture: Posture,
}
