//! GitLab's Code Quality report: a JSON array with an object for each finding.
//!
//! The widget of a merge request compares the fingerprints with those of the target branch. GitLab drops
//! everything after the first object that violates its schema, silently, so every object is complete.
//! The format has no errors of a run, so a file that could not be read is a `blocker`, and a rule that
//! could not be checked is an `info`, or a `blocker` if it fails the run; otherwise the widget would show
//! them as clean.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::context::Context;
use super::more::more_in_file;
use super::view::{ErrorView, FindingView, MoreView, ReportView};
use crate::rule::Severity;
use crate::text::{ScannedText, plain_message, write_json};

/// The check name of errors.
const ERROR_CHECK: &str = "forcelint-error";

/// The check name of rules that could not be checked.
const NOT_CHECKED: &str = "forcelint-not-checked";

#[derive(Serialize)]
struct Degradation<'a> {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: CodeLocation<'a>,
}

#[derive(Serialize)]
struct CodeLocation<'a> {
    path: ScannedText<'a>,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// All objects, each made when it is written.
struct Degradations<'a>(&'a Context<'a>);

impl Serialize for Degradations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Context { report, run, .. } = self.0;
        let mut errors = report.errors();
        errors.dedup();
        let errors = errors.into_iter().map(of_error);
        let not_checked = not_checked(*report, run.fails_unchecked);
        let findings = report.findings().into_iter().map(of_finding);
        let more = report.more().into_iter();
        let more = more.filter(|it| it.suppression().is_none()).map(of_more);
        serializer.collect_seq(errors.chain(not_checked).chain(findings).chain(more))
    }
}

pub(super) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_json(&Degradations(context), out)
}

/// GitLab's names, the highest severity first.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

fn of_finding(finding: FindingView<'_>) -> Degradation<'_> {
    let location = finding.location();
    Degradation {
        // The widget shows no `check_name`.
        description: format!(
            "{}: {}",
            finding.rule(),
            plain_message(&finding.message()).one_line()
        ),
        check_name: finding.rule().to_owned(),
        fingerprint: finding.fingerprint().to_owned(),
        severity: severity(finding.severity()),
        location: CodeLocation {
            path: location.path(),
            lines: Lines {
                begin: location.start().line,
                end: location.end().line,
            },
        },
    }
}

/// What was not checked, by rule, component and file.
fn not_checked(report: ReportView<'_>, fails_run: bool) -> Vec<Degradation<'_>> {
    let mut reasons: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for it in report.not_checked() {
        let key = (it.path(), it.rule(), it.component().full_name());
        let reason = plain_message(&it.reason()).one_line().into_owned();
        reasons.entry(key).or_default().push(reason);
    }
    let degradations = reasons
        .into_iter()
        .map(|((path, rule, component), reasons)| {
            let parts = [
                NOT_CHECKED.into(),
                path.clone(),
                rule.into(),
                component.clone(),
            ];
            let (component, reasons) = (component.one_line(), reasons.join("; "));
            Degradation {
                description: format!("{rule} was not checked for {component}: {reasons}"),
                check_name: NOT_CHECKED.to_owned(),
                fingerprint: hash(&parts),
                severity: if fails_run { "blocker" } else { "info" },
                location: CodeLocation {
                    path,
                    lines: Lines { begin: 1, end: 1 },
                },
            }
        });
    degradations.collect()
}

fn of_more(more: MoreView<'_>) -> Degradation<'_> {
    let location = more.location();
    let (rule, severity_name) = (more.rule(), more.severity().name());
    // Without the number, so that GitLab does not report it as a new one after each change.
    let parts = [
        "more".into(),
        rule.into(),
        severity_name.into(),
        location.path(),
    ];
    Degradation {
        description: format!("{rule}: {}", more_in_file(more)),
        check_name: rule.to_owned(),
        fingerprint: hash(&parts),
        severity: severity(more.severity()),
        location: CodeLocation {
            path: location.path(),
            lines: Lines {
                begin: location.start().line,
                end: location.end().line,
            },
        },
    }
}

fn hash(parts: &[ScannedText<'_>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        part.hash_into(&mut hash);
        hash.update([0]);
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_error(error: ErrorView<'_>) -> Degradation<'_> {
    let parts = [
        ERROR_CHECK.into(),
        error.path.clone(),
        error.message.clone(),
    ];
    Degradation {
        description: format!(
            "{ERROR_CHECK}: {} {}",
            error.path.one_line(),
            error.message.one_line()
        ),
        check_name: ERROR_CHECK.to_owned(),
        fingerprint: hash(&parts),
        severity: "blocker",
        location: CodeLocation {
            path: error.path,
            lines: Lines { begin: 1, end: 1 },
        },
    }
}
