//! The apps of a project by rule: one row per app, one column per rule that applies to an app.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use maud::{Markup, PreEscaped, html};

use super::words::{filter_words, name, severities, severity_counts};
use crate::finding::{Outcome, SuppressionKind};
use crate::output::view::{AppPartView, FileKey, FindingView, ReportView};
use crate::rule::{Rule, RuleSet, Severity};
use crate::text::{ScannedText, counted};

/// With more apps, the matrix scrolls below its headings.
const TALL: usize = 30;

/// An app with all of its files.
pub(super) struct App<'r> {
    is_connected: bool,
    name: ScannedText<'r>,
    parts: Vec<AppPartView<'r>>,
}

impl App<'_> {
    /// The path of its file, or of the first of its files.
    fn path(&self) -> Option<ScannedText<'static>> {
        let whole = self.parts.iter().find(|part| is_whole(**part));
        let part = whole.or(self.parts.first());
        part.map(|part| part.report_path())
    }
}

/// Whether the file is the app's main file.
fn is_whole(part: AppPartView<'_>) -> bool {
    part.type_name() == "ExternalClientApplication"
}

/// The apps, in the order of their paths.
pub(super) fn rows(report: ReportView<'_>) -> Vec<App<'_>> {
    // A connected app is one file. An External Client App is several files of a project.
    let mut apps: BTreeMap<(bool, FileKey<'_>, ScannedText<'_>), App<'_>> = BTreeMap::new();
    for part in report.app_parts() {
        let is_connected = part.type_name() == "ConnectedApp";
        let within = if is_connected {
            part.file()
        } else {
            part.project()
        };
        apps.entry((!is_connected, within, part.app()))
            .or_insert_with(|| App {
                is_connected,
                name: part.app(),
                parts: Vec::new(),
            })
            .parts
            .push(part);
    }
    apps.into_values().collect()
}

/// A rule's answer for an app.
enum Cell<'r> {
    /// The rule does not apply.
    Empty,
    Complies,
    NotChecked,
    /// It fails, but this run does not report it.
    Unreported,
    Suppressed(SuppressionKind),
    /// The findings, with their positions in the report.
    Violates(Vec<(usize, FindingView<'r>)>),
}

/// Findings by file, with their positions in the report.
type ByFile<'r> = HashMap<FileKey<'r>, Vec<(usize, FindingView<'r>)>>;

fn by_file<'r>(findings: &[FindingView<'r>]) -> ByFile<'r> {
    let mut by_file = ByFile::new();
    for (at, finding) in findings.iter().copied().enumerate() {
        by_file
            .entry(finding.file())
            .or_default()
            .push((at, finding));
    }
    by_file
}

fn cell<'r>(
    app: &App<'r>,
    rule: &'r str,
    findings: &ByFile<'r>,
    suppressed: &ByFile<'r>,
) -> Cell<'r> {
    let of_app = |by_file: &ByFile<'r>| -> Vec<(usize, FindingView<'r>)> {
        let parts = app.parts.iter();
        let found = parts.filter_map(|part| by_file.get(&part.file())).flatten();
        found.filter(|(_, it)| it.rule() == rule).copied().collect()
    };
    let found = of_app(findings);
    if !found.is_empty() {
        return Cell::Violates(found);
    }
    if let Some((_, finding)) = of_app(suppressed).first()
        && let Some(suppression) = finding.suppression()
    {
        return Cell::Suppressed(suppression.kind());
    }
    let outcomes = app.parts.iter().filter_map(|it| it.outcomes().get(rule));
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

/// The sign of a suppressed finding, what it means, and the section with its reason.
fn sign(kind: SuppressionKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        SuppressionKind::Exception | SuppressionKind::Inline => ("A", "accepted", "#accepted"),
        SuppressionKind::Baseline => ("B", "in the baseline", "#baseline"),
    }
}

fn table_cell(cell: &Cell<'_>, rule: &str) -> Markup {
    html! {
        @match cell {
            Cell::Empty => td.na { span aria-hidden="true" { "·" } span.vh { "does not apply" } },
            Cell::Complies => td.ok { span aria-hidden="true" { "✓" } span.vh { "passes" } },
            Cell::NotChecked => td.unknown title={ (rule) ": not checked" } { a href="#not-checked" { "?" span.vh { " not checked" } } },
            Cell::Unreported => td.unreported title={ (rule) ": fails, not reported by this run" } {
                span aria-hidden="true" { "○" } span.vh { "fails, not reported" }
            },
            Cell::Suppressed(kind) => {
                @let (sign, meaning, section) = sign(*kind);
                td.accepted title={ (rule) ": " (meaning) } {
                    a href=(section) { (sign) span.vh { " " (meaning) } }
                }
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

/// The index of the most severe finding, and its severity.
fn worst(found: &[(usize, FindingView<'_>)]) -> (usize, Severity) {
    let first_worst = found
        .iter()
        .rev()
        .max_by_key(|(_, finding)| finding.severity());
    // A cell has at least one finding.
    first_worst.map_or((0, Severity::Info), |(at, it)| (*at, it.severity()))
}

/// The findings in the cells of a row.
fn found<'r>(cells: &[Cell<'r>]) -> impl Iterator<Item = FindingView<'r>> + Clone {
    let found = cells.iter().filter_map(|cell| match cell {
        Cell::Violates(found) => Some(found),
        _ => None,
    });
    found.flatten().map(|(_, finding)| *finding)
}

/// The columns of the matrix and what its cells are about.
struct Matrix<'r> {
    columns: Vec<&'r Rule>,
    findings: ByFile<'r>,
    suppressed: ByFile<'r>,
}

impl<'r> Matrix<'r> {
    /// The cells of a row. They are built again where they are needed: all of them at once would need more memory
    /// than the findings.
    fn cells(&self, app: &App<'r>) -> Vec<Cell<'r>> {
        let columns = self.columns.iter();
        columns
            .map(|rule| cell(app, &rule.id, &self.findings, &self.suppressed))
            .collect()
    }
}

/// What is known about all rows.
struct Totals {
    apps: usize,
    /// Apps that pass every rule that applies.
    passing: usize,
    /// Apps with findings.
    failing: usize,
    /// How many apps violate a rule, per column.
    by_column: Vec<usize>,
}

/// Where the rows of a group are in the frame of the matrix.
const ROWS: PreEscaped<&str> = PreEscaped("<!-- rows -->");

/// Adds the section with the matrix, which is one line, in parts.
pub(super) fn section(
    report: ReportView<'_>,
    rules: &RuleSet,
    apps: &[App<'_>],
    mut put: impl FnMut(&Markup) -> io::Result<()>,
) -> io::Result<()> {
    let findings = report.findings();
    let matrix = Matrix {
        columns: columns(&findings, rules, apps),
        findings: by_file(&findings),
        suppressed: by_file(&report.suppressed()),
    };
    let (rows, totals) = sorted_rows(apps, &matrix);
    let (connected, external): (Vec<&App<'_>>, Vec<&App<'_>>) =
        rows.into_iter().partition(|app| app.is_connected);
    let mut groups = vec![
        ("Connected apps", connected),
        ("External Client Apps", external),
    ];
    groups.retain(|(_, rows)| !rows.is_empty());
    let frame = html! {
        section #apps {
            h2 { "Apps by rule" }
            @if apps.is_empty() {
                p { "No connected apps or External Client Apps were checked." }
            } @else {
                (frame(&matrix.columns, &groups, &totals))
            }
        }
    };
    let mut groups = groups.into_iter();
    for part in frame.0.split(ROWS.0) {
        put(&PreEscaped(part.to_owned()))?;
        for app in groups.next().into_iter().flat_map(|(_, apps)| apps) {
            put(&app_row(app, &matrix))?;
        }
    }
    Ok(())
}

/// The matrix without the rows of the groups.
fn frame(columns: &[&Rule], groups: &[(&str, Vec<&App<'_>>)], totals: &Totals) -> Markup {
    html! {
        p.lead {
            strong { (totals.passing) " of " (counted(totals.apps, "app")) } " pass every rule that applies. Apps and rules with the worst findings come first."
        }
        (legend())
        div.scroll.matrix.tall[totals.apps > TALL] tabindex="0" role="region" aria-label="Apps by rule" {
            table {
                thead {
                    tr {
                        th.corner scope="col" { "App" }
                        th.sum scope="col" { span { "findings" } }
                        @for rule in columns {
                            th.rule scope="col" title=(rule.title) {
                                a href={ "#rule-" (rule.id) } { (rule.id) }
                            }
                        }
                    }
                }
                @for (kind, _) in groups {
                    tbody {
                        tr.kind {
                            th scope="rowgroup" colspan=(columns.len() + 2) { span { (kind) } }
                        }
                        (ROWS)
                    }
                }
                tfoot {
                    tr {
                        th scope="row" { "Apps that fail" }
                        td { (totals.failing) }
                        @for failing in &totals.by_column { td { (failing) } }
                    }
                }
            }
        }
    }
}

/// The rules that apply to an app, the worst ones first.
fn columns<'r>(
    findings: &[FindingView<'_>],
    rules: &'r RuleSet,
    apps: &[App<'_>],
) -> Vec<&'r Rule> {
    let applied: BTreeSet<&str> = apps
        .iter()
        .flat_map(|app| &app.parts)
        .flat_map(|part| part.outcomes().keys().map(String::as_str))
        .collect();
    let mut columns: Vec<&Rule> = rules
        .rules()
        .filter(|rule| applied.contains(rule.id.as_str()))
        .collect();
    // The order of names stays among equals.
    columns.sort_by_cached_key(|rule| {
        let of_rule = findings.iter().filter(|it| it.rule() == rule.id);
        let counts = severity_counts(of_rule.copied());
        let counts = counts.into_iter().map(|(_, count)| count);
        Reverse((counts.collect::<Vec<_>>(), rule.severity))
    });
    columns
}

/// The apps, the worst ones first.
fn sorted_rows<'r>(apps: &'r [App<'r>], matrix: &Matrix<'r>) -> (Vec<&'r App<'r>>, Totals) {
    let mut totals = Totals {
        apps: apps.len(),
        passing: 0,
        failing: 0,
        by_column: vec![0; matrix.columns.len()],
    };
    let mut rows = Vec::new();
    for app in apps {
        let cells = matrix.cells(app);
        // An app with a suppressed finding or a rule that was not checked does not pass.
        let passes = |cell: &Cell<'_>| matches!(cell, Cell::Empty | Cell::Complies);
        totals.passing += usize::from(cells.iter().all(passes));
        totals.failing += usize::from(found(&cells).next().is_some());
        for (count, cell) in totals.by_column.iter_mut().zip(&cells) {
            *count += usize::from(matches!(cell, Cell::Violates(_)));
        }
        rows.push((severity_counts(found(&cells)), app));
    }
    rows.sort_by(|(one, _), (other, _)| other.cmp(one));
    (rows.into_iter().map(|(_, app)| app).collect(), totals)
}

fn app_row(app: &App<'_>, matrix: &Matrix<'_>) -> Markup {
    let cells = matrix.cells(app);
    let (severities, rules) = filter_words(found(&cells));
    html! {
        tr.app data-severity=(severities) data-rule=(rules) {
            th scope="row" title=(app.path().unwrap_or("".into()).one_line()) { (name(&app.name)) }
            td.sum { (found(&cells).count()) }
            @for (cell, rule) in cells.iter().zip(&matrix.columns) {
                (table_cell(cell, &rule.id))
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend aria-label="Legend" {
            li { span.key.ok { "✓" } "passes" }
            @for severity in Severity::ALL {
                li { span.key.bad.(severity.name()) { (letter(severity)) } (severity.name()) }
            }
            li { span.key.accepted { "A" } "accepted" }
            li { span.key.accepted { "B" } "baseline, not reviewed" }
            li { span.key.unreported { "○" } "fails, not reported" }
            li { span.key.unknown { "?" } "not checked" }
            li { span.key.na { "·" } "does not apply" }
        }
    }
}
