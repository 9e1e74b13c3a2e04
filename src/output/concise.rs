//! A line a finding: `path:line:column: severity[rule] message`.

use std::fmt::Write as _;
use std::path::Path;

use super::hidden::hidden_by;
use super::render::path_from;
use crate::finding::Report;
use crate::text::inert;

pub(crate) fn render(report: &Report, working_directory: &Path) -> String {
    let mut text = String::new();
    for finding in report.shown() {
        let start = finding.location.start;
        let path = path_from(working_directory, finding);
        // Otherwise the line could be a command of a CI runner.
        let here = if path.starts_with([':', '#']) {
            "./"
        } else {
            ""
        };
        let hidden = finding.suppressed.as_ref().map_or(String::new(), |it| {
            format!(" (hidden by {})", hidden_by(it))
        });
        let _ = writeln!(
            text,
            "{here}{}:{}:{}: {}[{}] {}{hidden}",
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
