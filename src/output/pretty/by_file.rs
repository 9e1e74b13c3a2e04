//! Findings by file, one line per finding.

use std::io::{self, Write};

use super::parts::{
    INDENT, ending, listed_and_all, more_line, severity_column, title_and_url, width,
};
use crate::output::concise::path_at_line_start;
use crate::output::context::Context;
use crate::output::listing::{Group, fill_in_order, groups, severity_counts};
use crate::output::paragraph::{paragraph, together};
use crate::output::style::BOLD;
use crate::output::suppression::suppressed_by;
use crate::output::view::FindingView;

pub(super) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut groups = groups(context.report, |it| it.file(), |it| it.file());
    fill_in_order(&mut groups, context.run.listing.max_findings);
    let (listed, all) = listed_and_all(&groups);
    for group in groups
        .iter()
        .filter(|it| it.listed > 0 || it.findings.is_empty())
    {
        writeln!(out, "{}", render_group(context, group))?;
    }
    if listed > 0 {
        let more = format!(
            "Show what a rule checks, why it matters and how to fix it with {}.",
            together("forcelint explain RULE")
        );
        writeln!(out, "{}", paragraph("", &more, width(context)))?;
    }
    let is_hidden = |group: &&Group<'_>| group.listed == 0 && !group.findings.is_empty();
    let files = groups.iter().filter(is_hidden).count();
    if files > 0 {
        let noun = if files == 1 { "file" } else { "files" };
        write!(out, "{files} more {noun} with findings.\n\n")?;
    }
    out.write_all(ending(context, listed, all).as_bytes())
}

fn render_group(context: &Context<'_>, group: &Group<'_>) -> String {
    let path = match (group.findings.first(), group.more.first()) {
        (Some(first), _) => first.path_from(context.working_directory),
        (None, Some(more)) => more.path_from(context.working_directory),
        (None, None) => return String::new(),
    };
    let path = path_at_line_start(&path);
    let path = context.style.paint(BOLD, &path);
    let counts = severity_counts(&group.severities(0));
    let mut text = format!("{path} ({counts})\n");
    let position = |it: &FindingView<'_>| {
        let start = it.location().start();
        format!("{}:{}", start.line, start.column)
    };
    let listed = group.listed();
    let columns = listed.iter().map(|it| position(it).len()).max();
    let columns = columns.unwrap_or(0);
    let rules = listed.iter().map(|it| it.rule().len()).max().unwrap_or(0);
    for finding in listed {
        let rule = finding.rule();
        let (_, url) = title_and_url(context, rule);
        let suppressed = finding.suppression().map_or(String::new(), |it| {
            format!(" (suppressed by {})", suppressed_by(it))
        });
        let headline = format!("{}{suppressed}", finding.headline().at_line_start());
        let lead = format!(
            "{INDENT}{:>columns$}  {:8}  {rule:rules$}  ",
            position(finding),
            finding.severity().name()
        );
        // On a narrow terminal the message gets separate lines.
        let fits = lead.len() + 30 <= width(context);
        let line = match fits {
            true => paragraph(&lead, &headline, width(context)),
            false => format!(
                "{}\n{}",
                lead.trim_end(),
                paragraph(&" ".repeat(columns + 4), &headline, width(context))
            ),
        };
        let painted = severity_column(context, finding.severity());
        let plain = format!("{:8}", finding.severity().name());
        let line = line.replacen(&plain, &painted, 1);
        text.push_str(&line.replacen(rule, &context.style.link(url, rule), 1));
    }
    if group.listed == group.findings.len() {
        text.extend(group.more.iter().map(|more| more_line(context, *more)));
    } else {
        text.push_str(&format!("{INDENT}and {} more\n", group.unlisted()));
    }
    text
}
