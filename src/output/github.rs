//! Workflow commands of GitHub Actions: an annotation for each finding, beside its line in the
//! pull request.
//!
//! The commands are in a group for each severity. A last line says how many annotations GitHub does not
//! show. A command is one line, `::name key=value,key=value::text`, with escapes for the characters that
//! would end it.

use std::fmt::Write as _;

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

pub(super) fn render(context: &Context<'_>) -> String {
    let report = context.report;
    let mut text = String::new();
    let mut counts = [0; KINDS.len()];
    let errors = report.errors();
    group(&mut text, "errors", &errors, |text, error| {
        counts[0] += 1;
        annotate_error(text, error);
    });
    for severity in Severity::ALL {
        let findings: Vec<_> = report
            .findings()
            .into_iter()
            .filter(|finding| finding.severity() == severity)
            .collect();
        group(&mut text, severity.name(), &findings, |text, finding| {
            counts[kind(severity)] += 1;
            annotate(text, *finding);
        });
    }
    let more = report.more().into_iter();
    let more: Vec<_> = more.filter(|it| it.suppression().is_none()).collect();
    group(&mut text, "more findings", &more, |text, more| {
        counts[kind(more.severity())] += 1;
        annotate_more(text, *more);
    });
    not_checked(&mut text, &mut counts, context);
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
        command.finish(&mut text, &lines.collect::<Vec<_>>().join("\n"));
    }
    if report.lists_suppressed() {
        group(
            &mut text,
            "suppressed",
            &report.suppressed(),
            |text, finding| {
                let line = ScannedText::from(suppression_line(*finding));
                let _ = writeln!(text, "{}", line.at_line_start());
            },
        );
    }
    not_shown(&mut text, counts);
    text
}

/// A group of lines that the log folds. Annotations are made from them all the same.
fn group<T>(text: &mut String, title: &str, items: &[T], mut line: impl FnMut(&mut String, &T)) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "::group::forcelint: {title} ({})", items.len());
    for item in items {
        line(text, item);
    }
    text.push_str("::endgroup::\n");
}

fn annotate(text: &mut String, finding: FindingView<'_>) {
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
    command.finish(text, &lines.join("\n"));
}

/// One annotation for all that was not checked, because GitHub shows only a few. The lines after it are
/// only in the log.
fn not_checked(text: &mut String, counts: &mut [usize; KINDS.len()], context: &Context<'_>) {
    let causes = not_checked_by_cause(context.report);
    if causes.is_empty() {
        return;
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
    command.finish(text, &message);
    let causes: Vec<_> = causes.into_iter().collect();
    group(text, "not checked", &causes, |text, (cause, rules)| {
        let (component, reason) = cause;
        let rules = format!("): {}", rules.join(", "));
        let parts = [
            component.clone(),
            " (".into(),
            plain_message(reason),
            rules.into(),
        ];
        let _ = writeln!(text, "{}", ScannedText::concat(&parts).at_line_start());
    });
}

fn annotate_more(text: &mut String, more: MoreView<'_>) {
    let mut command = Command::new(KINDS[kind(more.severity())]);
    command.property("file", more.location().path());
    command.property("line", more.location().start().line.to_string());
    let title = format!("{} ({})", more.rule(), more.severity());
    command.property("title", title);
    command.finish(text, &more_in_file(more));
}

fn annotate_error(text: &mut String, error: &ErrorView<'_>) {
    let mut command = Command::new(KINDS[0]);
    command.property("file", error.path.clone());
    command.property("title", "forcelint could not check everything");
    let message = [error.path.clone(), ": ".into(), error.message.clone()];
    command.finish(text, &ScannedText::concat(&message).one_line());
}

/// Annotations beyond what GitHub shows. The most severe come first, so GitHub drops the least severe.
fn not_shown(text: &mut String, counts: [usize; KINDS.len()]) {
    let more: Vec<String> = KINDS
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > SHOWN)
        .map(|(kind, count)| {
            let more = count - SHOWN;
            format!("{more} more {kind}{}", if more == 1 { "" } else { "s" })
        })
        .collect();
    if !more.is_empty() {
        let _ = writeln!(
            text,
            "GitHub shows {SHOWN} annotations of each kind per step: {} are only in this log. To see all \
             of them, use --format sarif or --format markdown.",
            more.join(", ")
        );
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

    fn finish(self, text: &mut String, data: &str) {
        let _ = writeln!(text, "{}::{}", self.line, escape_data(data));
    }
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
