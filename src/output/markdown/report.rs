//! Markdown for the summary of a CI job and for a comment on a pull request.
//!
//! The result, counts, a table of the findings with the most severe first, and folded explanations. It is
//! never longer than a comment on GitHub can be; if necessary it is truncated after the most severe
//! findings, and a sentence reports it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::{code, prose, prose_about, rule_prose};
use crate::finding::{ExitStatus, SuppressionKind};
use crate::output::context::{Context, RunInfo};
use crate::output::more::more_in_file;
use crate::output::notices::notices;
use crate::output::summary::{by_severity, components, not_checked_by_cause};
use crate::output::suppression::suppression_reason;
use crate::output::view::{FindingView, FixView, LocationView, ReportView};
use crate::rule::{RuleSet, Severity};
use crate::text::ScannedText;

/// The longest comment that GitHub accepts, in characters. Here bytes are counted, which are at least as
/// many. The summary of a step can be sixteen times as long.
const MAX_LENGTH: usize = 65_536;

/// The longest table, so that there is room for the explanations.
const MAX_TABLE: usize = 44_000;

/// Room for the sentences about truncation.
const RESERVE: usize = 1_000;

pub(in crate::output) fn render(context: &Context<'_>) -> String {
    let report = context.report;
    let mut page = Page {
        text: String::new(),
        source_url: context.run.source_url.as_deref(),
    };
    let mut findings = report.findings();
    // Those of one severity stay in the order of the report.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
    page.result(report, context.run);
    page.errors(report);
    page.notices(context);
    page.counts(report);
    page.more(report);
    page.table(&findings);
    page.what_to_do(&findings, context.rules);
    page.not_checked(report);
    if report.lists_suppressed() {
        page.suppressed(report);
    }
    page.text
}

struct Page<'a> {
    text: String,
    source_url: Option<&'a str>,
}

impl Page<'_> {
    /// Adds items as far as they fit, and returns how many did not.
    fn list(&mut self, limit: usize, items: impl Iterator<Item = String>) -> usize {
        let mut truncated = 0;
        for item in items {
            if truncated == 0 && self.text.len() + item.len() <= limit {
                self.text.push_str(&item);
            } else {
                truncated += 1;
            }
        }
        truncated
    }

    /// Adds items that are folded below a title; nothing if not even one fits.
    fn folded(&mut self, title: &str, items: impl Iterator<Item = String>) {
        let before = self.text.len();
        let _ = write!(self.text, "\n<details>\n<summary>{title}</summary>\n\n");
        let opened = self.text.len();
        let truncated = self.list(MAX_LENGTH - RESERVE, items);
        if self.text.len() == opened {
            self.text.truncate(before);
        } else {
            if truncated > 0 {
                let _ = writeln!(
                    self.text,
                    "\n*{} not shown here.*",
                    counted(truncated, "more")
                );
            }
            self.text.push_str("\n</details>\n");
        }
    }

    fn result(&mut self, report: ReportView<'_>, run: &RunInfo) {
        let mut found = by_severity(report);
        let not_checked = report.not_checked().len();
        if not_checked > 0 {
            let _ = write!(found, "; {} not checked", counted(not_checked, "rule"));
        }
        let nothing_checked = report.tally().components.is_empty() && !report.has_findings();
        let result = match run.status {
            ExitStatus::Failure => {
                format!("⚠️ forcelint could not check everything: {found}")
            }
            ExitStatus::Findings => format!("❌ forcelint: {found}"),
            ExitStatus::Clean if nothing_checked => "⚪ forcelint: nothing was checked".to_owned(),
            // What was not checked is not a pass.
            ExitStatus::Clean if not_checked > 0 => format!("⚠️ forcelint: {found}"),
            ExitStatus::Clean if !report.has_findings() => format!("✅ forcelint: {found}"),
            ExitStatus::Clean => format!("✅ forcelint: {found}; none fails the run"),
        };
        let _ = writeln!(self.text, "## {result}\n");
        let mut sentences = Vec::new();
        sentences.push(match components(report) {
            Some(checked) => format!("Checked: {checked}."),
            None => "No supported metadata was found.".to_owned(),
        });
        if report.fixed() > 0 {
            sentences.push(format!("Fixed in this run: {}.", report.fixed()));
        }
        if not_checked > 0 {
            let fails = match run.fails_unchecked {
                true => ", which fails the run (`--fail-on-unchecked`)",
                false => "",
            };
            sentences.push(format!("Not checked: {not_checked}{fails}."));
        }
        let _ = writeln!(self.text, "{}", sentences.join(" "));
    }

    fn errors(&mut self, report: ReportView<'_>) {
        let mut errors = report.errors();
        errors.dedup();
        if errors.is_empty() {
            return;
        }
        self.text.push_str("\n**Errors**\n\n");
        let items = errors.iter().map(|error| {
            format!(
                "- {} {}\n",
                code(error.path.clone()),
                prose(error.message.clone())
            )
        });
        let truncated = self.list(MAX_TABLE / 4, items);
        if truncated > 0 {
            let _ = writeln!(self.text, "- and {truncated} more");
        }
    }

    /// What is suppressed or not shown, and what the settings turn off.
    fn notices(&mut self, context: &Context<'_>) {
        let notices = notices(context.report, context.run);
        if !notices.is_empty() {
            self.text.push('\n');
        }
        for notice in notices {
            let _ = writeln!(self.text, "- {}: {}", notice.label, prose(notice.text));
            for item in notice.items {
                let _ = writeln!(self.text, "  - {}", prose(item));
            }
        }
    }

    fn counts(&mut self, report: ReportView<'_>) {
        if report.severities().next().is_none() {
            return;
        }
        let mut head = String::from("\n|");
        let mut line = String::from("|");
        let mut row = String::from("|");
        for severity in Severity::ALL {
            let of_severity = report.severities().filter(|(it, _)| *it == severity);
            let count: usize = of_severity.map(|(_, count)| count).sum();
            let _ = write!(head, " {severity} |");
            line.push_str(" ---: |");
            let _ = write!(row, " {count} |");
        }
        let _ = writeln!(self.text, "{head}\n{line}\n{row}");
    }

    fn table(&mut self, findings: &[FindingView<'_>]) {
        if findings.is_empty() {
            return;
        }
        self.text
            .push_str("\n| severity | location | finding | fix |\n| --- | --- | --- | --- |\n");
        let rows: Vec<String> = findings.iter().map(|finding| self.row(*finding)).collect();
        let truncated = self.list(MAX_TABLE, rows.into_iter());
        if truncated > 0 {
            let _ = writeln!(
                self.text,
                "\n**{} not shown in this table**, because a comment on GitHub can have {MAX_LENGTH} \
                 characters. The most severe ones are shown; `--format json`, `sarif` and `junit` have \
                 all of them.",
                counted(truncated, "finding")
            );
        }
    }

    /// The numbers of findings that no report lists.
    fn more(&mut self, report: ReportView<'_>) {
        let more = report.more().into_iter();
        let more: Vec<_> = more.filter(|it| it.suppression().is_none()).collect();
        if more.is_empty() {
            return;
        }
        self.text.push('\n');
        let lines: Vec<String> = more
            .iter()
            .map(|more| {
                format!(
                    "- {} {} {}: {}\n",
                    more.severity(),
                    code(more.rule()),
                    self.file_and_line(more.location()),
                    more_in_file(*more)
                )
            })
            .collect();
        let truncated = self.list(MAX_TABLE / 4, lines.into_iter());
        if truncated > 0 {
            let _ = writeln!(self.text, "- and {truncated} more files");
        }
    }

    fn row(&self, finding: FindingView<'_>) -> String {
        let fix = match finding.fix() {
            Some(fix) if fix.rollout().is_some() => "needs a rollout",
            Some(_) => "safe",
            None => "by hand",
        };
        format!(
            "| {} | {} | {} ({}) | {fix} |\n",
            finding.severity(),
            self.file_and_line(finding.location()),
            headline(finding),
            code(finding.rule()),
        )
    }

    /// The file's name and the line, as a link if the file has an address.
    fn file_and_line(&self, location: LocationView<'_>) -> String {
        let line = location.start().line;
        let text = location.path().map(|path| {
            let name = path.rsplit('/').next().unwrap_or(path);
            format!("{name}:{line}")
        });
        self.link(location, &code(text))
    }

    /// A link to the location whose text is this Markdown.
    fn link(&self, location: LocationView<'_>, markdown: &str) -> String {
        let line = location.start().line;
        let path = location.path();
        if !path.is_path_below_root() {
            return markdown.to_owned();
        }
        let base = self.source_url.unwrap_or_default();
        let path = path.percent_encoded();
        format!("[{markdown}]({base}{path}#L{line})")
    }

    /// For each rule, what to do and the evidence of each finding.
    fn what_to_do(&mut self, findings: &[FindingView<'_>], rules: &RuleSet) {
        if findings.is_empty() {
            return;
        }
        let mut items = fix_commands(findings);
        for advice in advice(findings) {
            items.push(advice.heading(rules));
            items.extend(
                advice
                    .findings
                    .iter()
                    .map(|finding| self.evidence(*finding)),
            );
        }
        self.folded("What to do, and why", items.into_iter());
    }

    fn evidence(&self, finding: FindingView<'_>) -> String {
        let location = finding.location();
        let path = location.path();
        let line = location.start().line;
        let mut item = format!(
            "- {} {}",
            finding.severity(),
            self.link(location, &code(path.map(|path| format!("{path}:{line}"))))
        );
        if !finding.label().is_empty() {
            let _ = write!(item, " {}.", prose(finding.label()));
        }
        for reason in finding.reasons() {
            let _ = write!(item, " {}.", rule_prose(reason));
        }
        item.push('\n');
        for related in finding.related() {
            let location = related.location();
            let link = if location.path() == path {
                self.link(location, &format!("line {}", location.start().line))
            } else {
                self.file_and_line(location)
            };
            let _ = writeln!(item, "  - {link} {}", prose(related.message()));
        }
        item
    }

    fn not_checked(&mut self, report: ReportView<'_>) {
        if report.not_checked().len() == 0 {
            return;
        }
        let causes = not_checked_by_cause(report);
        let items = causes.iter().map(|((component, reason), rules)| {
            let rules: Vec<String> = rules.iter().map(|rule| code(*rule)).collect();
            format!(
                "- {}, {}: {}\n",
                code(component.clone()),
                prose(reason.clone()),
                rules.join(", ")
            )
        });
        let title = format!("Not checked ({})", report.not_checked().len());
        self.folded(&title, items);
    }

    /// Accepted findings have a reason, and those in the baseline do not, so they are separate.
    fn suppressed(&mut self, report: ReportView<'_>) {
        let is_baseline = |finding: &FindingView<'_>| {
            let kind = finding.suppression().map(|it| it.kind());
            kind == Some(SuppressionKind::Baseline)
        };
        let (baseline, accepted): (Vec<_>, Vec<_>) =
            report.suppressed().into_iter().partition(is_baseline);
        for (title, findings) in [("Accepted", accepted), ("Baseline, not reviewed", baseline)] {
            if findings.is_empty() {
                continue;
            }
            let items: Vec<String> = findings
                .iter()
                .map(|finding| {
                    format!(
                        "- {} {} {} ({}). *{}*\n",
                        finding.severity(),
                        self.file_and_line(finding.location()),
                        headline(*finding),
                        code(finding.rule()),
                        prose(suppression_reason(*finding))
                    )
                })
                .collect();
            let title = format!("{title} ({})", findings.len());
            self.folded(&title, items.into_iter());
        }
    }
}

fn headline(finding: FindingView<'_>) -> String {
    prose_about(&finding.headline(), &finding.component().name())
}

/// Findings of one rule with the same remedy.
struct Advice<'a> {
    rule: &'a str,
    help: ScannedText<'a>,
    rollout: Option<ScannedText<'a>>,
    findings: Vec<FindingView<'a>>,
}

impl Advice<'_> {
    fn heading(&self, rules: &RuleSet) -> String {
        let mut item = format!("\n**{}**", code(self.rule));
        if let Some(rule) = rules.find(self.rule) {
            let _ = write!(item, " {}", rule_prose(&rule.title));
            if is_address(&rule.url) {
                let _ = write!(item, " ([more]({}))", rule.url);
            }
        }
        let _ = write!(item, "\n\n{}", rule_prose(self.help.clone()));
        if let Some(rollout) = self.rollout.clone().filter(|it| !it.is_empty()) {
            let _ = write!(item, " **Rollout:** {}", rule_prose(rollout));
        }
        item.push_str("\n\n");
        item
    }
}

fn advice<'a>(findings: &[FindingView<'a>]) -> Vec<Advice<'a>> {
    let mut all: Vec<Advice<'_>> = Vec::new();
    let mut positions = BTreeMap::new();
    for finding in findings.iter().copied() {
        let (rule, help) = (finding.rule(), finding.help());
        let rollout = finding.fix().map(|fix| fix.rollout().unwrap_or("".into()));
        let key = (rule, help.clone(), rollout.clone());
        let at = *positions.entry(key).or_insert(all.len());
        match all.get_mut(at) {
            Some(advice) => advice.findings.push(finding),
            None => all.push(Advice {
                rule,
                help,
                rollout,
                findings: vec![finding],
            }),
        }
    }
    all
}

/// The commands that apply fixes.
fn fix_commands(findings: &[FindingView<'_>]) -> Vec<String> {
    let fixes: Vec<FixView<'_>> = findings.iter().filter_map(|it| it.fix()).collect();
    let safe = fixes.iter().filter(|fix| fix.rollout().is_none()).count();
    let rollout = fixes.len() - safe;
    [
        ("--fix", safe, ""),
        ("--fix=all", rollout, ", after the rollouts listed here"),
    ]
    .into_iter()
    .filter(|(_, count, _)| *count > 0)
    .map(|(flag, count, when)| {
        let findings = counted(count, "finding");
        format!("- `forcelint check {flag}` fixes {findings}{when}.\n")
    })
    .collect()
}

/// Whether a rule's address is safe in a Markdown link. Users' rules can have any address.
fn is_address(url: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"()<>|\\\"'`*[]".contains(&byte);
    url.starts_with("https://") && url.bytes().all(fits)
}

fn counted(count: usize, noun: &str) -> String {
    match (count, noun) {
        (count, "more") => format!("{count} more"),
        (1, noun) => format!("1 {noun}"),
        (count, noun) => format!("{count} {noun}s"),
    }
}
