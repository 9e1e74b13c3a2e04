//! The summary of a run on stderr: counts, what was not checked, what was skipped, and which fixes are
//! available.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::context::RunInfo;
use super::notices::{SKIPPED, SUPPRESSED, notices};
use super::paragraph::wrapped_lines;
use super::view::{FindingView, FixView, ReportView};
use crate::finding::MAX_LISTED;
use crate::fix::Level;
use crate::rule::Severity;
use crate::text::{ScannedText, counted};

/// How many reasons are listed without `--verbose`; the rest is counted.
const LISTED: usize = 5;

/// The errors and, unless `quiet`, the notes.
pub(crate) fn summary_of_errors(
    report: ReportView<'_>,
    working_directory: &Path,
    quiet: bool,
) -> String {
    let mut text = String::new();
    let root = report.root_from(working_directory);
    for error in report.errors_of_run() {
        let is_root = error.path.one_line() == ".";
        let path = if is_root { &root } else { &error.path };
        let (path, message) = (path.one_line(), error.message.one_line());
        let _ = writeln!(text, "error: {path} {message}");
    }
    for note in report.notes().filter(|_| !quiet) {
        let _ = writeln!(text, "note: {}", note.one_line());
    }
    text
}

/// The summary of a run. `level` is the level of the applied fixes, with `--fix`. Lines are wrapped if the `width`
/// of the terminal is known.
pub fn summary(
    report: ReportView<'_>,
    run: &RunInfo,
    level: Option<Level>,
    lists_skipped: bool,
    took: Duration,
    width: Option<usize>,
) -> String {
    let text = summary_lines(report, run, level, lists_skipped, took);
    match width {
        Some(width) => wrapped_lines(&text, width),
        None => text,
    }
}

fn summary_lines(
    report: ReportView<'_>,
    run: &RunInfo,
    level: Option<Level>,
    lists_skipped: bool,
    took: Duration,
) -> String {
    let mut text = String::new();
    not_checked(report, run, &mut text);
    for notice in notices(report, run) {
        let how = match notice.label {
            SUPPRESSED if !report.lists_suppressed() => "; list them with --show-suppressed",
            SKIPPED if !lists_skipped => " (list them with --show-skipped)",
            _ => "",
        };
        let _ = writeln!(text, "{}: {}{how}", notice.label, notice.text.one_line());
        for item in &notice.items {
            let _ = writeln!(text, "  {}", item.one_line());
        }
        if notice.label == SKIPPED && lists_skipped {
            for (path, reason) in report.skipped_files() {
                let _ = writeln!(text, "  {} ({})", path.one_line(), reason.source());
            }
        }
    }
    fixed(report, &mut text);
    not_listed(report, &mut text);
    // An audit changes no files.
    if !run.is_audit {
        available_fixes(report, level, &mut text);
    }
    let components = match run.listing.verbose {
        true => components(report),
        false => component_count(report),
    };
    let checked = match components {
        Some(components) => format!("{} in {components}", by_severity(report)),
        // The errors have the reason.
        None if report.has_errors() => "nothing was checked".to_owned(),
        None if report.compared().len() == 0 => {
            "nothing was checked: no metadata of a type that the enabled rules check".to_owned()
        }
        None => "nothing was checked: no changed metadata of a type that the enabled rules check"
            .to_owned(),
    };
    let _ = writeln!(
        text,
        "forcelint: {checked}; {} seen, {} ms",
        counted(report.tally().files_seen, "file"),
        took.as_millis()
    );
    text
}

/// `3 critical, 4 high`, or `no findings`.
pub(crate) fn by_severity(report: ReportView<'_>) -> String {
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .filter_map(|severity| {
            let of_severity = report.severities().filter(|(it, _)| *it == severity);
            let count: usize = of_severity.map(|(_, count)| count).sum();
            (count > 0).then(|| format!("{count} {severity}"))
        })
        .collect();
    if counts.is_empty() {
        "no findings".to_owned()
    } else {
        counts.join(", ")
    }
}

/// How many components were checked; `None` if there were none.
fn component_count(report: ReportView<'_>) -> Option<String> {
    let all: u64 = report.tally().components.values().sum();
    (all > 0).then(|| counted(all, "component"))
}

/// How many components were checked, by type; `None` if there were none.
pub(super) fn components(report: ReportView<'_>) -> Option<String> {
    let types = &report.tally().components;
    let all: u64 = types.values().sum();
    let by_type: Vec<String> = types
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    (all > 0).then(|| {
        let components = counted(all, "component");
        format!("{components} ({})", by_type.join(", "))
    })
}

/// Rules by the component and the reason why they were not checked.
type RulesByCause<'a> = BTreeMap<(ScannedText<'static>, ScannedText<'static>), Vec<&'a str>>;

/// What was not checked, by component and reason: one missing file affects several rules.
pub(super) fn not_checked_by_cause(report: ReportView<'_>) -> RulesByCause<'_> {
    let mut rules = RulesByCause::new();
    for it in report.not_checked() {
        let cause = (it.component().full_name(), it.reason());
        rules.entry(cause).or_default().push(it.rule());
    }
    rules
}

fn not_checked(report: ReportView<'_>, run: &RunInfo, text: &mut String) {
    if report.not_checked().len() == 0 {
        return;
    }
    let rules_by_cause = not_checked_by_cause(report);
    let components: BTreeSet<_> = rules_by_cause.keys().map(|(it, _)| it).collect();
    let fails = if run.fails_unchecked {
        ", which fails the run (--fail-on-unchecked)"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "not checked: {} in {}{fails}",
        counted(report.not_checked().len(), "rule"),
        counted(components.len(), "component")
    );
    let listed = match run.listing.verbose {
        true => rules_by_cause.len(),
        false => LISTED,
    };
    for ((component, reason), rules) in rules_by_cause.iter().take(listed) {
        let _ = writeln!(
            text,
            "  {} ({}): {}",
            component.one_line(),
            reason.one_line(),
            rules.join(", ")
        );
    }
    if rules_by_cause.len() > listed {
        let _ = writeln!(
            text,
            "  and {} more (list them with --verbose)",
            rules_by_cause.len() - listed
        );
    }
    let to_retrieve: Vec<String> = report.to_retrieve().into_iter().collect();
    if !to_retrieve.is_empty() {
        let _ = writeln!(
            text,
            "  to check more, retrieve {} (`forcelint manifest` lists all that the rules read)",
            to_retrieve.join(", ")
        );
    }
}

/// The fixed files. All are named, because they are changed.
fn fixed(report: ReportView<'_>, text: &mut String) {
    let files = report.fixed_files();
    if files.len() == 0 {
        return;
    }
    let _ = writeln!(
        text,
        "fixed: {} in {}",
        counted(report.fixed(), "finding"),
        counted(files.len(), "file")
    );
    for (path, findings) in files {
        let _ = writeln!(
            text,
            "  {}: {}",
            path.one_line(),
            counted(findings, "finding")
        );
    }
}

fn not_listed(report: ReportView<'_>, text: &mut String) {
    let more = report.more().into_iter();
    let more: usize = more
        .filter(|it| it.suppression().is_none())
        .map(|it| it.count())
        .sum();
    if more > 0 {
        let _ = writeln!(
            text,
            "not listed: {} (a report lists {MAX_LISTED} of one rule in one file)",
            counted(more, "finding")
        );
    }
}

/// The fixes that this run did not apply, and how to apply them.
fn available_fixes(report: ReportView<'_>, level: Option<Level>, text: &mut String) {
    let findings = report.findings().into_iter().filter(|it| !it.is_packed());
    let needs_rollout = |it: &FindingView<'_>| it.fix().is_some_and(|fix| fix.rollout().is_some());
    let fixable = findings.filter(|it| it.fix().is_some());
    let (rollouts, safe): (Vec<_>, Vec<_>) = fixable.partition(needs_rollout);
    let (safe, rollout) = (safe.len(), rollouts.len());
    let safe = if level.is_none() { safe } else { 0 };
    let rollout = if level == Some(Level::All) {
        0
    } else {
        rollout
    };
    let first = match rollouts
        .iter()
        .any(|it| it.component().metadata_type().app().is_some())
    {
        true => "update the client apps first",
        false => "these need a rollout",
    };
    let update = format!("({first}; preview: `--diff --fix=all`)");
    let sentence = match (safe, rollout) {
        (0, 0) => return,
        (_, 0) => format!("{} fixable with `--fix`", counted(safe, "finding")),
        (0, _) => format!(
            "{} fixable with `--fix=all` {update}",
            counted(rollout, "finding")
        ),
        (_, _) => format!(
            "{} fixable with `--fix`, {rollout} more with `--fix=all` {update}",
            counted(safe, "finding")
        ),
    };
    let _ = writeln!(text, "{sentence}");
}

/// A component with the path of its file.
type Place<'a> = (ScannedText<'static>, ScannedText<'a>);

/// The checklist to work through before the fixed files are deployed: a rollout with its components or, if it concerns
/// only one component, below that component.
pub(crate) fn rollout_checklist(fixed: &[FindingView<'_>]) -> String {
    let mut rollouts: Vec<(ScannedText<'_>, BTreeMap<Place<'_>, BTreeSet<&str>>)> = Vec::new();
    for finding in fixed {
        let Some(rollout) = finding.fix().and_then(FixView::rollout) else {
            continue;
        };
        let at = rollouts.iter().position(|(known, _)| *known == rollout);
        let at = at.unwrap_or_else(|| {
            rollouts.push((rollout, BTreeMap::new()));
            rollouts.len() - 1
        });
        let place = (finding.component().full_name(), finding.location().path());
        let rules = rollouts[at].1.entry(place).or_default();
        rules.insert(finding.rule());
    }
    if rollouts.is_empty() {
        return String::new();
    }
    let mut text = "Rollout checklist:\n".to_owned();
    let mut by_place: BTreeMap<Place<'_>, String> = BTreeMap::new();
    for (rollout, places) in rollouts {
        let is_shared = places.len() > 1;
        if is_shared {
            let _ = writeln!(text, "  {}", rollout.one_line());
        }
        for ((component, path), rules) in places {
            let rules: Vec<&str> = rules.into_iter().collect();
            let rules = rules.join(", ");
            if is_shared {
                let (component, path) = (component.one_line(), path.one_line());
                let _ = writeln!(text, "  [ ] {component} ({path}): {rules}");
            } else {
                let items = by_place.entry((component, path)).or_default();
                let _ = writeln!(items, "  [ ] {rules}: {}", rollout.one_line());
            }
        }
    }
    for ((component, path), items) in by_place {
        let (component, path) = (component.one_line(), path.one_line());
        let _ = write!(text, "  {component} ({path})\n{items}");
    }
    text
}
