//! Markdown for the summary of a CI job and for a comment on a pull request.
//!
//! The result, the rules with the worst findings, each with its remedy and a diff of the fix if that is safe,
//! and folded: a table of all findings, and explanations. It is never longer than a comment on GitHub can be; if necessary it is truncated after the most severe
//! findings, and a sentence reports it.

use std::fmt::Write as _;
use std::iter;

use super::advice::{advice, page_link};
use super::suggestion::suggestion;
use super::text::{code, prose, prose_about, rule_prose};
use crate::finding::{ExitStatus, SuppressionKind};
use crate::output::context::{Context, RunInfo};
use crate::output::fix_first::{FixFirst, fix_first};
use crate::output::more::more_in_file;
use crate::output::notices::notices;
use crate::output::stories::{Story, grouped, stories};
use crate::output::summary::{by_severity, components, not_checked_by_cause};
use crate::output::suppression::suppression_reason;
use crate::output::view::{FindingView, FixView, LocationView, ReportView};
use crate::rule::{RuleSet, Severity};
use crate::text::counted;

/// The longest comment that GitHub accepts, in characters. Here bytes are counted, which are at least as
/// many. The summary of a step can be sixteen times as long.
const MAX_LENGTH: usize = 65_536;

/// The longest table, so that there is room for the explanations.
const MAX_TABLE: usize = 44_000;

/// How many rules are shown before the fold.
const NAMED_RULES: usize = 5;

/// How many attack stories are shown.
const NAMED_STORIES: usize = 3;

/// How many findings of the first rule are shown before the fold. For the other rules, half of them.
const NAMED_FINDINGS: usize = 6;

/// The end of the part before the fold.
const MAX_WORST: usize = 24_000;

/// Room for the sentences about truncation.
const RESERVE: usize = 1_000;

pub(in crate::output) fn render(context: &Context<'_>) -> String {
    let report = context.report;
    let mut page = Page {
        text: String::new(),
        links: Links {
            source_url: context.run.source_url.as_deref(),
        },
    };
    let mut findings = report.findings();
    // Those of one severity stay in the order of the report.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
    page.result(report, context.run);
    page.errors(report);
    page.notices(context);
    page.more(report);
    let named = page.worst(context);
    page.stories(report);
    if named < findings.len() {
        page.table(&findings);
    }
    page.what_to_do(&findings, context.rules);
    page.not_checked(report);
    if report.lists_suppressed() {
        page.suppressed(report);
    }
    page.text
}

/// The title, the apps and the steps of a story.
fn story(group: &[Story<'_>]) -> String {
    let story = &group[0];
    let mut item = format!(
        "\n**{}: {}** {}",
        story.severity(),
        rule_prose(&story.definition.title),
        code(story.full_name())
    );
    if group.len() > 1 {
        let _ = write!(item, " and {} more", group.len() - 1);
    }
    item.push_str("\n\n");
    for (at, step) in story.steps.iter().enumerate() {
        let mut rules: Vec<&str> = step.findings.iter().map(|it| it.rule()).collect();
        rules.dedup();
        let rules: Vec<String> = rules.into_iter().map(code).collect();
        let text = rule_prose(&step.definition.text);
        let _ = writeln!(item, "{}. {text} ({}).", at + 1, rules.join(", "));
    }
    item
}

struct Page<'a> {
    text: String,
    links: Links<'a>,
}

/// Makes the text of findings, with links to their files.
#[derive(Clone, Copy)]
struct Links<'a> {
    source_url: Option<&'a str>,
}

impl Links<'_> {
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
                let _ = writeln!(self.text, "\n*{truncated} more not shown here.*");
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

    /// The rules with the worst findings, each with its remedy and the first findings. Returns how many
    /// findings are named.
    fn worst(&mut self, context: &Context<'_>) -> usize {
        let rules = fix_first(context.report);
        if rules.is_empty() {
            return 0;
        }
        let _ = writeln!(self.text, "\n### {}", what_is_new(context.report));
        let mut named = 0;
        for (at, of_rule) in rules.iter().take(NAMED_RULES).enumerate() {
            // A report with few findings names all of them.
            let limit = match at {
                0 => NAMED_FINDINGS,
                _ => NAMED_FINDINGS / 2,
            };
            let shown = &of_rule.findings[..of_rule.findings.len().min(limit)];
            let item = self.of_rule(of_rule, shown, context.rules);
            if self.text.len() + item.len() > MAX_WORST {
                break;
            }
            named += shown.len();
            self.text.push_str(&item);
        }
        named
    }

    /// A rule, its remedy and some of its findings.
    fn of_rule(
        &self,
        of_rule: &FixFirst<'_>,
        shown: &[FindingView<'_>],
        rules: &RuleSet,
    ) -> String {
        let counts = Severity::ALL.iter().zip(of_rule.counts);
        let counts = counts.filter(|(_, count)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        let rule = rules.find(of_rule.rule);
        let title = rule.map_or(of_rule.rule, |it| &it.title);
        let mut item = format!(
            "\n**{}: {}** {}{}\n",
            counts.join(", "),
            rule_prose(title),
            code(of_rule.rule),
            page_link(rules, of_rule.rule)
        );
        // The help of a finding can be about that finding only.
        if let Some(rule) = rule {
            let _ = writeln!(item, "\n{}", rule_prose(&rule.help));
        }
        item.push('\n');
        for finding in shown {
            let _ = writeln!(
                item,
                "- {} {} {}",
                finding.severity(),
                self.links.file_and_line(finding.location()),
                headline(*finding)
            );
            if let Some(lines) = suggestion(*finding) {
                item.push_str(&fenced(&lines));
            }
        }
        let more = of_rule.total() - shown.len();
        if more > 0 {
            let _ = writeln!(item, "- and {more} more");
        }
        item
    }

    /// The attack stories in which an attacker reaches the most. Those with the same text are one.
    fn stories(&mut self, report: ReportView<'_>) {
        let groups = grouped(stories(report));
        if groups.is_empty() {
            return;
        }
        self.text.push_str("\n### Attack stories\n");
        let items = groups.iter().take(NAMED_STORIES).map(|it| story(it));
        let truncated = self.list(MAX_WORST, items);
        let more = truncated + groups.len().saturating_sub(NAMED_STORIES);
        match more {
            0 => {}
            1 => self
                .text
                .push_str("\n*1 more story: see the HTML or JSON report.*\n"),
            more => {
                let _ = writeln!(
                    self.text,
                    "\n*{more} more stories: see the HTML or JSON report.*"
                );
            }
        }
    }

    /// All findings, folded.
    fn table(&mut self, findings: &[FindingView<'_>]) {
        let _ = write!(
            self.text,
            "\n<details>\n<summary>All {}</summary>\n\n\
             | severity | location | finding | fix |\n| --- | --- | --- | --- |\n",
            counted(findings.len(), "finding")
        );
        let links = self.links;
        let rows = findings.iter().map(|finding| links.row(*finding));
        let truncated = self.list(MAX_TABLE, rows);
        if truncated > 0 {
            let _ = writeln!(
                self.text,
                "\n**{} not shown in this table**, because a comment on GitHub can have {MAX_LENGTH} \
                 characters. The most severe ones are shown; `--format json`, `sarif` and `junit` have \
                 all of them.",
                counted(truncated, "finding")
            );
        }
        self.text.push_str("\n</details>\n");
    }

    /// The numbers of findings that no report lists.
    fn more(&mut self, report: ReportView<'_>) {
        let more = report.more().into_iter();
        let more: Vec<_> = more.filter(|it| it.suppression().is_none()).collect();
        if more.is_empty() {
            return;
        }
        self.text.push('\n');
        let links = self.links;
        let lines = more.iter().map(|more| {
            format!(
                "- {} {} {}: {}\n",
                more.severity(),
                code(more.rule()),
                links.file_and_line(more.location()),
                more_in_file(*more)
            )
        });
        let truncated = self.list(MAX_TABLE / 4, lines);
        if truncated > 0 {
            let _ = writeln!(self.text, "- and {truncated} more files");
        }
    }

    /// For each rule, what to do and the evidence of each finding.
    fn what_to_do(&mut self, findings: &[FindingView<'_>], rules: &RuleSet) {
        if findings.is_empty() {
            return;
        }
        let links = self.links;
        let advice = advice(findings);
        let items = advice.iter().flat_map(|advice| {
            let evidence = advice.findings.iter().map(|it| links.evidence(*it));
            iter::once(advice.heading(rules)).chain(evidence)
        });
        let items = fix_commands(findings).into_iter().chain(items);
        self.folded("What to do, and why", items);
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
        let to_retrieve: Vec<String> = report.to_retrieve().into_iter().map(code).collect();
        let advice = (!to_retrieve.is_empty()).then(|| {
            format!(
                "- To check more, retrieve from the org: {}\n",
                to_retrieve.join(", ")
            )
        });
        let title = format!("Not checked ({})", report.not_checked().len());
        self.folded(&title, items.chain(advice));
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
            let links = self.links;
            let items = findings.iter().map(|finding| {
                format!(
                    "- {} {} {} ({}). *{}*\n",
                    finding.severity(),
                    links.file_and_line(finding.location()),
                    headline(*finding),
                    code(finding.rule()),
                    prose(suppression_reason(*finding))
                )
            });
            let title = format!("{title} ({})", findings.len());
            self.folded(&title, items);
        }
    }
}

/// The heading of the findings. With a comparison or a baseline, they are the new ones.
fn what_is_new(report: ReportView<'_>) -> &'static str {
    if report.compared().len() > 0 {
        "New or affected by the changes, worst first"
    } else if report.suppressed_by(SuppressionKind::Baseline) > 0 {
        "Not in the baseline, worst first"
    } else {
        "Worst first"
    }
}

/// A diff in a list item. Code in it is shown verbatim, and no text of it can end the fence.
fn fenced(lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|it| it != '`'));
    let longest = longest.map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let mut text = format!("  {fence}diff\n");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(text, "  {fence}");
    text
}

fn headline(finding: FindingView<'_>) -> String {
    prose_about(&finding.headline(), &finding.component().name())
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
