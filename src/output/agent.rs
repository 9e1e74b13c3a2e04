//! For coding agents: for each finding what is wrong, where, why, and the exact edit or command.
//!
//! An agent reads only stdout, so that errors and what was not checked are in the report, too.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::concise::{path_at_line_start, shown};
use super::context::Context;
use super::more::{Listed, listed_with_more, more_in_file};
use super::summary::not_checked_by_cause;
use super::suppression::suppressed_by;
use super::view::{EditView, FindingView, FixView};
use crate::rule::Severity;
use crate::text::{Position, ScannedText, shell_word, to_json};

pub(super) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = context.report;
    let is_shown = shown(context, report.listed().len());
    out.write_all(heading(context).as_bytes())?;
    let mut at = 0;
    for listed in listed_with_more(report) {
        match listed {
            Listed::Single(finding) => {
                at += 1;
                if is_shown[at - 1] {
                    write_finding(context, finding, out)?;
                }
            }
            Listed::More(more) => {
                let path = path_at_line_start(&more.path_from(context.working_directory));
                writeln!(
                    out,
                    "\n{path}: {}[{}] {}",
                    more.severity(),
                    more.rule(),
                    more_in_file(more)
                )?;
            }
        }
    }
    let hidden = is_shown.iter().filter(|&&is_shown| !is_shown).count();
    if hidden > 0 {
        writeln!(out, "\nnot listed: {hidden} findings (--max-findings)")?;
    }
    out.write_all(unfinished(context).as_bytes())
}

/// The numbers, and what to do after the edits.
fn heading(context: &Context<'_>) -> String {
    let mut counts: BTreeMap<Reverse<Severity>, usize> = BTreeMap::new();
    for (severity, count) in context.report.severities() {
        *counts.entry(Reverse(severity)).or_default() += count;
    }
    let counts = counts.into_iter();
    let counts: Vec<String> = counts
        .map(|(Reverse(severity), count)| format!("{count} {severity}"))
        .collect();
    match counts.is_empty() {
        true => "forcelint: no findings\n".to_owned(),
        false => format!(
            "forcelint: {}\nAfter the edits, run the same command again. Before you deploy an edit with `rollout`, read it: it is what others have to do first, or what changes for them.\n",
            counts.join(", ")
        ),
    }
}

fn write_finding(
    context: &Context<'_>,
    finding: FindingView<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let path = path_at_line_start(&finding.path_from(context.working_directory));
    let start = finding.location().start();
    let suppressed = finding.suppression().map_or(String::new(), |it| {
        format!(" (suppressed by {})", suppressed_by(it))
    });
    writeln!(
        out,
        "\n{path}:{}: {}[{}] {}{suppressed}",
        line_and_column(start),
        finding.severity(),
        finding.rule(),
        finding.component().full_name().one_line()
    )?;
    writeln!(out, "  what: {}", finding.message().one_line())?;
    for related in finding.related() {
        let location = related.location();
        let other_file = match location.path() == finding.location().path() {
            true => String::new(),
            false => {
                let path = finding.related_path_from(location, context.working_directory);
                format!("{}:", path.one_line())
            }
        };
        let at = line_and_column(location.start());
        writeln!(
            out,
            "  why: {other_file}{at} {}",
            related.message().one_line()
        )?;
    }
    writeln!(out, "  do: {}", finding.help().one_line())?;
    if let Some(fix) = finding.fix() {
        write_fix(finding, fix, &path, out)?;
    }
    writeln!(out, "  more: forcelint explain {}", finding.rule())
}

fn write_fix(
    finding: FindingView<'_>,
    fix: FixView<'_>,
    path: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(rollout) = fix.rollout() {
        writeln!(out, "  rollout: {}", rollout.one_line())?;
    }
    for edit in fix.edits() {
        writeln!(out, "  edit: {}", described(edit))?;
    }
    if fix.contains_secret() {
        writeln!(out, "  edit: not shown, because it contains a secret")?;
    }
    if !finding.is_packed() {
        let level = if fix.rollout().is_some() { "=all" } else { "" };
        writeln!(
            out,
            "  command: forcelint check --fix{level} --select {} {}",
            finding.rule(),
            shell_word(path)
        )?;
    }
    Ok(())
}

/// An edit of the file as it was read. Its text is a JSON string.
fn described(edit: EditView<'_>) -> String {
    let (start, end) = (edit.start(), edit.end());
    let new = edit.text().lines().join("\n");
    let quoted = to_json(&new);
    let quoted = quoted.trim_end();
    let from = line_and_column(start);
    match (start == end, new.is_empty()) {
        (true, _) => format!("insert at {from} {quoted}"),
        (false, true) => format!("delete {from} to {}", line_and_column(end)),
        (false, false) => format!("replace {from} to {} with {quoted}", line_and_column(end)),
    }
}

fn line_and_column(position: Position) -> String {
    format!("{}:{}", position.line, position.column)
}

/// What was not checked, and what could not be done.
fn unfinished(context: &Context<'_>) -> String {
    let report = context.report;
    let mut text = String::new();
    for ((component, reason), rules) in not_checked_by_cause(report) {
        let lines = [component, reason].map(|it: ScannedText<'_>| it.one_line().into_owned());
        let _ = writeln!(
            text,
            "\nnot checked: {} ({}): {}",
            lines[0],
            lines[1],
            rules.join(", ")
        );
    }
    let to_retrieve: Vec<String> = report.to_retrieve().into_iter().collect();
    if !to_retrieve.is_empty() {
        let _ = writeln!(
            text,
            "\nto check more, retrieve: {}",
            to_retrieve.join(", ")
        );
    }
    for error in report.errors() {
        let _ = writeln!(
            text,
            "\nerror: {} {}",
            error.path.one_line(),
            error.message.one_line()
        );
    }
    text
}
