//! Decides which findings are reported, suppressed and fixed, and how a run ends.
//!
//! The exit status does not depend on the output format.

use super::baseline::{Allowance, Baseline};
use super::config::Config;
use super::exception_index::Exceptions;
use super::exception_notes::{notes, used_exceptions};
use super::exceptions::Exception;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::finding::{
    DatedException, ExitStatus, ExpiredException, Finding, MoreFindings, Report, Suppression,
    SuppressionKind, sort_findings,
};
use crate::project::{Project, SourceFile};
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
    pub exceptions: Exceptions,
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

    /// The lowest severity of findings that are shown or fail the run.
    pub fn lowest_shown_or_failing(&self) -> Severity {
        self.fail_on
            .map_or(self.min_severity, |it| it.min(self.min_severity))
    }

    /// The policy for recording a baseline: findings that fail the run are recorded even if they are not shown.
    pub fn for_baseline(self) -> Self {
        Self {
            min_severity: self.lowest_shown_or_failing(),
            ..self
        }
    }

    /// Whether findings that are not reported show which exceptions and entries of the baseline still have
    /// an effect.
    pub fn needs_unreported(&self) -> bool {
        !self.exceptions.is_empty() || self.baseline.is_some()
    }

    fn fails(&self, severity: Severity) -> bool {
        self.fail_on.is_some_and(|fail_on| severity >= fail_on)
    }

    /// Why a finding is suppressed, if it is. An exception has more information than a comment, and
    /// a comment more than the baseline.
    pub fn suppression(&self, finding: &Finding) -> Option<Suppression> {
        if finding.rule == MALFORMED {
            return None;
        }
        self.exception(&finding.rule, &finding.file)
            .or_else(|| finding.suppressed.as_deref().cloned())
            .or_else(|| {
                let baseline = self.baseline.as_ref()?;
                baseline.has(finding).then_some(BY_BASELINE)
            })
    }

    /// The first exception for findings of a rule in a file.
    fn exception(&self, rule: &str, file: &SourceFile) -> Option<Suppression> {
        let about = self.exceptions.about(rule, file).into_iter();
        let mut exceptions = about.map(|at| self.exceptions.get(at));
        let exception = exceptions.find(|it| !it.is_expired(self.today));
        exception.map(Exception::suppression)
    }

    /// Whether a finding may be fixed: only if it is shown or fails the run, and is not suppressed. `baseline_guard`
    /// has those that the baseline suppresses.
    pub fn allows_fix(&self, finding: &Finding, baseline_guard: &BaselineGuard) -> bool {
        (self.reports(finding) || self.fails(finding.severity))
            && self.suppression(finding).is_none()
            && !baseline_guard.has(finding)
    }

    /// Moves suppressed findings to the suppressed ones of the report.
    pub fn suppress(&self, report: &mut Report) {
        let suppressed = report.findings.extract_if(.., |finding| {
            finding.suppressed = self.suppression(finding).map(Box::new);
            finding.suppressed.is_some()
        });
        report.suppressed.extend(suppressed);
        for more in &mut report.more {
            let exception = self.exception(&more.rule, &more.file);
            more.suppressed = exception.or(more.suppressed.take());
        }
        let allowance = self.baseline.as_ref().map(Baseline::allowance);
        if let Some(allowance) = allowance.filter(|it| !it.is_empty()) {
            suppress_unlisted(report, allowance);
        }
    }

    /// Notes about exceptions and baseline entries that have no effect. This needs all findings, so
    /// call it before [`Policy::apply`]. `whole` is whether the run covers the whole project.
    pub fn notes(&self, report: &Report, rules: &RuleSet, whole: bool) -> Vec<String> {
        let all = report.findings.iter().chain(&report.suppressed);
        let is_on = |id: &str| rules.has(id);
        let mut notes = notes(
            &self.exceptions,
            &self.config,
            self.today,
            all.clone(),
            whole,
            is_on,
        );
        if let Some(baseline) = self.baseline.as_ref().filter(|_| whole) {
            let fingerprints = all.map(|finding| finding.fingerprint.as_str());
            let gone = baseline.gone(fingerprints, baseline.unlisted_in(report));
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
    /// They are counted.
    pub fn apply(&self, report: &mut Report) {
        let hidden = report
            .findings
            .extract_if(.., |finding| !self.reports(finding));
        hidden.for_each(|finding| report.not_shown.add_finding(&finding));
        let hidden = report
            .suppressed
            .extract_if(.., |finding| !self.reports(finding));
        hidden.for_each(|finding| report.not_shown.add_finding(&finding));
        // Malformed files have only one finding each.
        let hidden = report
            .more
            .extract_if(.., |more| more.severity < self.min_severity);
        hidden.for_each(|more| report.not_shown.add_more(&more));
        report
            .not_shown
            .count_failing(|severity| self.fails(severity));
    }

    /// The expired exceptions that apply to a finding of the report.
    pub fn expired_exceptions(&self, report: &Report) -> Vec<ExpiredException> {
        let used = used_exceptions(&self.exceptions, report.findings.iter());
        let used = self.exceptions.iter().zip(used).filter(|(_, used)| *used);
        let expired = used.filter(|(exception, _)| exception.is_expired(self.today));
        expired.map(|(exception, _)| exception.expired()).collect()
    }

    /// The exceptions that have an expiry date.
    pub fn dated_exceptions(&self) -> Vec<DatedException> {
        let exceptions = self.exceptions.iter();
        exceptions.filter_map(|it| it.dated(self.today)).collect()
    }

    /// Whether the run fails because something could not be checked.
    pub(crate) fn fails_unchecked(&self, report: &Report) -> bool {
        self.fail_on_unchecked && !report.not_checked.is_empty()
    }

    pub fn exit_status(&self, report: &Report) -> ExitStatus {
        if report.has_errors() {
            ExitStatus::Failure
        } else if report.not_shown.failing > 0
            || report
                .severities()
                .any(|(severity, _)| self.fails(severity))
            || self.fails_unchecked(report)
        {
            ExitStatus::Findings
        } else {
            ExitStatus::Clean
        }
    }
}

const BY_BASELINE: Suppression = Suppression {
    kind: SuppressionKind::Baseline,
    reason: None,
    expires: None,
    owner: None,
};

/// Suppresses findings that the baseline only counts: unlisted ones, and listed ones, because a fix of other
/// findings in the file makes room for them. The most severe come first, so that those that are not shown use up
/// nothing of what the others need.
fn suppress_unlisted(report: &mut Report, mut allowance: Allowance) {
    let mut rest = Vec::new();
    for severity in Severity::ALL {
        let more = report.more.iter_mut();
        for more in more.filter(|it| it.severity == severity && it.suppressed.is_none()) {
            let suppressed = allowance.take(&Baseline::unlisted(more), more.count);
            if suppressed > 0 {
                let count = more.count - suppressed;
                rest.extend((count > 0).then(|| MoreFindings {
                    count,
                    ..more.clone()
                }));
                more.count = suppressed;
                more.suppressed = Some(BY_BASELINE);
            }
        }
        let suppressed = report.findings.extract_if(.., |finding| {
            if finding.severity != severity || finding.rule == MALFORMED {
                return false;
            }
            let component = finding.component().to_string();
            let is_suppressed = allowance.take(&(component, finding.rule.clone(), severity), 1) > 0;
            finding.suppressed = is_suppressed.then_some(Box::new(BY_BASELINE));
            is_suppressed
        });
        report.suppressed.extend(suppressed);
    }
    report.more.append(&mut rest);
    report.more.sort_by_cached_key(MoreFindings::sort_key);
    sort_findings(&mut report.suppressed);
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
        let folders: HashSet<&Path> = folders.iter().map(PathBuf::as_path).collect();
        let is_seen = |path: &PathBuf| path.ancestors().any(|above| folders.contains(above));
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
        let is_old = |finding: &Finding| {
            let suppressed = finding.suppressed.as_ref();
            suppressed.is_some_and(|it| it.kind == SuppressionKind::Baseline)
        };
        let mut open: HashMap<_, HashSet<String>> = HashMap::new();
        let old = report.suppressed.iter().filter(|it| is_old(it));
        let old: Vec<_> = old.collect();
        for finding in &old {
            open.entry(key(finding)).or_default();
        }
        let unlisted = report.more.iter();
        for more in unlisted.filter(|it| it.suppressed == Some(BY_BASELINE)) {
            let key = (more.file.path.clone(), more.rule.clone());
            open.entry(key).or_default();
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
