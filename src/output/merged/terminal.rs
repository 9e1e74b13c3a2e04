//! The report on many repositories for a terminal.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::words::{Authority, authorities, by_outcome, result, severity_list};
use crate::merge::{
    AppFindings, ControlOutcome, MergedException, MergedReport, MergedRepository, RepositoryStatus,
};
use crate::output::paragraph::paragraph;
use crate::output::style::{ADDED, BOLD, DIM, REMOVED, Style};
use crate::text::ScannedText;

/// How many repositories fit on a screen.
const MAX_REPOSITORIES: usize = 40;
/// How many controls of a publisher, apps and exceptions.
const MAX_OTHERS: usize = 10;

/// The widest column.
const MAX_WIDTH: usize = 40;

pub(super) fn render(report: &MergedReport, style: &Style) -> String {
    let mut text = String::new();
    table(report, style, &mut text);
    for authority in authorities(report) {
        controls(&authority, style, &mut text);
    }
    let apps = report.worst_apps.iter();
    list("Worst apps", apps.map(app), style, &mut text);
    let exceptions = report.exceptions.iter();
    list(
        "Exceptions, by expiry date",
        exceptions.map(exception),
        style,
        &mut text,
    );
    incomplete(report, style, &mut text);
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&paragraph(
        "",
        &format!("forcelint: {}.", result(report)),
        style.width,
    ));
    text
}

fn table(report: &MergedReport, style: &Style, text: &mut String) {
    const HEADS: [&str; 11] = [
        "repository",
        "project",
        "result",
        "critical",
        "high",
        "medium",
        "low",
        "accepted",
        "baseline",
        "not checked",
        "controls failed",
    ];
    let shown = report.repositories.iter().take(MAX_REPOSITORIES);
    let rows: Vec<([String; 11], RepositoryStatus)> =
        shown.map(|it| (row(it), it.status())).collect();
    if rows.is_empty() {
        return;
    }
    let widths = HEADS.iter().enumerate().map(|(at, head)| {
        let cells = rows.iter().map(|(row, _)| row[at].width());
        cells.max().unwrap_or_default().max(head.width())
    });
    let widths: Vec<usize> = widths.collect();
    let line = |cells: [&str; 11]| {
        let padded = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, width))| {
                let space = " ".repeat(width.saturating_sub(cell.width()));
                match at {
                    // Names and words are on the left, numbers on the right.
                    0..3 => format!("{cell}{space}"),
                    _ => format!("{space}{cell}"),
                }
            });
        let padded: Vec<String> = padded.collect();
        padded.join("  ").trim_end().to_owned()
    };
    let _ = writeln!(text, "{}", style.paint(BOLD, &line(HEADS)));
    for (row, status) in &rows {
        let cells = row.each_ref().map(String::as_str);
        let line = line(cells);
        let color = match status {
            RepositoryStatus::Passes => ADDED,
            RepositoryStatus::PartlyChecked => DIM,
            _ => REMOVED,
        };
        let painted = style.paint(color, status.name());
        let _ = writeln!(text, "{}", line.replacen(status.name(), &painted, 1));
    }
    more(report.repositories.len(), MAX_REPOSITORIES, text);
}

fn row(repository: &MergedRepository) -> [String; 11] {
    let [critical, high, medium, low, _] = repository.findings.map(|it| it.to_string());
    let failed = repository.controls.with(ControlOutcome::Failed);
    [
        clipped(repository.name()),
        clipped(repository.project()),
        repository.status().name().to_owned(),
        critical,
        high,
        medium,
        low,
        repository.accepted.to_string(),
        repository.baseline.to_string(),
        repository.not_checked.to_string(),
        failed.to_string(),
    ]
}

/// A name that fits into a column.
fn clipped(text: ScannedText<'_>) -> String {
    let text = text.at_line_start();
    if text.width() <= MAX_WIDTH {
        return text;
    }
    let start: String = text.chars().take(MAX_WIDTH - 1).collect();
    format!("{start}…")
}

fn controls(authority: &Authority<'_>, style: &Style, text: &mut String) {
    let _ = writeln!(text, "\n{}", style.paint(BOLD, &authority.name.one_line()));
    text.push_str(&paragraph("  ", &authority.numbers(), style.width));
    let failed = authority.controls.iter();
    let failed = failed.filter(|(_, totals)| totals.with(ControlOutcome::Failed) > 0);
    for (control, totals) in failed.take(MAX_OTHERS) {
        let line = format!("{}: {}", control.title.one_line(), by_outcome(totals));
        text.push_str(&paragraph("  ", &line, style.width));
    }
    more(authority.with(ControlOutcome::Failed), MAX_OTHERS, text);
}

fn app(app: &AppFindings) -> String {
    format!(
        "{}: {}:{}: {}",
        app.repository().one_line(),
        app.type_name().one_line(),
        app.name().one_line(),
        severity_list(&app.counts)
    )
}

fn exception(exception: &MergedException) -> String {
    let state = match exception.is_expired {
        true => "expired",
        false => "expires",
    };
    let owner = exception.owner();
    let owner = owner.map(|it| format!(", owner: {}", it.one_line()));
    format!(
        "{state} {}: {}: {} for {}{}",
        exception.expires().one_line(),
        exception.repository().one_line(),
        exception.rule().one_line(),
        exception.subject().one_line(),
        owner.unwrap_or_default()
    )
}

/// The repositories with errors.
fn incomplete(report: &MergedReport, style: &Style, text: &mut String) {
    let incomplete = report.repositories.iter();
    let incomplete = incomplete.filter(|it| it.status() == RepositoryStatus::Incomplete);
    let lines: Vec<String> = incomplete
        .map(|it| {
            let first = it.errors().next();
            let first =
                first.map(|(path, message)| format!("{} {}", path.one_line(), message.one_line()));
            let first = first.unwrap_or_else(|| "the report is truncated or damaged".to_owned());
            let rest = match it.error_count {
                0 | 1 => String::new(),
                count => format!(" (and {} more errors)", count - 1),
            };
            format!("{}: {first}{rest}", it.name().one_line())
        })
        .collect();
    list("Not fully checked", lines.into_iter(), style, text);
}

fn list(title: &str, lines: impl Iterator<Item = String>, style: &Style, text: &mut String) {
    let mut count = 0;
    for line in lines {
        if count == 0 {
            let _ = writeln!(text, "\n{}", style.paint(BOLD, title));
        }
        count += 1;
        if count <= MAX_OTHERS {
            text.push_str(&paragraph("  ", &line, style.width));
        }
    }
    more(count, MAX_OTHERS, text);
}

fn more(count: usize, shown: usize, text: &mut String) {
    if count > shown {
        let _ = writeln!(
            text,
            "  and {} more (`--format html=FILE` lists all)",
            count - shown
        );
    }
}
