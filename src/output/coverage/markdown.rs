//! Published controls as Markdown: a table per publisher.

use std::fmt::Write as _;

use super::terminal::totals;
use crate::output::control_results::{ControlResult, SourceResults};
use crate::output::markdown::{code, rule_prose};

pub(super) fn render(sources: &[SourceResults<'_>]) -> String {
    let mut text = "# Published controls\n\n\
         The result of each control for the checked files. A control passes only if every component that it \
         is about passes; accepted findings and the baseline do not make it pass. *Passed in part*: source \
         does not show all of it. *Not set in source*: a file of org settings does not have the setting, so a \
         deploy does not change it and the org can have any value. *Nothing to check*: the checked files have no \
         component that the control is about.\n"
        .to_owned();
    for source in sources {
        let _ = writeln!(
            text,
            "\n## {}\n\n[Source]({}). {}.\n\n\
             | control | id | result | details | rules |\n\
             | --- | --- | --- | --- | --- |",
            source.name,
            source.url,
            totals(source)
        );
        for result in source.by_status() {
            text.push_str(&row(result));
        }
    }
    text
}

fn row(result: &ControlResult<'_>) -> String {
    let control = result.control;
    let mut details = Vec::new();
    let numbers = result.numbers();
    if !numbers.is_empty() {
        details.push(format!("{}.", numbers.join("; ")));
    }
    if let Some(reason) = result.not_in_source() {
        details.push(format!("Not in source: {}", rule_prose(reason)));
    }
    let rules: Vec<String> = result.rules.iter().map(|rule| code(*rule)).collect();
    format!(
        "| {} | {} | {} | {} | {} |\n",
        control.linked_name(),
        code(control.id.as_str()),
        result.status.name(),
        details.join(" "),
        rules.join(", ")
    )
}
