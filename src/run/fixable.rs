//! The findings to fix, and their files.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::{BaselineGuard, Policy};
use crate::finding::{Finding, FixedFile, Report, RunError};
use crate::fix::{FixedText, Level, refusal_messages};
use crate::project::{SourceFile, Targets};

/// Whether to fix a finding. Findings that are suppressed or not reported are not fixed.
pub(crate) fn fix_filter<'p>(
    policy: &'p Policy,
    report: &Report,
    level: Level,
) -> impl Fn(&Finding) -> bool + use<'p> {
    let baseline_guard = BaselineGuard::of(report);
    move |finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| level.includes(fix)) && policy.allows_fix(finding, &baseline_guard)
    }
}

/// The files with findings to fix, by path. Other files of a component than the targets are not fixed.
pub(crate) fn fixable_files<'f>(
    policy: &Policy,
    report: &'f Report,
    level: Level,
    targets: &Targets,
) -> impl Iterator<Item = &'f SourceFile> + use<'f> {
    let (folders, named) = (&targets.folders, &targets.files);
    let is_target = |finding: &Finding| {
        let path = &finding.file.path;
        named.contains(path) || folders.iter().any(|folder| path.starts_with(folder))
    };
    let is_selected = fix_filter(policy, report, level);
    let mut files: BTreeMap<&Path, &SourceFile> = BTreeMap::new();
    for finding in report
        .findings
        .iter()
        .filter(|finding| is_selected(finding) && is_target(finding))
    {
        files.insert(&finding.file.path, &finding.file);
    }
    // Whether these have fixes turns out when the file is fixed.
    for more in report.more.iter().filter(|it| it.suppressed.is_none()) {
        files.insert(&more.file.path, &more.file);
    }
    files.into_values()
}

/// The errors about fixes of a file that were not applied.
pub(crate) fn refusal_errors(file: &SourceFile, fixed: &FixedText) -> Vec<RunError> {
    let messages = refusal_messages(&fixed.refused).into_iter();
    messages
        .map(|message| RunError {
            path: file.report_path(),
            message,
        })
        .collect()
}

/// The files of the fixed findings, by path.
pub(crate) fn fixed_files(fixed: &[Finding]) -> Vec<FixedFile> {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in fixed {
        *files.entry(&finding.location.path).or_default() += 1;
    }
    let files = files.into_iter().map(|(path, findings)| FixedFile {
        path: path.to_owned(),
        findings,
    });
    files.collect()
}
