//! A comparison for a comment on a pull request.

use std::fmt::Write as _;

use super::view::{ComparisonReport, joined};
use crate::output::markdown::{code, prose};
use crate::output::view::FindingView;

/// GitHub rejects comments with more than 65,536 characters.
const MAX_ROWS: usize = 50;

pub(super) fn render(report: &ComparisonReport<'_>) -> String {
    let mark = if report.is_worse() { "❌" } else { "✅" };
    let mut text = format!(
        "## {mark} forcelint: {}\n\nFrom {} to {}\n",
        report.summary(),
        code(report.left()),
        code(report.right())
    );
    add_findings("New findings", &report.new_findings(), &mut text);
    let changed = report.changed();
    let changed = changed
        .iter()
        .map(|(left, finding)| row(*finding, &format!("{left} → ")));
    add_list("Findings with another severity", changed, &mut text);
    add_settings(report, &mut text);
    for (title, components) in report.components() {
        let names = components.iter().map(|it| code(it.full_name()));
        add_list(title, names, &mut text);
    }
    add_findings("Gone findings", &report.gone(), &mut text);
    add_findings("No longer checked", &report.no_longer_checked(), &mut text);
    let errors = report.errors();
    let errors = errors
        .map(|(side, path, message)| format!("{}: {} {}", side.name(), code(path), prose(message)));
    add_list("Errors", errors, &mut text);
    text
}

fn add_settings(report: &ComparisonReport<'_>, text: &mut String) {
    let count = report.settings().len();
    if count == 0 {
        return;
    }
    text.push_str("\n### Changed settings\n\n| component | setting | left | right |\n| --- | --- | --- | --- |\n");
    for it in report.settings().take(MAX_ROWS) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            code(it.component().full_name()),
            code(it.path()),
            code(joined(&it.left())),
            code(joined(&it.right()))
        );
    }
    add_rest(count, text);
}

fn add_findings(title: &str, findings: &[FindingView<'_>], text: &mut String) {
    add_list(title, findings.iter().map(|it| row(*it, "")), text);
}

fn row(finding: FindingView<'_>, former_severity: &str) -> String {
    let location = finding.location();
    format!(
        "{former_severity}{} {} {} line {}: {}",
        finding.severity(),
        code(finding.rule()),
        code(location.path()),
        location.start().line,
        prose(finding.message())
    )
}

fn add_list(title: &str, rows: impl ExactSizeIterator<Item = String>, text: &mut String) {
    let count = rows.len();
    if count == 0 {
        return;
    }
    let _ = writeln!(text, "\n### {title}\n");
    for row in rows.take(MAX_ROWS) {
        let _ = writeln!(text, "- {row}");
    }
    add_rest(count, text);
}

fn add_rest(count: usize, text: &mut String) {
    if count > MAX_ROWS {
        let _ = writeln!(text, "\nand {} more", count - MAX_ROWS);
    }
}
