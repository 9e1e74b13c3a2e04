//! What a run looked at, for people: the lines on stderr.
//!
//! In: a [`Report`]. Out: counts, what could not be judged, what was passed over, which fixes are
//! there, and how long it took.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::hidden::hidden_counts;
use crate::finding::{Finding, Report, SkipReason};
use crate::fix::Level;
use crate::rule::Severity;
use crate::text::inert;

/// Reasons that are listed one by one; the rest is counted.
const LISTED: usize = 10;

/// What could not be done and, unless `quiet`, what else is worth saying.
pub(crate) fn summary_of_errors(report: &Report, quiet: bool) -> String {
    let mut text = String::new();
    let errors = report.errors.iter().map(|it| (&it.path, &it.message));
    let unusable = report.unusable.iter().map(|it| (&it.argument, &it.reason));
    for (path, message) in errors.chain(unusable) {
        let _ = writeln!(text, "error: {} {}", inert(path), inert(message));
    }
    for note in report.notes.iter().filter(|_| !quiet) {
        let _ = writeln!(text, "note: {}", inert(note));
    }
    text
}

/// The summary of a run. `level` is that of the fixes that were asked for, if any were.
pub(crate) fn summary(report: &Report, level: Option<Level>, took: Duration) -> String {
    let mut text = String::new();
    for sentence in &report.compared {
        let _ = writeln!(text, "compared: {}", inert(sentence));
    }
    not_checked(report, &mut text);
    passed_over(report, &mut text);
    if report.fixed > 0 {
        let _ = writeln!(text, "fixed: {}", counted(report.fixed, "finding"));
    }
    let hidden = hidden_counts(report);
    if !hidden.is_empty() {
        let how = if report.shows_suppressed {
            ""
        } else {
            " (--show-suppressed lists them)"
        };
        let _ = writeln!(text, "hidden: {hidden}{how}");
    }
    fixes_left(report, level, &mut text);
    let checked = match components(report) {
        Some(components) => format!("{} in {components}", by_severity(report)),
        None if report.compared.is_empty() => {
            "nothing was checked: no file of a type that the rules know".to_owned()
        }
        None => "nothing was checked: no changed file of a type that the rules know".to_owned(),
    };
    let _ = writeln!(
        text,
        "forcelint: {checked}; {} seen, {} ms",
        counted(report.tally.files_seen as usize, "file"),
        took.as_millis()
    );
    text
}

/// `3 critical, 4 high`, or that there are none.
pub(crate) fn by_severity(report: &Report) -> String {
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .filter_map(|severity| {
            let findings = report.findings.iter();
            let count = findings.filter(|it| it.severity == severity).count();
            (count > 0).then(|| format!("{count} {severity}"))
        })
        .collect();
    if counts.is_empty() {
        "no findings".to_owned()
    } else {
        counts.join(", ")
    }
}

/// How many components were checked, and of which types; none if there were none.
pub(crate) fn components(report: &Report) -> Option<String> {
    let types = &report.tally.components;
    let all: u64 = types.values().sum();
    let by_type: Vec<String> = types
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    (all > 0).then(|| {
        let components = counted(all as usize, "component");
        format!("{components} ({})", by_type.join(", "))
    })
}

/// What could not be judged by component and reason, with the rules: one missing file keeps several
/// from judging.
pub(crate) fn not_checked_by_cause(report: &Report) -> BTreeMap<(String, String), Vec<&str>> {
    let mut rules: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for it in &report.not_checked {
        let cause = (it.component.to_string(), it.reason.to_string());
        rules.entry(cause).or_default().push(&it.rule);
    }
    rules
}

fn not_checked(report: &Report, text: &mut String) {
    if report.not_checked.is_empty() {
        return;
    }
    let rules_by_cause = not_checked_by_cause(report);
    let _ = writeln!(text, "not judged: {}", report.not_checked.len());
    for ((component, reason), rules) in rules_by_cause.iter().take(LISTED) {
        let _ = writeln!(
            text,
            "  {} ({}): {}",
            inert(component),
            inert(reason),
            rules.join(", ")
        );
    }
    if rules_by_cause.len() > LISTED {
        let _ = writeln!(
            text,
            "  and {} more (see --format=json)",
            rules_by_cause.len() - LISTED
        );
    }
}

/// The reason why files were passed over, in words.
pub(crate) fn passed_over_by(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Forceignore => "by .forceignore",
        SkipReason::Gitignore => "by .gitignore",
        SkipReason::Exclude => "by `exclude` of forcelint.toml",
        SkipReason::NotRegular => "that are no regular files",
        SkipReason::Excluded => "by ignore files, as --force-exclude asks",
    }
}

fn passed_over(report: &Report, text: &mut String) {
    let skipped: Vec<String> = report
        .tally
        .skipped
        .iter()
        .map(|(reason, count)| format!("{count} {}", passed_over_by(*reason)))
        .collect();
    if !skipped.is_empty() {
        let _ = writeln!(text, "passed over: {}", skipped.join(", "));
    }
}

/// Fixes that this run did not apply, and how to.
fn fixes_left(report: &Report, level: Option<Level>, text: &mut String) {
    let fixes = || {
        report
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
    };
    let safe = fixes()
        .filter(|fix| fix.applicability.rollout().is_none())
        .count();
    let rollout = fixes().count() - safe;
    if safe > 0 && level.is_none() {
        let _ = writeln!(
            text,
            "fixable: {} by --fix, without risk",
            counted(safe, "finding")
        );
    }
    if rollout > 0 && level != Some(Level::All) {
        let _ = writeln!(
            text,
            "fixable: {} by --fix=all, after a roll-out to the clients (--diff --fix=all shows the patch)",
            counted(rollout, "finding")
        );
    }
}

/// What has to be done before the files that were fixed are deployed.
pub(crate) fn rollout_checklist(fixed: &[Finding]) -> String {
    let mut text = String::new();
    let mut rollouts: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in fixed {
        let Some(rollout) = finding
            .fix
            .as_ref()
            .and_then(|fix| fix.applicability.rollout())
        else {
            continue;
        };
        match rollouts.iter_mut().find(|(known, _)| *known == rollout) {
            Some((_, findings)) => findings.push(finding),
            None => rollouts.push((rollout, vec![finding])),
        }
    }
    if rollouts.is_empty() {
        return text;
    }
    text.push_str("Before you deploy:\n");
    for (rollout, findings) in rollouts {
        let _ = writeln!(text, "  {rollout}");
        for finding in findings {
            let _ = writeln!(
                text,
                "  [ ] {} ({})",
                inert(&finding.component().to_string()),
                inert(&finding.location.path)
            );
        }
    }
    text
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
