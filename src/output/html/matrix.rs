//! The apps of a project against the rules: a row an app, a column a rule.
//!
//! Columns are the rules that found something to judge in some app.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use maud::{Markup, html};

use super::words::{counted, name, severities, severity_counts};
use crate::finding::{AppPart, Finding, Outcome, Report, SuppressionKind};
use crate::rule::{Rule, RuleSet, Severity};

/// With more apps than these the matrix scrolls by itself, below its headings.
const TALL: usize = 30;

/// An app with all of its files.
pub(super) struct App<'r> {
    is_connected: bool,
    name: &'r str,
    parts: Vec<&'r AppPart>,
}

impl App<'_> {
    /// The path of its file, or of the first of its files.
    fn path(&self) -> String {
        let whole = self.parts.iter().find(|part| is_whole(part));
        let part = whole.or(self.parts.first());
        part.map(|part| part.file.report_path()).unwrap_or_default()
    }
}

fn type_name(part: &AppPart) -> &'static str {
    part.file.component.metadata_type.name()
}

/// Whether the file is what the others are parts of.
fn is_whole(part: &AppPart) -> bool {
    type_name(part) == "ExternalClientApplication"
}

/// The apps, in the order of their paths.
pub(super) fn rows(report: &Report) -> Vec<App<'_>> {
    // A connected app is a file; the files of an External Client App find each other in a project.
    let mut apps: BTreeMap<(bool, PathBuf, &str), App<'_>> = BTreeMap::new();
    for part in &report.posture.apps {
        let is_connected = type_name(part) == "ConnectedApp";
        let place = match is_connected {
            true => part.file.path.clone(),
            false => part.file.project.root.clone(),
        };
        apps.entry((!is_connected, place, &part.app))
            .or_insert_with(|| App {
                is_connected,
                name: &part.app,
                parts: Vec::new(),
            })
            .parts
            .push(part);
    }
    apps.into_values().collect()
}

/// What a rule said of an app.
enum Cell<'r> {
    /// It does not apply.
    Empty,
    Complies,
    NotChecked,
    /// It violates, but this run does not report it.
    Unreported,
    Suppressed(SuppressionKind),
    /// The findings, with their places in the report.
    Violates(Vec<(usize, &'r Finding)>),
}

/// Findings by file and rule, with their places in the report.
type ByFile<'r> = HashMap<(&'r Path, &'r str), Vec<(usize, &'r Finding)>>;

fn by_file(findings: &[Finding]) -> ByFile<'_> {
    let mut by_file = ByFile::new();
    for (at, finding) in findings.iter().enumerate() {
        let key = (finding.file.path.as_path(), finding.rule.as_str());
        by_file.entry(key).or_default().push((at, finding));
    }
    by_file
}

fn cell<'r>(app: &App<'r>, rule: &str, findings: &ByFile<'r>, suppressed: &ByFile<'r>) -> Cell<'r> {
    let of_app = |by_file: &ByFile<'r>| -> Vec<(usize, &'r Finding)> {
        let parts = app.parts.iter();
        let found = parts.filter_map(|part| by_file.get(&(part.file.path.as_path(), rule)));
        found.flatten().copied().collect()
    };
    let found = of_app(findings);
    if !found.is_empty() {
        return Cell::Violates(found);
    }
    if let Some((_, finding)) = of_app(suppressed).first()
        && let Some(suppression) = &finding.suppressed
    {
        return Cell::Suppressed(suppression.kind);
    }
    let outcomes = app.parts.iter().filter_map(|it| it.outcomes.get(rule));
    match outcomes.max() {
        None => Cell::Empty,
        Some(Outcome::Pass) => Cell::Complies,
        Some(Outcome::NotChecked) => Cell::NotChecked,
        Some(Outcome::Fail) => Cell::Unreported,
    }
}

/// A letter for each severity.
fn letter(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "C",
        Severity::High => "H",
        Severity::Medium => "M",
        Severity::Low => "L",
        Severity::Info => "I",
    }
}

/// What stands for a finding that does not count.
fn sign(kind: SuppressionKind) -> &'static str {
    match kind {
        SuppressionKind::Exception | SuppressionKind::Inline => "E",
        SuppressionKind::Baseline => "B",
    }
}

fn shown(cell: &Cell<'_>, rule: &str) -> Markup {
    html! {
        @match cell {
            Cell::Empty => td.na { "·" },
            Cell::Complies => td.ok { "✓" },
            Cell::NotChecked => td.unknown title={ (rule) ": not judged" } { a href="#not-checked" { "?" } },
            Cell::Unreported => td.unreported title={ (rule) ": violates, not reported by this run" } { "○" },
            Cell::Suppressed(kind) => td.accepted title={ (rule) ": accepted" } {
                a href="#suppressed" { (sign(*kind)) }
            },
            Cell::Violates(found) => {
                @let (worst, severity) = worst(found);
                td.bad.(severity.name()) title={ (rule) ": " (severities(&severity_counts(found.iter().map(|it| it.1)))) } {
                    a href={ "#f" (worst + 1) } {
                        (letter(severity))
                        span.vh { " " (severity.name()) }
                    }
                }
            },
        }
    }
}

/// The place of the severest finding, and its severity.
fn worst(found: &[(usize, &Finding)]) -> (usize, Severity) {
    let first_worst = found
        .iter()
        .rev()
        .max_by_key(|(_, finding)| finding.severity);
    // There is a cell only where something was found.
    first_worst.map_or((0, Severity::Info), |(at, it)| (*at, it.severity))
}

/// A row that is ready to be shown.
struct Row<'r> {
    app: &'r App<'r>,
    cells: Vec<Cell<'r>>,
    counts: Vec<(Severity, usize)>,
}

impl Row<'_> {
    fn total(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    fn found(&self) -> impl Iterator<Item = &Finding> {
        self.cells.iter().flat_map(|cell| match cell {
            Cell::Violates(found) => found.iter().map(|(_, finding)| *finding).collect(),
            _ => Vec::new(),
        })
    }
}

/// The section with the matrix.
pub(super) fn section(report: &Report, rules: &RuleSet, apps: &[App<'_>]) -> Markup {
    html! {
        section #apps {
            h2 { "Apps against rules" }
            @if apps.is_empty() {
                p { "No connected app and no External Client App was checked." }
            } @else {
                (matrix(report, rules, apps))
            }
        }
    }
}

fn matrix(report: &Report, rules: &RuleSet, apps: &[App<'_>]) -> Markup {
    let judging: BTreeSet<&str> = apps
        .iter()
        .flat_map(|app| &app.parts)
        .flat_map(|part| part.outcomes.keys().map(String::as_str))
        .collect();
    let mut columns: Vec<&Rule> = rules
        .rules()
        .filter(|rule| judging.contains(rule.id.as_str()))
        .collect();
    let (findings, suppressed) = (by_file(&report.findings), by_file(&report.suppressed));
    // What is worst comes to the top and to the left; the order of names stays among equals.
    columns.sort_by_cached_key(|rule| {
        let of_rule = report.findings.iter().filter(|it| it.rule == rule.id);
        let counts = severity_counts(of_rule).into_iter().map(|(_, count)| count);
        Reverse((counts.collect::<Vec<_>>(), rule.severity))
    });
    let mut rows: Vec<Row<'_>> = apps
        .iter()
        .map(|app| {
            let cell = |rule: &&Rule| cell(app, &rule.id, &findings, &suppressed);
            let mut row = Row {
                app,
                cells: columns.iter().map(cell).collect(),
                counts: Vec::new(),
            };
            row.counts = severity_counts(row.found());
            row
        })
        .collect();
    rows.sort_by_cached_key(|row| {
        let counts = row.counts.iter().map(|(_, count)| *count);
        Reverse(counts.collect::<Vec<_>>())
    });
    let clean = rows.iter().filter(|row| row.total() == 0).count();
    html! {
        p.lead {
            strong { (clean) " of " (counted(apps.len(), "app")) } " without a finding that counts. "
            "A row is an app, a column a rule; those that are worst off come first."
        }
        (legend())
        div.scroll.matrix.tall[apps.len() > TALL] tabindex="0" role="region" aria-label="Apps against rules" {
            table {
                thead {
                    tr {
                        th.corner scope="col" { "App" }
                        th.sum scope="col" { span { "findings" } }
                        @for rule in &columns {
                            th.rule scope="col" title=(rule.title) {
                                a href={ "#rule-" (rule.id) } { (rule.id) }
                            }
                        }
                    }
                }
                @for (is_connected, kind) in [(true, "Connected apps"), (false, "External Client Apps")] {
                    @if rows.iter().any(|row| row.app.is_connected == is_connected) {
                        tbody {
                            tr.kind {
                                th scope="rowgroup" colspan=(columns.len() + 2) { span { (kind) } }
                            }
                            @for row in rows.iter().filter(|row| row.app.is_connected == is_connected) {
                                (shown_row(row, &columns))
                            }
                        }
                    }
                }
                tfoot {
                    tr {
                        th scope="row" { "Apps that violate" }
                        td { (rows.len() - clean) }
                        @for at in 0..columns.len() {
                            td {
                                (rows.iter().filter(|row| matches!(row.cells[at], Cell::Violates(_))).count())
                            }
                        }
                    }
                }
            }
        }
    }
}

fn shown_row(row: &Row<'_>, columns: &[&Rule]) -> Markup {
    let severities: BTreeSet<&str> = row.found().map(|it| it.severity.name()).collect();
    let rules: BTreeSet<&str> = row.found().map(|it| it.rule.as_str()).collect();
    let words = |words: BTreeSet<&str>| words.into_iter().collect::<Vec<_>>().join(" ");
    html! {
        tr.app data-severity=(words(severities)) data-rule=(words(rules)) {
            th scope="row" title=(row.app.path()) { (name(row.app.name)) }
            td.sum { (row.total()) }
            @for (cell, rule) in row.cells.iter().zip(columns) {
                (shown(cell, &rule.id))
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend aria-label="Legend" {
            li { span.key.ok { "✓" } "complies" }
            @for severity in Severity::ALL {
                li { span.key.bad.(severity.name()) { (letter(severity)) } (severity.name()) }
            }
            li { span.key.accepted { "E" } "excepted" }
            li { span.key.accepted { "B" } "in the baseline" }
            li { span.key.unreported { "○" } "violates, not reported" }
            li { span.key.unknown { "?" } "not judged" }
            li { span.key.na { "·" } "does not apply" }
        }
    }
}
