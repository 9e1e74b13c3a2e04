//! One run in a merged report: a repository, or a project of one.

use super::app::{ByApp, Counts, count};
use super::line::{Controls, Line, Run, Summary};
use crate::rule::Severity;
use crate::text::ScannedText;

/// How many errors of a repository are listed. All are counted.
const MAX_ERRORS: usize = 20;

/// The result of a repository. Only `Passes` means that everything was checked and complies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RepositoryStatus {
    /// There were errors, or the report is truncated, so that there may be more findings.
    Incomplete,
    /// At least one finding of the severity low or higher, or the run failed.
    Fails,
    /// No findings, but only a part was checked, or a rule could not be checked.
    PartlyChecked,
    Passes,
}

impl RepositoryStatus {
    pub(crate) const ALL: [Self; 4] = [
        Self::Incomplete,
        Self::Fails,
        Self::PartlyChecked,
        Self::Passes,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Fails => "fails",
            Self::PartlyChecked => "partly checked",
            Self::Passes => "passes",
        }
    }
}

/// What a run reports about a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ControlOutcome {
    Failed,
    NotChecked,
    Passed,
    PassedInPart,
    NotSet,
    NothingToCheck,
}

impl ControlOutcome {
    pub(crate) const ALL: [Self; 6] = [
        Self::Failed,
        Self::NotChecked,
        Self::Passed,
        Self::PassedInPart,
        Self::NotSet,
        Self::NothingToCheck,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotChecked => "not checked",
            Self::Passed => "passed",
            Self::PassedInPart => "passed in part",
            Self::NotSet => "not set in source",
            Self::NothingToCheck => "nothing to check",
        }
    }
}

/// How many controls, or repositories with a control, have each outcome.
#[derive(Clone, Default)]
pub(crate) struct ControlTotals {
    /// In the order of [`ControlOutcome::ALL`].
    pub counts: [usize; ControlOutcome::ALL.len()],
}

impl ControlTotals {
    pub(super) fn add(&mut self, outcome: ControlOutcome) {
        for (count, it) in self.counts.iter_mut().zip(ControlOutcome::ALL) {
            *count += usize::from(it == outcome);
        }
    }

    pub(crate) fn with(&self, outcome: ControlOutcome) -> usize {
        let counts = ControlOutcome::ALL.into_iter().zip(self.counts);
        counts
            .filter(|(it, _)| *it == outcome)
            .map(|(_, count)| count)
            .sum()
    }
}

/// The numbers of a run.
#[derive(Clone)]
pub(crate) struct MergedRepository {
    /// The repository, its host and the names of its projects, to compare and to sort.
    pub(super) name: String,
    pub(super) host: Option<String>,
    pub(super) projects: Vec<String>,
    pub(super) file: String,
    commit: Option<String>,
    branch: Option<String>,
    /// What makes the run cover less than the whole project, or differ from the commit.
    notes: Vec<String>,
    pub(crate) findings: Counts,
    pub(crate) accepted: usize,
    pub(crate) baseline: usize,
    pub(crate) not_checked: usize,
    pub(crate) files_checked: u64,
    /// Connected apps and External Client Apps.
    pub(crate) apps: u64,
    pub(crate) controls: ControlTotals,
    /// The errors of the run, as path and message, at most a fixed number.
    errors: Vec<(String, String)>,
    pub(crate) error_count: usize,
    /// The report ends before its summary, or contradicts itself.
    pub(crate) is_damaged: bool,
    /// Findings that fail the run, but are below the lowest severity that it shows.
    not_shown: usize,
    exit_status: u8,
    is_whole: bool,
}

impl MergedRepository {
    pub(super) fn new(run: Run, file: &str) -> Self {
        let notes = notes(&run);
        let main = run.git.into_iter().find(|it| it.path.is_empty());
        let (commit, branch) = main.map_or((None, None), |it| (it.commit, it.branch));
        Self {
            name: run.repository.unwrap_or_default(),
            host: run.host,
            projects: run.projects,
            file: file.to_owned(),
            commit: commit.filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit())),
            branch,
            notes,
            findings: Counts::default(),
            accepted: 0,
            baseline: 0,
            not_checked: 0,
            files_checked: 0,
            apps: 0,
            controls: ControlTotals::default(),
            errors: Vec::new(),
            error_count: 0,
            // Until its summary is read.
            is_damaged: true,
            not_shown: 0,
            exit_status: 2,
            is_whole: false,
        }
    }

    /// Adds a finding, or a number of them.
    pub(super) fn add_finding(&mut self, line: &Line<'_>, apps: &mut ByApp) {
        let number = line.count.unwrap_or(1);
        let Some(severity) = line.severity.filter(|_| line.suppressed.is_none()) else {
            return;
        };
        count(&mut self.findings, severity, number);
        if let Some(app) = &line.app {
            let key = (
                app.r#type.clone().into_owned(),
                app.name.clone().into_owned(),
            );
            count(apps.entry(key).or_default(), severity, number);
        }
    }

    pub(super) fn add_error(&mut self, line: &Line<'_>) {
        self.error_count += 1;
        if self.errors.len() < MAX_ERRORS {
            let text = |it: &Option<std::borrow::Cow<'_, str>>| {
                it.as_deref().unwrap_or_default().to_owned()
            };
            self.errors.push((text(&line.path), text(&line.message)));
        }
    }

    /// Adds the numbers of the summary. Returns whether the lines have the same numbers.
    pub(super) fn finish(&mut self, summary: &Summary) -> bool {
        let number = |severity: Severity| summary.findings.get(&severity).copied().unwrap_or(0);
        let agrees = Severity::ALL.map(number) == self.findings
            && summary.not_checked == self.not_checked
            && summary.errors == self.error_count;
        self.is_damaged = !agrees;
        let suppressed = &summary.suppressed;
        self.accepted = suppressed.exception.saturating_add(suppressed.inline);
        self.baseline = summary.suppressed.baseline;
        self.files_checked = summary.files_checked;
        let apps = ["ConnectedApp", "ExternalClientApplication"];
        let apps = apps.iter().filter_map(|it| summary.components.get(*it));
        self.apps = apps.fold(0, |sum, it| sum.saturating_add(*it));
        self.not_shown = summary.not_shown.failing;
        self.is_whole = summary.whole;
        self.exit_status = summary.exit_status;
        agrees
    }

    /// Whether what passes in the run passes in the whole project.
    fn covers_project(&self) -> bool {
        self.is_whole && !self.is_damaged && self.error_count == 0
    }

    /// Counts a control, and returns its outcome. A pass of a part is not a pass of the project.
    pub(super) fn add_control(&mut self, outcome: ControlOutcome) -> ControlOutcome {
        let outcome = match outcome {
            ControlOutcome::Failed => outcome,
            _ if self.covers_project() => outcome,
            _ => ControlOutcome::NotChecked,
        };
        self.controls.add(outcome);
        outcome
    }

    /// Whether a finding fails the run, or would with the default settings: `--fail-on never` does not make a pass.
    fn has_failed(&self) -> bool {
        let mut findings = self.findings.iter().zip(Severity::ALL);
        let is_reported = findings.any(|(count, it)| *count > 0 && it >= Severity::Low);
        is_reported || self.not_shown > 0 || self.exit_status == 1
    }

    pub(crate) fn status(&self) -> RepositoryStatus {
        if self.is_damaged || self.error_count > 0 || self.exit_status > 1 {
            RepositoryStatus::Incomplete
        } else if self.has_failed() {
            RepositoryStatus::Fails
        } else if !self.is_whole || self.not_checked > 0 || self.files_checked == 0 {
            RepositoryStatus::PartlyChecked
        } else {
            RepositoryStatus::Passes
        }
    }

    pub(crate) fn name(&self) -> ScannedText<'_> {
        (&self.name).into()
    }

    pub(crate) fn host(&self) -> Option<ScannedText<'_>> {
        self.host.as_ref().map(ScannedText::from)
    }

    pub(crate) fn projects(&self) -> impl ExactSizeIterator<Item = ScannedText<'_>> {
        self.projects.iter().map(ScannedText::from)
    }

    /// The names of the projects in one text.
    pub(crate) fn project(&self) -> ScannedText<'static> {
        self.projects.join(", ").into()
    }

    /// The file with the report.
    pub(crate) fn file(&self) -> ScannedText<'_> {
        (&self.file).into()
    }

    /// The commit, which consists of hexadecimal digits.
    pub(crate) fn commit(&self) -> Option<&str> {
        self.commit.as_deref()
    }

    pub(crate) fn branch(&self) -> Option<ScannedText<'_>> {
        self.branch.as_ref().map(ScannedText::from)
    }

    pub(crate) fn errors(
        &self,
    ) -> impl ExactSizeIterator<Item = (ScannedText<'_>, ScannedText<'_>)> {
        let errors = self.errors.iter();
        errors.map(|(path, message)| (path.into(), message.into()))
    }

    /// What a reader has to know about the run beside its numbers.
    pub(crate) fn notes(&self) -> Vec<ScannedText<'static>> {
        let mut notes = self.notes.clone();
        if self.is_damaged {
            notes.push("the report is truncated or damaged".to_owned());
        } else if self.exit_status <= 1 && self.error_count == 0 && !self.is_whole {
            notes.push("only a part of the project was checked".to_owned());
        }
        if self.not_shown > 0 {
            let count = self.not_shown;
            notes.push(format!("{count} failing findings below --min-severity"));
        }
        notes.into_iter().map(ScannedText::from).collect()
    }
}

/// The ids of the controls with each outcome.
pub(super) fn by_outcome(controls: &Controls) -> [(ControlOutcome, &[String]); 6] {
    [
        (ControlOutcome::Failed, &controls.failed),
        (ControlOutcome::NotChecked, &controls.not_checked),
        (ControlOutcome::Passed, &controls.passed),
        (ControlOutcome::PassedInPart, &controls.passed_in_part),
        (ControlOutcome::NotSet, &controls.not_set),
        (ControlOutcome::NothingToCheck, &controls.nothing_to_check),
    ]
}

fn notes(run: &Run) -> Vec<String> {
    let mut notes = run.options.clone();
    let command_line = &run.command_line;
    for (option, values) in [
        ("--select", &command_line.select),
        ("--ignore", &command_line.ignore),
    ] {
        if !values.is_empty() {
            notes.push(format!("{option} {}", values.join(",")));
        }
    }
    for (count, what) in [
        (run.disabled_rules.len(), "off"),
        (run.lowered_rules.len(), "lowered"),
    ] {
        match count {
            0 => {}
            1 => notes.push(format!("1 rule {what}")),
            count => notes.push(format!("{count} rules {what}")),
        }
    }
    let states = run.git.iter();
    let numbers = states.flat_map(|it| [it.changed, it.untracked]);
    let differs = numbers.fold(0, usize::saturating_add);
    if differs > 0 {
        notes.push(format!("files that differ from the commit: {differs}"));
    }
    notes
}
