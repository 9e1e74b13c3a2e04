//! A comparison for a comment on a pull request.

use std::fmt::Write as _;

use super::view::{ComparisonReport, values};
use crate::finding::{Finding, Side};
use crate::output::markdown::{code, prose};
use crate::output::view::FindingView;
use crate::text::ScannedText;

/// GitHub rejects comments with more than 65,536 characters.
const MAX_ROWS: usize = 100;

pub(super) fn render(report: &ComparisonReport<'_>) -> String {
    let comparison = report.comparison;
    let mark = if report.is_worse { "❌" } else { "✅" };
    let mut text = format!(
        "## {mark} forcelint: {}\n\nFrom {} to {}\n",
        report.summary(),
        code(report.side(Side::Left)),
        code(report.side(Side::Right))
    );
    add_findings("New findings", &comparison.new, &mut text);
    let changed = comparison.changed.iter().map(|it| {
        let view = FindingView::all(std::slice::from_ref(&it.finding))[0];
        row(view, &format!("{} → ", it.left))
    });
    add_list("Findings with another severity", changed, &mut text);
    add_settings(report, &mut text);
    for (title, components) in [
        ("Only on the right side", &comparison.added),
        ("Only on the left side", &comparison.removed),
    ] {
        let names = components.iter().map(|it| code(it.to_string()));
        add_list(title, names, &mut text);
    }
    add_findings("Gone findings", &comparison.gone, &mut text);
    let unclear = &comparison.no_longer_checked;
    add_findings(
        "Findings whose rule cannot be checked on the right side",
        unclear,
        &mut text,
    );
    let errors = comparison.errors.iter().map(|(side, path, message)| {
        let path: ScannedText<'_> = path.into();
        format!("{}: {} {}", side.name(), code(path), prose(message))
    });
    add_list("Errors", errors, &mut text);
    text
}

fn add_settings(report: &ComparisonReport<'_>, text: &mut String) {
    let settings = report.settings();
    let rows = settings.iter().flat_map(|(component, settings)| {
        settings.iter().map(move |it| {
            format!(
                "| {} | {} | {} | {} |",
                code(component.clone()),
                code(&it.path),
                code(values(&it.left)),
                code(values(&it.right))
            )
        })
    });
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        return;
    }
    text.push_str("\n### Changed settings\n\n| component | setting | left | right |\n| --- | --- | --- | --- |\n");
    for row in rows.iter().take(MAX_ROWS) {
        let _ = writeln!(text, "{row}");
    }
    add_rest(rows.len(), text);
}

fn add_findings(title: &str, findings: &[Finding], text: &mut String) {
    let rows = FindingView::all(findings).into_iter().map(|it| row(it, ""));
    add_list(title, rows, text);
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
