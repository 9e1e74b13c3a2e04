//! A comparison for a terminal.

use std::fmt::Write as _;

use super::view::{ComparisonReport, joined};
use crate::output::view::FindingView;

pub(super) fn render(report: &ComparisonReport<'_>) -> String {
    let mut text = format!(
        "left:  {}\nright: {}\n",
        report.left().one_line(),
        report.right().one_line()
    );
    add_settings(report, &mut text);
    for (title, components) in report.components() {
        let names = components.iter().map(|it| it.full_name());
        add_list(title, names.map(|it| it.one_line().into_owned()), &mut text);
    }
    add_findings("New findings", &report.new_findings(), &mut text);
    let changed = report.changed().into_iter();
    let changed = changed.map(|(left, finding)| line(finding, &format!("{left} → ")));
    add_list("Findings with another severity", changed, &mut text);
    add_findings("Gone findings", &report.gone(), &mut text);
    add_findings("No longer checked", &report.no_longer_checked(), &mut text);
    let _ = writeln!(text, "\nforcelint: {}", report.summary());
    text
}

fn add_settings(report: &ComparisonReport<'_>, text: &mut String) {
    if report.settings().len() > 0 {
        text.push_str("\nChanged settings\n");
    }
    let mut last = None;
    for setting in report.settings() {
        let component = setting.component().full_name();
        if last.as_ref() != Some(&component) {
            let _ = writeln!(text, "  {}", component.one_line());
            last = Some(component);
        }
        let _ = writeln!(
            text,
            "    {}: {} → {}",
            setting.path().one_line(),
            joined(&setting.left()).one_line(),
            joined(&setting.right()).one_line()
        );
    }
}

fn add_findings(title: &str, findings: &[FindingView<'_>], text: &mut String) {
    add_list(title, findings.iter().map(|it| line(*it, "")), text);
}

fn add_list(title: &str, lines: impl Iterator<Item = String>, text: &mut String) {
    for (at, line) in lines.enumerate() {
        if at == 0 {
            let _ = writeln!(text, "\n{title}");
        }
        let _ = writeln!(text, "  {line}");
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
