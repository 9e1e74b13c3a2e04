//! One line per finding: `path:line:column: severity[rule] message`.

use std::fmt::Write as _;

use super::context::Context;
use super::suppression::suppressed_by;

pub(super) fn render(context: &Context<'_>) -> String {
    let mut text = String::new();
    for finding in context.report.listed() {
        let start = finding.location().start();
        let path = finding.path_from(context.working_directory);
        let path = path.one_line();
        // Otherwise the line could be a command of a CI runner.
        let here = if path.starts_with([':', '#']) {
            "./"
        } else {
            ""
        };
        let suppressed = finding.suppression().map_or(String::new(), |it| {
            format!(" (suppressed by {})", suppressed_by(it))
        });
        let _ = writeln!(
            text,
            "{here}{path}:{}:{}: {}[{}] {}{suppressed}",
            start.line,
            start.column,
            finding.severity(),
            finding.rule(),
            finding.message().one_line()
        );
    }
    text
}
