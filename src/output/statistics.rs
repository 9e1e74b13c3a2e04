//! `--statistics`: how many findings each rule has.

use super::context::Context;
use super::listing::{groups, severity_counts};
use super::paragraph::{paragraph, together};
use super::style::severity_color;

/// A line per rule: the number of findings, of each severity, the rule, and how many of them a fix is available for.
pub(super) fn statistics(context: &Context<'_>) -> String {
    let groups = groups(context.report, |it| it.rule(), |it| it.rule());
    let mut rows = Vec::new();
    for group in &groups {
        let severities = group.severities(0);
        let Some((&severity, _)) = severities.last_key_value() else {
            continue;
        };
        let rule = group.rule();
        let fixable = group.findings.iter().filter(|it| it.fix().is_some());
        let mut counts = severity_counts(&severities);
        match group.suppressed() {
            0 => {}
            suppressed if group.is_suppressed() => {
                counts = format!("{suppressed} suppressed ({counts})");
            }
            suppressed => counts.push_str(&format!(", {suppressed} suppressed")),
        }
        rows.push((group.total(), rule, severity, fixable.count(), counts));
    }
    if rows.is_empty() {
        return String::new();
    }
    let digits = rows.iter().map(|row| row.0.to_string().len()).max();
    let rule_columns = rows.iter().map(|row| row.1.len()).max();
    let (digits, rule_columns) = (digits.unwrap_or(0), rule_columns.unwrap_or(0));
    let mut text = String::new();
    for (total, rule, severity, fixable, counts) in rows {
        let padding = " ".repeat(rule_columns - rule.len());
        let rule = context.style.paint(severity_color(severity), rule);
        let fixable = match fixable {
            0 => String::new(),
            count => format!("; {count} fixable"),
        };
        // A line breaks only between the counts.
        let counts = counts + &fixable;
        let counts: Vec<String> = counts.split(", ").map(together).collect();
        let row = format!("{rule}{padding}  {}", counts.join(", "));
        let first = format!("{total:>digits$}  ");
        text.push_str(&paragraph(&first, &row, context.style.width));
    }
    let hint = "To list the findings, run without --statistics.";
    text + &paragraph("", hint, context.style.width)
}
