//! The results of many runs together.

use std::collections::{BTreeMap, HashMap};

use super::app::{AppFindings, ByApp, Counts, WorstApps};
use super::error::{MergeError, Problem};
use super::line::{Controls, Exception};
use super::repository::{ControlTotals, MergedRepository, RepositoryStatus, by_outcome};
use crate::text::ScannedText;

/// An exception with an expiry date, and its repository.
pub(crate) struct MergedException {
    repository: String,
    exception: Exception,
    pub is_expired: bool,
}

impl MergedException {
    pub(crate) fn repository(&self) -> ScannedText<'_> {
        (&self.repository).into()
    }

    pub(crate) fn rule(&self) -> ScannedText<'_> {
        (&self.exception.rule).into()
    }

    pub(crate) fn subject(&self) -> ScannedText<'_> {
        (&self.exception.subject).into()
    }

    pub(crate) fn reason(&self) -> ScannedText<'_> {
        (&self.exception.reason).into()
    }

    pub(crate) fn owner(&self) -> Option<ScannedText<'_>> {
        self.exception.owner.as_ref().map(ScannedText::from)
    }

    pub(crate) fn expires(&self) -> ScannedText<'_> {
        (&self.exception.expires).into()
    }
}

/// The ids of a publisher's controls, with their totals.
pub(crate) type ByControl = BTreeMap<String, ControlTotals>;

/// The results of many runs.
#[derive(Default)]
pub(crate) struct MergedReport {
    /// The worst first.
    pub repositories: Vec<MergedRepository>,
    /// By publisher and control.
    pub controls: BTreeMap<String, ByControl>,
    /// The worst first; at most a fixed number.
    pub worst_apps: Vec<AppFindings>,
    /// Those that expire first come first.
    pub exceptions: Vec<MergedException>,
    pub errors: Vec<MergeError>,
    apps: WorstApps,
    /// The file of each repository and its projects.
    known: HashMap<(Option<String>, String, Vec<String>), String>,
}

/// What is read of a run beside its repository.
#[derive(Default)]
pub(super) struct RunDetails {
    pub(super) apps: ByApp,
    pub(super) controls: Vec<Controls>,
    pub(super) exceptions: Vec<Exception>,
}

impl MergedReport {
    /// Adds a run. One with the same repository and project as an earlier one is an error: its findings would be
    /// counted twice.
    pub(super) fn add(&mut self, mut repository: MergedRepository, details: RunDetails) {
        let key = (
            repository.host.clone(),
            repository.name.clone(),
            repository.projects.clone(),
        );
        if let Some(first) = self.known.get(&key) {
            let problem = Problem::Duplicate {
                repository: repository.name.clone(),
                first: first.clone(),
            };
            self.errors
                .push(MergeError::new(&repository.file, &problem));
            return;
        }
        self.known.insert(key, repository.file.clone());
        self.apps.add(&repository.name, details.apps);
        for controls in details.controls {
            let totals = self.controls.entry(controls.authority.clone()).or_default();
            for (outcome, ids) in by_outcome(&controls) {
                for id in ids {
                    let outcome = repository.add_control(outcome);
                    totals.entry(id.clone()).or_default().add(outcome);
                }
            }
        }
        let exceptions = details.exceptions.into_iter();
        self.exceptions
            .extend(exceptions.map(|exception| MergedException {
                repository: repository.name.clone(),
                exception,
                is_expired: false,
            }));
        self.repositories.push(repository);
    }

    /// Sorts the results. `today` is a date such as `2027-03-31`.
    pub(crate) fn finish(&mut self, today: &str) {
        self.known = HashMap::new();
        self.repositories.sort_by(|one, other| {
            let worst = other.findings.cmp(&one.findings);
            let name =
                |it: &MergedRepository| (it.name.clone(), it.projects.clone(), it.host.clone());
            one.status()
                .cmp(&other.status())
                .then(worst)
                .then_with(|| name(one).cmp(&name(other)))
        });
        self.worst_apps = std::mem::take(&mut self.apps).sorted();
        for it in &mut self.exceptions {
            it.is_expired = it.exception.expires.as_str() < today;
        }
        self.exceptions.sort_by(|one, other| {
            let key = |it: &MergedException| {
                let exception = &it.exception;
                (
                    exception.expires.clone(),
                    it.repository.clone(),
                    exception.rule.clone(),
                    exception.subject.clone(),
                )
            };
            key(one).cmp(&key(other))
        });
        self.errors
            .sort_by(|one, other| (&one.file, &one.message).cmp(&(&other.file, &other.message)));
    }

    /// Whether everything was read, and every repository was checked without errors.
    pub(crate) fn is_complete(&self) -> bool {
        self.errors.is_empty() && self.with_status(RepositoryStatus::Incomplete) == 0
    }

    pub(crate) fn with_status(&self, status: RepositoryStatus) -> usize {
        self.repositories
            .iter()
            .filter(|it| it.status() == status)
            .count()
    }

    /// Numbers of findings by severity, the highest first.
    pub(crate) fn findings(&self) -> Counts {
        let mut sums = Counts::default();
        for repository in &self.repositories {
            for (sum, count) in sums.iter_mut().zip(repository.findings) {
                *sum = sum.saturating_add(count);
            }
        }
        sums
    }

    pub(crate) fn sum(&self, of: impl Fn(&MergedRepository) -> usize) -> usize {
        let numbers = self.repositories.iter().map(of);
        numbers.fold(0, usize::saturating_add)
    }
}
