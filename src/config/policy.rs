//! Decides which findings are reported, suppressed and fixed, and how a run ends.
//!
//! The exit status does not depend on the output format.

use super::baseline::Baseline;
use super::config::Config;
use super::exceptions::{self, Exception};

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use jiff::civil::Date;

use crate::finding::{ExitStatus, ExpiredException, Finding, Report, Suppression, SuppressionKind};
use crate::project::Project;
use crate::rule::{MALFORMED, RuleSet, Severity};

/// The settings for the findings of a run.
#[derive(Debug)]
pub struct Policy {
    /// The lowest severity that is reported.
    pub min_severity: Severity,
    /// The lowest severity that fails the run, or `None` for never.
    pub fail_on: Option<Severity>,
    /// Whether a rule that cannot be checked for a component fails the run.
    pub fail_on_unchecked: bool,
    pub exceptions: Vec<Exception>,
    /// The day that decides which exceptions have expired.
    pub today: Date,
    /// The path of the config for messages.
    pub config: String,
    pub baseline: Option<Baseline>,
}

impl Policy {
    /// Whether a finding is shown. A malformed file always is: only an exclude suppresses it.
    pub fn reports(&self, finding: &Finding) -> bool {
        finding.severity >= self.min_severity || finding.rule == MALFORMED
    }

    fn fails(&self, finding: &Finding) -> bool {
        self.fail_on
            .is_some_and(|fail_on| finding.severity >= fail_on)
    }

    /// Why a finding is suppressed, if it is. An exception has more information than a comment, and
    /// a comment more than the baseline.
    pub fn suppression(&self, finding: &Finding) -> Option<Suppression> {
        if finding.rule == MALFORMED {
            return None;
        }
        let mut exceptions = self
            .exceptions
            .iter()
            .filter(|it| !it.is_expired(self.today));
        let exception = exceptions.find(|it| it.is_about(finding));
        exception
            .map(Exception::suppression)
            .or_else(|| finding.suppressed.clone())
            .or_else(|| {
                let baseline = self.baseline.as_ref()?;
                baseline.has(finding).then_some(Suppression {
                    kind: SuppressionKind::Baseline,
                    reason: None,
                    expires: None,
                    owner: None,
                })
            })
    }

    /// Whether a finding may be fixed: only if it is reported or fails the run, and is not suppressed. `baseline_guard`
    /// has those that the baseline suppresses.
    pub fn allows_fix(&self, finding: &Finding, baseline_guard: &BaselineGuard) -> bool {
        (self.reports(finding) || self.fails(finding))
            && self.suppression(finding).is_none()
            && !baseline_guard.has(finding)
    }

    /// Moves suppressed findings to the suppressed ones of the report.
    pub fn suppress(&self, report: &mut Report) {
        let suppressed = report.findings.extract_if(.., |finding| {
            finding.suppressed = self.suppression(finding);
            finding.suppressed.is_some()
        });
        report.suppressed.extend(suppressed);
    }

    /// Notes about exceptions and baseline entries that have no effect. This needs all findings, so
    /// call it before [`Policy::apply`]. `whole` is whether the run covers the whole project.
    pub fn notes(&self, report: &Report, rules: &RuleSet, whole: bool) -> Vec<String> {
        let all = report.findings.iter().chain(&report.suppressed);
        let is_on = |id: &str| rules.has(id);
        let mut notes = exceptions::notes(
            &self.exceptions,
            &self.config,
            self.today,
            all.clone(),
            whole,
            is_on,
        );
        if let Some(baseline) = self.baseline.as_ref().filter(|_| whole) {
            let gone = baseline.gone(all.map(|finding| finding.fingerprint.as_str()));
            if gone > 0 {
                let exist = if gone == 1 { "exists" } else { "exist" };
                notes.push(format!(
                    "{gone} of the {} findings in the baseline no longer {exist}; run `forcelint \
                     baseline` to update it",
                    baseline.len()
                ));
            }
        }
        notes
    }

    /// Removes the findings that are not reported because of their severity, suppressed ones, too.
    /// Those that are not suppressed are counted.
    pub fn apply(&self, report: &mut Report) {
        let not_shown = report
            .findings
            .extract_if(.., |finding| !self.reports(finding));
        for finding in not_shown {
            report.not_shown.add(&finding, self.fails(&finding));
        }
        let not_shown = report
            .suppressed
            .extract_if(.., |finding| !self.reports(finding));
        not_shown.for_each(|finding| report.not_shown.add_suppressed(&finding));
    }

    /// The expired exceptions that apply to a finding of the report.
    pub fn expired_exceptions(&self, report: &Report) -> Vec<ExpiredException> {
        let expired = self.exceptions.iter().filter(|exception| {
            let mut findings = report.findings.iter();
            exception.is_expired(self.today) && findings.any(|finding| exception.is_about(finding))
        });
        expired.map(Exception::expired).collect()
    }

    /// Whether the run fails because something could not be checked.
    pub(crate) fn fails_unchecked(&self, report: &Report) -> bool {
        self.fail_on_unchecked && !report.not_checked.is_empty()
    }

    pub fn exit_status(&self, report: &Report) -> ExitStatus {
        if report.has_errors() {
            ExitStatus::Failure
        } else if report.not_shown.failing > 0
            || report.findings.iter().any(|finding| self.fails(finding))
            || self.fails_unchecked(report)
        {
            ExitStatus::Findings
        } else {
            ExitStatus::Clean
        }
    }
}

/// The part of the file system that a config applies to.
#[derive(Debug)]
pub(crate) struct ConfigScope {
    /// The folder of the config or, without one, of the project.
    folder: PathBuf,
    /// The package directories, if the config belongs to a single project.
    packages: Vec<PathBuf>,
}

impl ConfigScope {
    /// The scope of a config that applies to a project.
    pub(crate) fn of(config: &Config, project: &Project) -> Self {
        let folder = config.folder.as_ref().unwrap_or(&project.root);
        let packages = if *folder == project.root {
            project.package_directories()
        } else {
            &[]
        };
        let packages = packages.iter().filter(|package| package.is_dir());
        Self {
            folder: folder.clone(),
            packages: packages.cloned().collect(),
        }
    }

    /// Whether a run over these folders covers the whole scope.
    pub(crate) fn is_within(&self, folders: &[PathBuf]) -> bool {
        let is_seen = |path: &PathBuf| folders.iter().any(|folder| path.starts_with(folder));
        is_seen(&self.folder) || (!self.packages.is_empty() && self.packages.iter().all(is_seen))
    }
}

/// Prevents fixes of findings that the baseline suppresses. While a file is being fixed, findings have
/// no fingerprints, and each fix can change the paths of elements.
#[derive(Debug, Default)]
pub struct BaselineGuard {
    /// For each file and rule with suppressed findings, the elements with reported ones.
    open: HashMap<(PathBuf, String), HashSet<String>>,
}

impl BaselineGuard {
    /// The guard for a report whose findings have been suppressed.
    pub fn of(report: &Report) -> Self {
        let key = |finding: &Finding| (finding.file.path.clone(), finding.rule.clone());
        let is_old = |finding: &&Finding| {
            let suppressed = finding.suppressed.as_ref();
            suppressed.is_some_and(|it| it.kind == SuppressionKind::Baseline)
        };
        let mut open: HashMap<_, HashSet<String>> = HashMap::new();
        let old: Vec<&Finding> = report.suppressed.iter().filter(is_old).collect();
        for finding in &old {
            open.entry(key(finding)).or_default();
        }
        for finding in report
            .findings
            .iter()
            .filter(|_| !open.is_empty())
            .collect::<Vec<_>>()
        {
            if let Some(elements) = open.get_mut(&key(finding)) {
                elements.insert(finding.element.clone());
            }
        }
        for finding in old {
            // Two findings at one element cannot be distinguished.
            if let Some(elements) = open.get_mut(&key(finding)) {
                elements.remove(&finding.element);
            }
        }
        Self { open }
    }

    /// Whether the baseline may suppress the finding.
    pub fn has(&self, finding: &Finding) -> bool {
        if self.open.is_empty() {
            return false;
        }
        let key = (finding.file.path.clone(), finding.rule.clone());
        let elements = self.open.get(&key);
        elements.is_some_and(|open| !open.contains(&finding.element))
    }
}
