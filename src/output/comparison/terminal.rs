//! A comparison for a terminal.

use std::fmt::Write as _;

use super::view::{ComparisonReport, values};
use crate::finding::{Finding, Side};
use crate::output::view::FindingView;

pub(super) fn render(report: &ComparisonReport<'_>) -> String {
    let mut text = format!(
        "left:  {}\nright: {}\n",
        report.side(Side::Left).one_line(),
        report.side(Side::Right).one_line()
    );
    let comparison = report.comparison;
    add_settings(report, &mut text);
    add_findings("New findings", &comparison.new, &mut text);
    if !comparison.changed.is_empty() {
        text.push_str("\nFindings with another severity\n");
        for it in &comparison.changed {
            let finding = FindingView::all(std::slice::from_ref(&it.finding))[0];
            let _ = writeln!(text, "  {}", line(finding, &format!("{} → ", it.left)));
        }
    }
    add_findings("Gone findings", &comparison.gone, &mut text);
    let unclear = &comparison.no_longer_checked;
    add_findings(
        "Findings whose rule cannot be checked on the right side",
        unclear,
        &mut text,
    );
    let _ = writeln!(text, "\nforcelint: {}", report.summary());
    text
}

fn add_settings(report: &ComparisonReport<'_>, text: &mut String) {
    let comparison = report.comparison;
    let settings = report.settings();
    if !settings.is_empty() {
        text.push_str("\nChanged settings\n");
    }
    for (component, settings) in settings {
        let _ = writeln!(text, "  {}", component.one_line());
        for setting in settings {
            let _ = writeln!(
                text,
                "    {}: {} → {}",
                crate::text::sanitize(&setting.path),
                values(&setting.left).one_line(),
                values(&setting.right).one_line()
            );
        }
    }
    for (title, components) in [
        ("Only on the right side", &comparison.added),
        ("Only on the left side", &comparison.removed),
    ] {
        if !components.is_empty() {
            let _ = writeln!(text, "\n{title}");
        }
        for component in components {
            let _ = writeln!(text, "  {}", crate::text::sanitize(&component.to_string()));
        }
    }
}

fn add_findings(title: &str, findings: &[Finding], text: &mut String) {
    if !findings.is_empty() {
        let _ = writeln!(text, "\n{title}");
    }
    for finding in FindingView::all(findings) {
        let _ = writeln!(text, "  {}", line(finding, ""));
    }
}

fn line(finding: FindingView<'_>, former_severity: &str) -> String {
    let location = finding.location();
    format!(
        "{}:{}:{}: {former_severity}{}[{}] {}",
        location.path().one_line(),
        location.start().line,
        location.start().column,
        finding.severity(),
        finding.rule(),
        finding.message().one_line()
    )
}
