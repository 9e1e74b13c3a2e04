//! A table with a row per repository, as RFC 4180 describes it.

use crate::merge::{ControlOutcome, MergedReport, MergedRepository};
use crate::rule::Severity;

/// The first characters of a formula in a spreadsheet.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub(super) fn render(report: &MergedReport) -> String {
    let severities = Severity::ALL.map(Severity::name);
    let outcomes = ControlOutcome::ALL.map(|it| format!("controls {}", it.name()));
    let mut heads = vec!["repository", "host", "project", "result"];
    heads.extend(severities);
    heads.extend(["accepted", "baseline", "not checked", "errors", "apps"]);
    heads.extend(outcomes.iter().map(String::as_str));
    heads.extend(["commit", "branch", "notes", "file"]);
    let mut text = line(heads.into_iter().map(str::to_owned));
    for repository in &report.repositories {
        text.push_str(&line(row(repository)));
    }
    text
}

fn row(repository: &MergedRepository) -> impl Iterator<Item = String> {
    let notes = repository.notes();
    let notes: Vec<_> = notes.iter().map(|it| it.one_line()).collect();
    let mut cells = vec![
        repository.name().one_line().into_owned(),
        repository
            .host()
            .map_or_else(String::new, |it| it.one_line().into_owned()),
        repository.project().one_line().into_owned(),
        repository.status().name().to_owned(),
    ];
    let numbers = [
        repository.accepted,
        repository.baseline,
        repository.not_checked,
        repository.error_count,
    ];
    let numbers = repository.findings.iter().chain(&numbers);
    cells.extend(numbers.map(usize::to_string));
    cells.push(repository.apps.to_string());
    cells.extend(repository.controls.counts.map(|count| count.to_string()));
    cells.extend([
        repository.commit().unwrap_or_default().to_owned(),
        repository
            .branch()
            .map_or_else(String::new, |it| it.one_line().into_owned()),
        notes.join("; "),
        repository.file().one_line().into_owned(),
    ]);
    cells.into_iter()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|it| cell(&it)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    // An apostrophe makes it text in a spreadsheet.
    let sign = match text.starts_with(FORMULA) {
        true => "'",
        false => "",
    };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{sign}{}\"", text.replace('"', "\"\"")),
        false => format!("{sign}{text}"),
    }
}
