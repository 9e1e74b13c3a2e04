//! Findings for the tests of this module.

use std::path::Path;

use crate::finding::{Applicability, Edit, FileReport, Finding, Fix, Location};
use crate::project::{Projects, SourceFile};
use crate::rule::Severity;
use crate::text::LineIndex;

/// A finding of `rule` at `element` of `text`, with these edits as its fix.
pub(super) fn finding(
    rule: &str,
    element: &str,
    text: &str,
    edits: &[(usize, usize, &str)],
) -> Finding {
    let lines = LineIndex::new(text);
    let folder = Path::new("/no-such-project");
    let project = Projects::default().around(folder, folder);
    let edits: Vec<Edit> = edits
        .iter()
        .map(|&(start, end, text)| Edit {
            start: lines.position(start),
            end: lines.position(end),
            text: text.to_owned(),
        })
        .collect();
    Finding {
        rule: rule.to_owned(),
        severity: Severity::High,
        headline: String::new(),
        label: String::new(),
        reasons: Vec::new(),
        help: "".into(),
        file: SourceFile::new(folder.join("A.connectedApp"), project)
            .unwrap()
            .into(),
        external_client_app: None,
        location: Location {
            path: "".into(),
            start: lines.position(0),
            end: lines.position(0),
            excerpt: None,
        },
        related: Vec::new(),
        decided_elsewhere: Vec::new(),
        fix: (!edits.is_empty()).then(|| {
            Box::new(Fix {
                title: String::new(),
                applicability: Applicability::Safe,
                edits,
                corrects_name: false,
                contains_secret: false,
            })
        }),
        element: element.to_owned(),
        fingerprint: String::new(),
        line_hash: None,
        suppressed: None,
        order: 0,
    }
}

pub(super) fn report(findings: Vec<Finding>) -> FileReport {
    FileReport {
        findings,
        ..FileReport::default()
    }
}
