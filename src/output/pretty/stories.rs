//! Attack stories: what an attacker can do with the findings of one app, step by step.

use crate::output::context::Context;
use crate::output::paragraph::{paragraph, together};
use crate::output::stories::{Story, grouped, stories};
use crate::output::style::{BOLD, severity_color};

const INDENT: &str = "  ";

/// How many stories are shown. Those of several apps with the same steps are one.
const SHOWN: usize = 3;

/// The block with the stories; empty if there are none. A short one has a line for each story.
pub(super) fn stories_block(context: &Context<'_>, is_short: bool, shows_all: bool) -> String {
    let groups = grouped(stories(context.report));
    if groups.is_empty() {
        return String::new();
    }
    let shown = match shows_all {
        true => groups.len(),
        false => groups.len().min(SHOWN),
    };
    let mut text = format!("{}\n", context.style.paint(BOLD, "Attack stories"));
    for (at, group) in groups[..shown].iter().enumerate() {
        text.push_str(&match is_short {
            true => line(context, at + 1, group),
            false => steps(context, at + 1, group),
        });
    }
    match groups.len() - shown {
        0 => {}
        more => {
            let noun = if more == 1 { "story" } else { "stories" };
            let all = together("--max-findings all");
            let sentence = format!("and {more} more {noun}: see all with {all}");
            text.push_str(&paragraph(INDENT, &sentence, context.style.width.max(40)));
        }
    }
    text.push('\n');
    text
}

/// The first component of a group, and how many more there are.
fn components(group: &[Story<'_>]) -> String {
    let first = together(&group[0].full_name());
    match group.len() - 1 {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// `  1. critical: An intercepted code opens a session: ConnectedApp:A and 3 more (pkce-required, …)`
fn line(context: &Context<'_>, number: usize, group: &[Story<'_>]) -> String {
    let story = &group[0];
    let rules = story.rules().join(", ");
    let title = &story.definition.title;
    let line = format!(
        "{}: {title}: {} ({rules})",
        story.severity(),
        components(group)
    );
    painted(context, number, story, &line)
}

/// The title, the components and the steps, each with its rules.
fn steps(context: &Context<'_>, number: usize, group: &[Story<'_>]) -> String {
    let story = &group[0];
    let title = &story.definition.title;
    let line = format!("{}: {title}: {}", story.severity(), components(group));
    let mut text = painted(context, number, story, &line);
    for step in &story.steps {
        let mut rules: Vec<&str> = step.findings.iter().map(|it| it.rule()).collect();
        rules.dedup();
        let line = format!("{} ({}).", step.definition.text, rules.join(", "));
        text.push_str(&paragraph(
            &format!("{INDENT}   - "),
            &line,
            context.style.width.max(40),
        ));
    }
    text
}

/// A numbered paragraph that starts with the severity.
fn painted(context: &Context<'_>, number: usize, story: &Story<'_>, line: &str) -> String {
    let text = paragraph(
        &format!("{INDENT}{number}. "),
        line,
        context.style.width.max(40),
    );
    let severity = story.severity();
    let color = severity_color(severity);
    text.replacen(
        severity.name(),
        &context.style.paint(color, severity.name()),
        1,
    )
}
