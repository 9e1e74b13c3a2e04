//! Everything that a run reports.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::not_checked::NotChecked;
use super::posture::Posture;
use super::suppression::SuppressionKind;
use crate::project::{ProjectError, Unusable};

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
    /// Skipped files and folders.
    pub skipped: BTreeMap<SkipReason, u64>,
}

/// Why a file or folder was skipped. In the order of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// `exclude` of the config.
    Exclude,
    /// A file that was named, but that an ignore file excludes under `--force-exclude`.
    Excluded,
    Forceignore,
    Gitignore,
    NotRegular,
}

impl SkipReason {
    /// The key in reports for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exclude => "exclude",
            Self::Excluded => "excluded",
            Self::Forceignore => "forceignore",
            Self::Gitignore => "gitignore",
            Self::NotRegular => "not_regular",
        }
    }
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
    /// In the same order: those that do not, each with its `Suppression`.
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
