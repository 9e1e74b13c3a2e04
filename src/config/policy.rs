//! Which findings count.
//!
//! In: the findings of a run and what the user set, on the command line and in the [`Config`]. Out:
//! those that are reported, and whether the run passes. Exit statuses have one meaning for every
//! format.

use super::baseline::Baseline;
use super::config::Config;
use super::exceptions::{self, Exception};

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use jiff::civil::Date;

use crate::finding::{ExitStatus, ExpiredException, Finding, Report, Suppression, SuppressionKind};
use crate::project::Project;
use crate::rule::{MALFORMED, RuleSet, Severity};

/// What the user set.
#[derive(Debug)]
pub struct Policy {
    /// The lowest severity that is reported.
    pub min_severity: Severity,
    /// The lowest severity that makes a run fail; `None` for none.
    pub fail_on: Option<Severity>,
    /// What does not count.
    pub exceptions: Vec<Exception>,
    /// The day that decides which exceptions have expired.
    pub today: Date,
    /// The config's file, as people open it.
    pub config: String,
    /// What was there before.
    pub baseline: Option<Baseline>,
}

impl Policy {
    /// Whether a finding is reported. Whatever fails the run is: nobody has to guess why it did.
    pub fn reports(&self, finding: &Finding) -> bool {
        finding.severity >= self.least_reported()
    }

    /// The least severity that is reported.
    pub fn least_reported(&self) -> Severity {
        self.fail_on
            .map_or(self.min_severity, |it| it.min(self.min_severity))
    }

    fn fails(&self, finding: &Finding) -> bool {
        self.fail_on
            .is_some_and(|fail_on| finding.severity >= fail_on)
    }

    /// Why a finding does not count, if so. An exception says more than a comment, and that more
    /// than the baseline.
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

    /// Whether a finding may be fixed: what is not reported is not touched, nor what does not
    /// count, of which `baseline_guard` knows what had only a fingerprint.
    pub fn lets_fix(&self, finding: &Finding, baseline_guard: &BaselineGuard) -> bool {
        self.reports(finding) && self.suppression(finding).is_none() && !baseline_guard.has(finding)
    }

    /// Puts aside the findings that do not count.
    pub fn suppress(&self, report: &mut Report) {
        let aside = report.findings.extract_if(.., |finding| {
            finding.suppressed = self.suppression(finding);
            finding.suppressed.is_some()
        });
        report.suppressed.extend(aside);
    }

    /// What is to be said of exceptions and of a baseline that do nothing (any more). Asked before
    /// [`Policy::apply`], of a run over the `whole` project or a part of it.
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
                notes.push(format!(
                    "{gone} of the {} findings in the baseline are gone; `forcelint baseline` takes \
                     them out",
                    baseline.len()
                ));
            }
        }
        notes
    }

    /// Drops the findings that are not reported, and those that would not be if they counted.
    pub fn apply(&self, report: &mut Report) {
        report.findings.retain(|finding| self.reports(finding));
        report.suppressed.retain(|finding| self.reports(finding));
    }

    /// Expired exceptions that are about a finding of the report.
    pub fn expired_exceptions(&self, report: &Report) -> Vec<ExpiredException> {
        let expired = self.exceptions.iter().filter(|exception| {
            let mut findings = report.findings.iter();
            exception.is_expired(self.today) && findings.any(|finding| exception.is_about(finding))
        });
        expired.map(Exception::expired).collect()
    }

    /// How a run with this report ends.
    pub fn exit_status(&self, report: &Report) -> ExitStatus {
        if report.has_errors() {
            ExitStatus::Failure
        } else if report.findings.iter().any(|finding| self.fails(finding)) {
            ExitStatus::Findings
        } else {
            ExitStatus::Clean
        }
    }
}

/// The part of the file system that a config is about.
#[derive(Debug)]
pub(crate) struct ConfigScope {
    /// The folder of the config; without one that of the project.
    folder: PathBuf,
    /// The package directories, if the config is that of one project.
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

    /// Whether a run over these folders has seen all of it.
    pub(crate) fn is_within(&self, folders: &[PathBuf]) -> bool {
        let is_seen = |path: &PathBuf| folders.iter().any(|folder| path.starts_with(folder));
        is_seen(&self.folder) || (!self.packages.is_empty() && self.packages.iter().all(is_seen))
    }
}

/// Keeps fixes away from findings that the baseline suppresses: while a file is being fixed, findings
/// have no fingerprints, and each fix can change the paths of elements.
#[derive(Debug, Default)]
pub struct BaselineGuard {
    /// For each file and rule with such a finding the elements whose findings count.
    open: HashMap<(PathBuf, String), HashSet<String>>,
}

impl BaselineGuard {
    /// Those of a report in which they have been put aside.
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
            // Two findings of one element cannot be distinguished.
            if let Some(elements) = open.get_mut(&key(finding)) {
                elements.remove(&finding.element);
            }
        }
        Self { open }
    }

    /// Whether the finding may be one of them.
    pub fn has(&self, finding: &Finding) -> bool {
        if self.open.is_empty() {
            return false;
        }
        let key = (finding.file.path.clone(), finding.rule.clone());
        let elements = self.open.get(&key);
        elements.is_some_and(|open| !open.contains(&finding.element))
    }
}
