//! A line a finding: `path:line:column: severity[rule] message`.

use std::fmt::Write as _;
use std::path::Path;

use super::{inert, path_from};
use crate::lint::Report;

pub(super) fn render(report: &Report, working_directory: &Path) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let start = finding.location.start;
        let path = path_from(working_directory, finding);
        // Otherwise the line could be a command of a CI runner.
        let here = if path.starts_with([':', '#']) {
            "./"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "{here}{}:{}:{}: {}[{}] {}",
            inert(&path),
            start.line,
            start.column,
            finding.severity,
            finding.rule,
            inert(&finding.message)
        );
    }
    text
}
