//! Workflow commands of GitHub Actions: an annotation for each finding, beside its line in the
//! pull request.
//!
//! The commands are in a group for each severity. A last line says how many annotations GitHub does not
//! show. A command is one line, `::name key=value,key=value::text`, with escapes for the characters that
//! would end it.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::context::Context;
use super::fix_line::fix_line;
use super::more::more_in_file;
use super::notices::notices;
use super::summary::not_checked_by_cause;
use super::suppression::suppression_line;
use super::view::{ErrorView, FindingView, MoreView};
use crate::rule::Severity;
use crate::text::{ScannedText, plain_message, plain_rule_text};

/// Annotations of one kind that GitHub shows for a step; it drops the rest silently.
/// (actions/toolkit, docs/problem-matchers.md, Limitations.)
const SHOWN: usize = 10;

/// The kinds of annotation, and what a severity becomes.
const KINDS: [&str; 3] = ["error", "warning", "notice"];

fn kind(severity: Severity) -> usize {
    match severity {
        Severity::Critical | Severity::High => 0,
        Severity::Medium => 1,
        Severity::Low | Severity::Info => 2,
    }
}

pub(super) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = context.report;
    let mut counts = [0; KINDS.len()];
    let errors = report.errors();
    group(out, "errors", &errors, |out, error| {
        counts[0] += 1;
        annotate_error(out, error)
    })?;
    for severity in Severity::ALL {
        let findings: Vec<_> = report
            .findings()
            .into_iter()
            .filter(|finding| finding.severity() == severity)
            .collect();
        group(out, severity.name(), &findings, |out, finding| {
            counts[kind(severity)] += 1;
            annotate(out, *finding)
        })?;
    }
    let more = report.more().into_iter();
    let more: Vec<_> = more.filter(|it| it.suppression().is_none()).collect();
    group(out, "more findings", &more, |out, more| {
        counts[kind(more.severity())] += 1;
        annotate_more(out, *more)
    })?;
    not_checked(out, &mut counts, context)?;
    // The summary of the same log has the options.
    let mut others = notices(report, context.run);
    others.retain(|notice| !notice.is_own_choice());
    if !others.is_empty() {
        // One annotation, because GitHub shows only a few.
        counts[2] += 1;
        let mut command = Command::new(KINDS[2]);
        command.property("title", "forcelint: not shown or not checked");
        let lines = others.iter().map(|notice| {
            let text = plain_message(&notice.whole());
            format!("{}: {}", notice.label, text.one_line())
        });
        command.finish(out, &lines.collect::<Vec<_>>().join("\n"))?;
    }
    if report.lists_suppressed() {
        group(out, "suppressed", &report.suppressed(), |out, finding| {
            let line = ScannedText::from(suppression_line(*finding));
            writeln!(out, "{}", line.at_line_start())
        })?;
    }
    not_shown(out, counts)
}

/// A group of lines that the log folds. Annotations are made from them all the same.
fn group<T>(
    out: &mut dyn Write,
    title: &str,
    items: &[T],
    mut line: impl FnMut(&mut dyn Write, &T) -> io::Result<()>,
) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "::group::forcelint: {title} ({})", items.len())?;
    for item in items {
        line(out, item)?;
    }
    writeln!(out, "::endgroup::")
}

fn annotate(out: &mut dyn Write, finding: FindingView<'_>) -> io::Result<()> {
    let location = finding.location();
    let (start, end) = (location.start(), location.end());
    let mut command = Command::new(KINDS[kind(finding.severity())]);
    command.property("file", location.path());
    command.property("line", start.line.to_string());
    // With several lines GitHub takes no columns.
    if start.line == end.line {
        command.property("col", start.column.to_string());
        command.property("endColumn", end.column.to_string());
    } else {
        command.property("endLine", end.line.to_string());
    }
    let title = format!("{} ({})", finding.rule(), finding.severity());
    command.property("title", title);
    let mut lines = vec![
        plain_message(&finding.message()),
        plain_rule_text(&finding.help()),
    ];
    lines.extend(finding.fix().map(|fix| plain_rule_text(&fix_line(fix))));
    lines.retain(|line| !line.is_empty());
    let lines: Vec<_> = lines.iter().map(ScannedText::one_line).collect();
    command.finish(out, &lines.join("\n"))
}

/// One annotation for all that was not checked, because GitHub shows only a few. The lines after it are
/// only in the log.
fn not_checked(
    out: &mut dyn Write,
    counts: &mut [usize; KINDS.len()],
    context: &Context<'_>,
) -> io::Result<()> {
    let causes = not_checked_by_cause(context.report);
    if causes.is_empty() {
        return Ok(());
    }
    let kind = if context.run.fails_unchecked { 0 } else { 1 };
    counts[kind] += 1;
    let mut command = Command::new(KINDS[kind]);
    command.property("title", "forcelint: not checked");
    let count = context.report.not_checked().len();
    let rules = if count == 1 { "rule" } else { "rules" };
    let message = format!(
        "{count} {rules} could not be checked for a component, which is not a pass. The log lists why."
    );
    command.finish(out, &message)?;
    let causes: Vec<_> = causes.into_iter().collect();
    group(out, "not checked", &causes, |out, (cause, rules)| {
        let (component, reason) = cause;
        let rules = format!("): {}", rules.join(", "));
        let parts = [
            component.clone(),
            " (".into(),
            plain_message(reason),
            rules.into(),
        ];
        writeln!(out, "{}", ScannedText::concat(&parts).at_line_start())
    })
}

fn annotate_more(out: &mut dyn Write, more: MoreView<'_>) -> io::Result<()> {
    let mut command = Command::new(KINDS[kind(more.severity())]);
    command.property("file", more.location().path());
    command.property("line", more.location().start().line.to_string());
    let title = format!("{} ({})", more.rule(), more.severity());
    command.property("title", title);
    command.finish(out, &more_in_file(more))
}

fn annotate_error(out: &mut dyn Write, error: &ErrorView<'_>) -> io::Result<()> {
    let mut command = Command::new(KINDS[0]);
    command.property("file", error.path.clone());
    command.property("title", "forcelint could not check everything");
    let message = [error.path.clone(), ": ".into(), error.message.clone()];
    command.finish(out, &ScannedText::concat(&message).one_line())
}

/// Annotations beyond what GitHub shows. The most severe come first, so GitHub drops the least severe.
fn not_shown(out: &mut dyn Write, counts: [usize; KINDS.len()]) -> io::Result<()> {
    let more: Vec<String> = KINDS
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > SHOWN)
        .map(|(kind, count)| {
            let more = count - SHOWN;
            format!("{more} more {kind}{}", if more == 1 { "" } else { "s" })
        })
        .collect();
    match more.is_empty() {
        true => Ok(()),
        false => writeln!(
            out,
            "GitHub shows {SHOWN} annotations of each kind per step: {} are only in this log. To see all \
             of them, use --format sarif or --format markdown.",
            more.join(", ")
        ),
    }
}

/// A command under construction.
struct Command {
    line: String,
    has_properties: bool,
}

impl Command {
    fn new(name: &str) -> Self {
        Self {
            line: format!("::{name}"),
            has_properties: false,
        }
    }

    fn property<'t>(&mut self, key: &str, value: impl Into<ScannedText<'t>>) {
        let mark = if self.has_properties { ',' } else { ' ' };
        self.has_properties = true;
        let value = escape_data(&value.into().one_line())
            .replace(':', "%3A")
            .replace(',', "%2C");
        let _ = write!(self.line, "{mark}{key}={value}");
    }

    fn finish(self, out: &mut dyn Write, data: &str) -> io::Result<()> {
        writeln!(out, "{}::{}", self.line, escape_data(data))
    }
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
