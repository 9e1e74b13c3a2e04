//! GitLab's Code Quality report: a JSON array with an object for each finding.
//!
//! In: a [`Report`]. Out: what the widget of a merge request compares with the target branch, by
//! fingerprint. GitLab reads up to the first object that is not as its schema wants and drops the
//! rest without a word, so every object has all it asks for. It knows no errors of the run: what
//! could not be read is a `blocker`, since the widget would take its silence for a clean file.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::json::serialise;
use crate::finding::{Finding, Report, RunError};
use crate::rule::Severity;
use crate::text::inert;

/// The name under which the widget shows what could not be done.
const COULD_NOT: &str = "forcelint-error";

#[derive(Serialize)]
struct Degradation {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Place,
}

#[derive(Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(crate) fn render(report: &Report) -> String {
    let mut errors = report.all_errors();
    errors.dedup();
    let all: Vec<Degradation> = errors
        .iter()
        .map(could_not)
        .chain(report.findings.iter().map(found))
        .collect();
    serialise(&all)
}

/// GitLab's names, the severest first.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}

fn found(finding: &Finding) -> Degradation {
    Degradation {
        // The widget shows no `check_name`.
        description: format!("{}: {}", finding.rule, inert(&finding.message)),
        check_name: finding.rule.clone(),
        fingerprint: finding.fingerprint.clone(),
        severity: severity(finding.severity),
        location: Place {
            path: finding.location.path.clone(),
            lines: Lines {
                begin: finding.location.start.line,
                end: finding.location.end.line,
            },
        },
    }
}

fn could_not(error: &RunError) -> Degradation {
    let mut hash = Sha256::new();
    for part in [COULD_NOT, &error.path, &error.message] {
        hash.update(part);
        hash.update([0]);
    }
    Degradation {
        description: format!(
            "{COULD_NOT}: {} {}",
            inert(&error.path),
            inert(&error.message)
        ),
        check_name: COULD_NOT.to_owned(),
        fingerprint: format!("{:x}", hash.finalize()),
        severity: "blocker",
        location: Place {
            path: error.path.clone(),
            lines: Lines { begin: 1, end: 1 },
        },
    }
}
