//! Findings by rule: one of them with its source, what to do, and the locations of the others.

use std::io::{self, Write};

use super::parts::{
    INDENT, advice, details, ending, listed_and_all, more_line, rule_heading, width,
};
use crate::output::context::Context;
use crate::output::listing::{FEW, Group, groups, severity_counts, share_among_rules};
use crate::output::paragraph::{paragraph, together};
use crate::output::stories::stories;
use crate::output::style::severity_color;
use crate::output::suppression::suppressed_by;
use crate::output::view::FindingView;
use crate::rule::Severity;

pub(super) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut groups = groups(context.report, |it| it.rule(), |it| it.rule());
    let has_stories = !stories(context.report).is_empty();
    let max_findings = context.run.listing.max_findings;
    share_among_rules(&mut groups, max_findings, has_stories);
    let (listed, all) = listed_and_all(&groups);
    let only_one = groups.len() == 1;
    for group in groups
        .iter()
        .filter(|it| it.listed > 0 || it.findings.is_empty())
    {
        writeln!(
            out,
            "{}",
            render_group(context, group, listed <= FEW, only_one)
        )?;
    }
    let hidden = groups.iter().filter(|group| group.listed == 0);
    let hidden = hidden.filter_map(|group| {
        let rule = group.findings.first()?.rule();
        Some(together(&format!("{rule} ({})", counts(group))))
    });
    let hidden: Vec<String> = hidden.collect();
    if !hidden.is_empty() {
        let rules = format!("Rules that are not listed: {}.\n", hidden.join(", "));
        out.write_all(paragraph("", &rules, width(context)).as_bytes())?;
    }
    out.write_all(ending(context, listed, all).as_bytes())
}

/// The number of findings of each severity.
fn counts(group: &Group<'_>) -> String {
    let counts = severity_counts(&group.severities(0));
    match group.suppressed() {
        0 => counts,
        _ if group.is_suppressed() => counts,
        suppressed => format!("{counts}, {suppressed} suppressed"),
    }
}

fn render_group(
    context: &Context<'_>,
    group: &Group<'_>,
    shows_all: bool,
    only_one: bool,
) -> String {
    let counts = match group.total() {
        1 => String::new(),
        _ => counts(group),
    };
    let severities = group.severities(0);
    let worst = severities.last_key_value().map(|(severity, _)| *severity);
    let worst = worst.unwrap_or(Severity::Info);
    let mut text = rule_heading(context, group.is_suppressed(), worst, group.rule(), &counts);
    let detailed = if shows_all {
        group.listed
    } else {
        group.listed.min(1)
    };
    let (detailed, others) = group.listed().split_at(detailed);
    for (at, finding) in detailed.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let names_severity = severities.len() > 1;
        text.push_str(&details(context, *finding, names_severity, shows_all));
    }
    if !group.findings.is_empty() {
        text.push_str(&advice(context, &group.findings, shows_all));
    }
    if let Some(framed) = detailed.last() {
        text.push_str(&locations(context, *framed, others));
    }
    if group.listed == group.findings.len() {
        text.extend(group.more.iter().map(|more| more_line(context, *more)));
    } else {
        text.push_str(&unlisted(context, group, only_one));
    }
    text
}

/// The problem without the component's name. Two findings with the same problem need no label each.
fn problem(finding: FindingView<'_>) -> String {
    let name = finding.component().name();
    finding.headline().one_line().replace(&*name.one_line(), "")
}

/// A line for each file: `    critical  path:14:9, 20:9`. `framed` is the finding that is shown with its source.
fn locations(
    context: &Context<'_>,
    framed: FindingView<'_>,
    findings: &[FindingView<'_>],
) -> String {
    let is_same = |one: &FindingView<'_>, other: &FindingView<'_>| {
        one.file() == other.file()
            && one.severity() == other.severity()
            && one.suppression().is_some() == other.suppression().is_some()
            && problem(*one) == problem(*other)
    };
    let mut text = String::new();
    if !findings.is_empty() {
        text.push_str(&format!("{INDENT}also:\n"));
    }
    for in_file in findings.chunk_by(is_same) {
        let positions = in_file.iter().map(|it| {
            let start = it.location().start();
            format!("{}:{}", start.line, start.column)
        });
        let positions: Vec<String> = positions.collect();
        let first = in_file[0];
        let suppressed = first.suppression().map_or(String::new(), |it| {
            format!(" (suppressed by {})", suppressed_by(it))
        });
        let lead = format!("{INDENT}{INDENT}{:8}  ", first.severity().name());
        let path = first.path_from(context.working_directory);
        let differs = first.label() != framed.label() && problem(first) != problem(framed);
        let label = match differs {
            false => String::new(),
            true => format!(": {}", first.label().at_line_start()),
        };
        let positions = positions.join(", ");
        let line = format!(
            "{}:{positions}{label}{suppressed}",
            together(&path.one_line())
        );
        let line = paragraph(&lead, &line, width(context));
        let color = severity_color(first.severity());
        let painted = context.style.paint(color, lead.trim());
        text.push_str(&line.replacen(lead.trim(), &painted, 1));
    }
    text
}

/// How many findings of the rule are not listed, and how to list them.
fn unlisted(context: &Context<'_>, group: &Group<'_>, only_one: bool) -> String {
    let rule = group.rule();
    let how = match (only_one, group.findings.len() > 100) {
        (true, _) => "--max-findings all".to_owned(),
        (false, false) => format!("--select {rule}"),
        (false, true) => format!("--select {rule} --max-findings all"),
    };
    let counts = severity_counts(&group.severities(group.listed));
    // The heading has the only severity.
    let counts = match group.severities(0).len() {
        0 | 1 => String::new(),
        _ => format!(" ({counts})"),
    };
    let sentence = format!(
        "and {} more{counts}: list them with {}",
        group.unlisted(),
        together(&how)
    );
    paragraph(&format!("{INDENT}{INDENT}"), &sentence, width(context))
}
