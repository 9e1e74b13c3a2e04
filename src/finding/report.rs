//! The results of a run.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::more_findings::MoreFindings;
use super::not_checked::NotChecked;
use super::not_shown::NotShown;
use super::posture::Posture;
use super::suppression::{Suppression, SuppressionKind};
use crate::project::{ProjectError, SkipReason, Skipped, Unusable};
use crate::rule::Severity;

/// An error about a file, folder or argument. Every error makes the run fail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunError {
    pub path: String,
    pub message: String,
}

/// Counts of files and components.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Files of all kinds that were found or named.
    pub files_seen: u64,
    /// Files that were read and checked.
    pub files_checked: u64,
    /// Components by metadata type.
    pub components: BTreeMap<&'static str, u64>,
    /// Skipped files and folders.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// In an audit: checked files that an ignore file excludes.
    pub ignored: BTreeMap<SkipReason, u64>,
    /// Which files and folders were skipped. Empty unless a report needs it.
    pub skipped_paths: Vec<Skipped>,
}

impl Report {
    /// The findings that reports list, in order: with `--show-suppressed` also suppressed ones.
    pub fn listed(&self) -> Vec<&Finding> {
        let mut listed: Vec<&Finding> = self.findings.iter().map(Box::as_ref).collect();
        if self.shows_suppressed {
            listed.extend(self.suppressed.iter().map(Box::as_ref));
            listed.sort_by(|one, other| one.in_report(other));
        }
        listed
    }

    /// The number of findings that are suppressed in this way, listed or not, also below `--min-severity`.
    pub fn suppressed_by(&self, kind: SuppressionKind) -> usize {
        let is_kind = |it: &&Suppression| it.kind == kind;
        let listed = self.suppressed.iter();
        let listed = listed
            .filter_map(|it| it.suppressed.as_deref())
            .filter(is_kind);
        let more = self.more.iter();
        let more = more.filter(|it| it.suppressed.as_ref().filter(is_kind).is_some());
        let more: usize = more.map(|it| it.count).sum();
        let not_shown = self.not_shown.suppressed.get(&kind);
        listed.count() + more + not_shown.unwrap_or(&0)
    }

    /// The same for critical findings, which are never below `--min-severity`.
    pub fn suppressed_critical_by(&self, kind: SuppressionKind) -> usize {
        let is_kind = |it: Option<&Suppression>| it.is_some_and(|it| it.kind == kind);
        let listed = self.suppressed.iter();
        let listed = listed
            .filter(|it| it.severity == Severity::Critical && is_kind(it.suppressed.as_deref()));
        let more = self.more.iter();
        let more =
            more.filter(|it| it.severity == Severity::Critical && is_kind(it.suppressed.as_ref()));
        listed.count() + more.map(|it| it.count).sum::<usize>()
    }

    /// The severities of all findings that are shown and not suppressed, each with a number of findings.
    pub fn severities(&self) -> impl Iterator<Item = (Severity, usize)> {
        let listed = self.findings.iter().map(|it| (it.severity, 1));
        let more = self.more.iter().filter(|it| it.suppressed.is_none());
        listed.chain(more.map(|it| (it.severity, it.count)))
    }

    pub fn has_errors(&self) -> bool {
        !(self.errors.is_empty() && self.unusable.is_empty() && self.broken_projects.is_empty())
    }

    /// All errors, sorted by path.
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

/// A file that was fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedFile {
    /// The path in reports.
    pub path: String,
    /// How many findings were fixed.
    pub findings: usize,
}

/// The results of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Sorted by path, position and rule. Without suppressed ones.
    pub findings: Vec<Box<Finding>>,
    /// Findings that are only counted, in the same order. Suppressed ones, too.
    pub more: Vec<MoreFindings>,
    /// Suppressed findings in the same order, each with its `Suppression`.
    pub suppressed: Vec<Box<Finding>>,
    /// Findings below `--min-severity`.
    pub not_shown: NotShown,
    /// Reports also list suppressed findings.
    pub shows_suppressed: bool,
    /// Sorted by rule and component.
    pub not_checked: Vec<NotChecked>,
    /// Sorted by path.
    pub errors: Vec<RunError>,
    /// Arguments that cannot be used. They are errors, too.
    pub unusable: Vec<Unusable>,
    /// Projects whose `sfdx-project.json` cannot be used. They are errors, too.
    pub broken_projects: Vec<ProjectError>,
    /// What the files were compared with, if the run was about changed files.
    pub compared: Vec<String>,
    /// Information for the user that does not fail the run.
    pub notes: Vec<String>,
    /// The absolute path of the folder that paths are relative to.
    pub root: String,
    /// The paths of the skipped files and folders, sorted. Empty unless a report needs them.
    pub skipped_files: Vec<(String, SkipReason)>,
    pub tally: Tally,
    /// The files that were fixed before this report was made, by path.
    pub fixed: Vec<FixedFile>,
    /// Empty unless a report needs it.
    pub posture: Posture,
}
