//! Published controls on a terminal: a paragraph per control, by publisher.

use std::fmt::Write as _;

use crate::output::context::Context;
use crate::output::control_results::{ControlResult, ControlStatus, SourceResults};
use crate::output::paragraph::{paragraph, wrapped_lines};
use crate::output::style::{ADDED, BOLD, DIM, REMOVED, Style};
use crate::text::terminal_rule_text;

/// Columns of the widest result.
const STATUS_WIDTH: usize = 21;

pub(super) fn render(context: &Context<'_>, sources: &[SourceResults<'_>]) -> String {
    let mut text = String::new();
    for source in sources {
        let _ = writeln!(text, "{}", context.style.paint(BOLD, source.name));
        let _ = writeln!(
            text,
            "{}",
            wrapped_lines(&totals(source), context.style.width)
        );
        for result in &source.by_status() {
            text.push_str(&control(result, context.style));
        }
        text.push('\n');
    }
    text.push_str(&legend(context.style.width));
    text
}

/// `66 controls: 12 failed, 20 passed`
pub(super) fn totals(source: &SourceResults<'_>) -> String {
    let counts: Vec<String> = source
        .totals()
        .into_iter()
        .map(|(status, count)| format!("{count} {}", status.name()))
        .collect();
    format!("{} controls: {}", source.results.len(), counts.join(", "))
}

fn control(result: &ControlResult<'_>, style: &Style) -> String {
    let color = match result.status {
        ControlStatus::Failed => REMOVED,
        ControlStatus::Passed | ControlStatus::PassedInPart => ADDED,
        _ => DIM,
    };
    let name = result.status.name();
    let first = format!("  {name:<STATUS_WIDTH$}  ");
    let indent = " ".repeat(first.len());
    let title = paragraph(&first, &result.control.name, style.width);
    let title = title.replacen(name, &style.paint(color, name), 1);
    let details = terminal_rule_text(&details(result).into());
    title + &paragraph(&indent, &details.one_line(), style.width)
}

/// The id, the numbers, the reason and the rules of a control.
fn details(result: &ControlResult<'_>) -> String {
    let mut sentences = vec![format!("{}.", result.control.id)];
    let numbers = result.numbers();
    if !numbers.is_empty() {
        sentences.push(format!("{}.", numbers.join("; ")));
    }
    if let Some(reason) = result.not_in_source() {
        sentences.push(format!("Not in source: {reason}"));
    }
    if !result.rules.is_empty() {
        sentences.push(format!("Rules: {}.", result.rules.join(", ")));
    }
    sentences.join(" ")
}

/// What the results mean that are not a plain pass.
fn legend(width: usize) -> String {
    let lines = [
        "passed in part: its rules pass, but source does not show all of it.",
        "not set in source: a file of org settings does not have the setting, so a deploy does not change it and \
         the org can have any value.",
        "nothing to check: the checked files have no component that the control is about.",
    ];
    lines
        .iter()
        .map(|line| paragraph("", line, width))
        .collect()
}
