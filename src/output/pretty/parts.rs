//! The parts of a report that all groupings share.

use super::fix_first::fix_first_block;
use super::frame::frames;
use super::stories::stories_block;
use crate::output::context::Context;
use crate::output::listing::{FEW, Group, Grouping, MaxFindings};
use crate::output::more::more_in_file;
use crate::output::paragraph::{paragraph, together};
use crate::output::style::{BOLD, HELP, severity_color};
use crate::output::suppression::suppressed_by;
use crate::output::view::{FindingView, FixView, MoreView};
use crate::rule::Severity;
use crate::text::{ScannedText, terminal_rule_text};

const MIN_WIDTH: usize = 40;

/// What text below a heading is indented with.
pub(super) const INDENT: &str = "  ";

pub(super) fn width(context: &Context<'_>) -> usize {
    context.style.width.max(MIN_WIDTH)
}

/// `critical[pkce-required]: OAuth app does not require PKCE`
pub(super) fn heading(context: &Context<'_>, finding: FindingView<'_>) -> String {
    let is_suppressed = finding.suppression().is_some();
    rule_heading(
        context,
        is_suppressed,
        finding.severity(),
        finding.rule(),
        "",
    )
}

/// `critical[pkce-required]: OAuth app does not require PKCE (60 critical, 20 high)`
pub(super) fn rule_heading(
    context: &Context<'_>,
    is_suppressed: bool,
    severity: Severity,
    rule: &str,
    counts: &str,
) -> String {
    let (style, color) = (context.style, severity_color(severity));
    let (title, url) = title_and_url(context, rule);
    let suppressed = if is_suppressed { "suppressed " } else { "" };
    let mut text = style.paint(color, &format!("{suppressed}{severity}[{rule}]:"));
    text.push_str(&format!(" {}", style.paint(BOLD, title)));
    if !counts.is_empty() {
        text.push_str(&format!(" {}", together(&format!("({counts})"))));
    }
    let text = paragraph("", &text, width(context));
    // A link has no columns, so it is added after the lines are known.
    text.replacen(
        &format!("[{rule}]"),
        &format!("[{}]", style.link(url, rule)),
        1,
    )
    .replacen('\n', &format!("\n{INDENT}"), text.matches('\n').count() - 1)
}

pub(super) fn title_and_url<'a>(context: &Context<'a>, rule: &str) -> (&'a str, &'a str) {
    let rule = context.rules.find(rule);
    rule.map_or(("", ""), |rule| (&rule.title, &rule.url))
}

/// What is wrong and why it matters, the source, and why there is no fix.
/// `names_severity` if the heading is about several severities; `neighbors` are the lines around the finding.
pub(super) fn details(
    context: &Context<'_>,
    finding: FindingView<'_>,
    names_severity: bool,
    neighbors: bool,
) -> String {
    let mut message = String::new();
    if names_severity {
        let color = severity_color(finding.severity());
        let severity = format!("{}:", finding.severity());
        message.push_str(&format!("{} ", context.style.paint(color, &severity)));
    }
    let name = finding.component().name();
    let headline = finding.headline();
    if !headline.one_line().contains(&*name.one_line()) {
        let component = finding.component().full_name();
        message.push_str(&format!("{}: ", component.one_line()));
    }
    message.push_str(&format!("{}.", headline.at_line_start()));
    for reason in finding.reasons() {
        message.push_str(&format!(" {}.", reason.at_line_start()));
    }
    let mut text = paragraph(INDENT, &message, width(context));
    if let Some(suppression) = finding.suppression() {
        let why = format!("Suppressed by {}.", suppressed_by(suppression));
        text.push_str(&paragraph(INDENT, &why, width(context)));
    }
    let (title, _) = title_and_url(context, finding.rule());
    text.push_str(&frames(finding, title, neighbors, context));
    if let Some(why) = no_fix(context, finding) {
        text.push_str(&paragraph(INDENT, &why, width(context)));
    }
    text
}

/// The part of a finding's help that the rule's help does not have.
fn no_fix(context: &Context<'_>, finding: FindingView<'_>) -> Option<String> {
    let help = terminal_rule_text(&finding.help()).at_line_start();
    let shared = shared_help(context, finding);
    let own = help.strip_prefix(&shared)?.trim();
    (!own.is_empty()).then(|| own.to_owned())
}

/// What to do, the same for all findings of a rule.
pub(super) fn shared_help(context: &Context<'_>, finding: FindingView<'_>) -> String {
    match context.rules.find(finding.rule()) {
        Some(rule) => terminal_rule_text(&ScannedText::from(&rule.help)).at_line_start(),
        None => terminal_rule_text(&finding.help()).at_line_start(),
    }
}

/// `    critical  path: and 500 more findings of this rule in this file`
pub(super) fn more_line(context: &Context<'_>, more: MoreView<'_>) -> String {
    let path = more.path_from(context.working_directory);
    let more_text = more_in_file(more);
    format!(
        "{INDENT}{INDENT}{}  {}: {more_text}\n",
        severity_column(context, more.severity()),
        path.one_line()
    )
}

/// The severity, as wide as the longest one.
pub(super) fn severity_column(context: &Context<'_>, severity: Severity) -> String {
    let color = severity_color(severity);
    context.style.paint(color, &format!("{severity:8}"))
}

/// How many findings are listed in all groups, and how many there are.
pub(super) fn listed_and_all(groups: &[Group<'_>]) -> (usize, usize) {
    let listed = groups.iter().map(|group| group.listed).sum();
    (
        listed,
        groups.iter().map(|group| group.findings.len()).sum(),
    )
}

/// The end of the report: attack stories, what to fix first if there are many findings, and how to list those that are not listed.
pub(super) fn ending(context: &Context<'_>, listed: usize, all: usize) -> String {
    let shows_all = context.run.listing.max_findings == Some(MaxFindings::All);
    let is_long = all > FEW;
    let mut text = stories_block(context, is_long && !shows_all, shows_all);
    if is_long {
        text.push_str(&fix_first_block(context));
    }
    if listed < all {
        let mut sentence = format!(
            "Listed: {listed} of {all} findings. See all with {}",
            together("--max-findings all")
        );
        match context.run.listing.grouping {
            Grouping::None => sentence.push('.'),
            Grouping::Rule | Grouping::File => {
                let option = together("--group none");
                sentence.push_str(&format!(", their source with {option}."));
            }
        }
        text.push_str(&paragraph("", &sentence, width(context)));
        // The summary follows.
        text.push('\n');
    }
    text
}

/// What to do about findings of a rule, and where to read more. `shows_url`: the address of the rule's source has a
/// line, which a report about many rules has no room for.
pub(super) fn advice(
    context: &Context<'_>,
    findings: &[FindingView<'_>],
    shows_url: bool,
) -> String {
    let first = findings[0];
    let mut text = part(context, "help", &shared_help(context, first));
    let findings = findings.iter().filter(|it| it.suppression().is_none());
    let fixes: Vec<Option<FixView<'_>>> = findings.map(|it| it.fix()).collect();
    let rollout = |fix: &&FixView<'_>| fix.rollout().is_some();
    let safe = fixes.iter().flatten().filter(|it| !rollout(it)).count();
    let needs_rollout: Vec<&FixView<'_>> = fixes.iter().flatten().filter(rollout).collect();
    let of_all = |count: usize| match count == fixes.len() {
        true => String::new(),
        false => format!(" ({count} of {} findings)", fixes.len()),
    };
    if safe > 0 {
        let how = format!("{}{}", together("forcelint check --fix"), of_all(safe));
        text.push_str(&part(context, "fix", &how));
    }
    if let Some(rollout) = needs_rollout.first().and_then(|fix| fix.rollout()) {
        let rollout = terminal_rule_text(&rollout).at_line_start();
        let count = of_all(needs_rollout.len());
        let command = together("forcelint check --fix=all");
        let how = format!("{command}{count}; rollout: {rollout}");
        text.push_str(&part(context, "fix", &how));
    }
    let (_, url) = title_and_url(context, first.rule());
    let more = format!("forcelint explain {}", first.rule());
    text.push_str(&part(context, "more", &more));
    if shows_url && !url.is_empty() {
        let url = context.style.link(url, url);
        text.push_str(&format!("{INDENT}      {url}\n"));
    }
    text
}

/// `  help: …`
fn part(context: &Context<'_>, label: &str, text: &str) -> String {
    let label = format!("{label}:");
    let plain = paragraph(&format!("{INDENT}{label} "), text, width(context));
    let painted = context.style.paint(HELP, &label);
    plain.replacen(&label, &painted, 1)
}
