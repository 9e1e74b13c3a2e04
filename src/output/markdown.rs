//! Markdown for the summary of a CI job and for a comment on a pull request.
//!
//! In: a [`Report`], the rules behind it, how the run ends and where the files can be looked at.
//! Out: a verdict, counts, a table of the findings, the severest first, and folded up what explains
//! and mends them. It is never longer than a comment on GitHub may be; what does not fit is left
//! out from the mildest end, and a sentence says so.

use std::fmt::Write as _;

use percent_encoding::utf8_percent_encode;

use super::markdown_text::{code, prose, prose_about};
use super::render::{Occasion, suppression_reason};
use super::sarif::{PATH, is_below_root};
use super::summary::{by_severity, components, not_checked_by_cause};
use crate::config::ExitStatus;
use crate::finding::{Finding, Location, Report, SuppressionKind};
use crate::rule::{RuleSet, Severity};

/// The characters that GitHub takes in a comment; counted in bytes here, which are no fewer. The
/// summary of a step may be sixteen times as long.
const MAX_LENGTH: usize = 65_536;

/// What the table may take, so that there is room for what to do about it.
const MAX_TABLE: usize = 44_000;

/// What the sentences about what was left out may take.
const RESERVE: usize = 1_000;

pub(crate) fn render(report: &Report, rules: &RuleSet, occasion: &Occasion) -> String {
    let mut page = Page {
        text: String::new(),
        source_url: occasion.source_url.as_deref(),
    };
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    // Those of one severity stay in the order of the report.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    page.verdict(report, occasion.status);
    page.could_not(report);
    page.counts(&findings);
    page.table(&findings);
    page.what_to_do(&findings, rules);
    page.not_checked(report);
    if report.shows_suppressed {
        page.suppressed(report);
    }
    page.text
}

struct Page<'a> {
    text: String,
    source_url: Option<&'a str>,
}

impl Page<'_> {
    /// Items as far as they fit below a length, and how many do not.
    fn list(&mut self, limit: usize, items: impl Iterator<Item = String>) -> usize {
        let mut left_out = 0;
        for item in items {
            if left_out == 0 && self.text.len() + item.len() <= limit {
                self.text.push_str(&item);
            } else {
                left_out += 1;
            }
        }
        left_out
    }

    /// Items that are folded up below a title. Nothing where not even one would fit.
    fn folded(&mut self, title: &str, items: impl Iterator<Item = String>) {
        let before = self.text.len();
        let _ = write!(self.text, "\n<details>\n<summary>{title}</summary>\n\n");
        let opened = self.text.len();
        let left_out = self.list(MAX_LENGTH - RESERVE, items);
        if self.text.len() == opened {
            self.text.truncate(before);
        } else {
            if left_out > 0 {
                let _ = writeln!(
                    self.text,
                    "\n*{} left out here, for want of room.*",
                    counted(left_out, "more")
                );
            }
            self.text.push_str("\n</details>\n");
        }
    }

    fn verdict(&mut self, report: &Report, status: ExitStatus) {
        let found = by_severity(report);
        let nothing_checked = report.tally.components.is_empty() && report.findings.is_empty();
        let verdict = match status {
            ExitStatus::Failure => {
                format!("⚠️ forcelint could not do its whole job: {found}")
            }
            ExitStatus::Findings => format!("❌ forcelint: {found}"),
            ExitStatus::Clean if nothing_checked => "⚪ forcelint: nothing was checked".to_owned(),
            ExitStatus::Clean if report.findings.is_empty() => format!("✅ forcelint: {found}"),
            ExitStatus::Clean => format!("✅ forcelint: {found}, none of which fails the run"),
        };
        let _ = writeln!(self.text, "## {verdict}\n");
        let mut sentences = Vec::new();
        sentences.push(match components(report) {
            Some(checked) => format!("Checked: {checked}."),
            None => "No file of a type that the rules know was there to check.".to_owned(),
        });
        if report.fixed > 0 {
            sentences.push(format!("Fixed in this run: {}.", report.fixed));
        }
        if !report.not_checked.is_empty() {
            sentences.push(format!("Not judged: {}.", report.not_checked.len()));
        }
        let kinds = [
            SuppressionKind::Exception,
            SuppressionKind::Inline,
            SuppressionKind::Baseline,
        ];
        let by_kind: Vec<String> = kinds
            .into_iter()
            .filter_map(|kind| {
                let of_kind = |finding: &&Finding| {
                    let suppression = finding.suppressed.as_ref();
                    suppression.is_some_and(|suppression| suppression.kind == kind)
                };
                let count = report.suppressed.iter().filter(of_kind).count();
                (count > 0).then(|| format!("{count} {}", kind.name()))
            })
            .collect();
        if !by_kind.is_empty() {
            sentences.push(format!("Found, but not counted: {}.", by_kind.join(", ")));
        }
        let _ = writeln!(self.text, "{}", sentences.join(" "));
    }

    fn could_not(&mut self, report: &Report) {
        let mut errors = report.all_errors();
        errors.dedup();
        if errors.is_empty() {
            return;
        }
        self.text.push_str("\n**What could not be done**\n\n");
        let items = errors
            .iter()
            .map(|error| format!("- {} {}\n", code(&error.path), prose(&error.message)));
        let left_out = self.list(MAX_TABLE / 4, items);
        if left_out > 0 {
            let _ = writeln!(self.text, "- and {left_out} more");
        }
    }

    fn counts(&mut self, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        let mut head = String::from("\n|");
        let mut line = String::from("|");
        let mut row = String::from("|");
        for severity in Severity::ALL {
            let of_severity = findings.iter().filter(|it| it.severity == severity);
            let _ = write!(head, " {severity} |");
            line.push_str(" ---: |");
            let _ = write!(row, " {} |", of_severity.count());
        }
        let _ = writeln!(self.text, "{head}\n{line}\n{row}");
    }

    fn table(&mut self, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        self.text
            .push_str("\n| severity | place | finding | fix |\n| --- | --- | --- | --- |\n");
        let rows: Vec<String> = findings.iter().map(|finding| self.row(finding)).collect();
        let left_out = self.list(MAX_TABLE, rows.into_iter());
        if left_out > 0 {
            let _ = writeln!(
                self.text,
                "\n**{} left out of this table, none severer than those in it**, since a comment \
                 on GitHub holds {MAX_LENGTH} characters. `--format json`, `sarif` and `junit` \
                 have all of them.",
                counted(left_out, "finding")
            );
        }
    }

    fn row(&self, finding: &Finding) -> String {
        let fix = match &finding.fix {
            Some(fix) if fix.applicability.rollout().is_some() => "after a roll-out",
            Some(_) => "safe",
            None => "by hand",
        };
        format!(
            "| {} | {} | {} ({}) | {fix} |\n",
            finding.severity,
            self.place(&finding.location),
            headline(finding),
            code(&finding.rule),
        )
    }

    /// The file's name and the line, as a link if there is something to lead to.
    fn place(&self, location: &Location) -> String {
        let name = location.path.rsplit('/').next().unwrap_or(&location.path);
        self.link(location, &code(&format!("{name}:{}", location.start.line)))
    }

    fn link(&self, location: &Location, shown: &str) -> String {
        let line = location.start.line;
        if !is_below_root(&location.path) {
            return shown.to_owned();
        }
        let base = self.source_url.unwrap_or_default();
        let path = utf8_percent_encode(&location.path, PATH);
        format!("[{shown}]({base}{path}#L{line})")
    }

    /// For each rule what it wants, how to get there, and the evidence of each finding.
    fn what_to_do(&mut self, findings: &[&Finding], rules: &RuleSet) {
        if findings.is_empty() {
            return;
        }
        let mut by_advice: Vec<(&str, &str, Option<&str>, Vec<&Finding>)> = Vec::new();
        for finding in findings {
            let rollout = finding.fix.as_ref().map(|fix| fix.applicability.rollout());
            let advice = (&*finding.rule, &*finding.help, rollout);
            let rollout = rollout.map(|it| it.unwrap_or_default());
            let same = by_advice.iter_mut().find(|(rule, help, known, _)| {
                (*rule, *help) == (advice.0, advice.1) && *known == rollout
            });
            match same {
                Some((.., of_it)) => of_it.push(finding),
                None => by_advice.push((advice.0, advice.1, rollout, vec![finding])),
            }
        }
        let fixes = || findings.iter().filter_map(|finding| finding.fix.as_ref());
        let safe = fixes()
            .filter(|fix| fix.applicability.rollout().is_none())
            .count();
        let mut items: Vec<String> = [
            ("--fix", safe, "no client notices it"),
            (
                "--fix=all",
                fixes().count() - safe,
                "after the roll-out that is told below",
            ),
        ]
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(flag, count, when)| {
            let findings = counted(count, "finding");
            format!("- `forcelint check {flag}` mends {findings}: {when}.\n")
        })
        .collect();
        for (id, help, rollout, findings) in by_advice {
            let mut item = format!("\n**{}**", code(id));
            if let Some(rule) = rules.find(id) {
                let _ = write!(item, " {}", prose(&rule.title));
                if is_address(&rule.url) {
                    let _ = write!(item, " ([more]({}))", rule.url);
                }
            }
            let _ = write!(item, "\n\n{}", prose(help));
            if let Some(rollout) = rollout.filter(|it| !it.is_empty()) {
                let _ = write!(item, " **Roll-out:** {}", prose(rollout));
            }
            item.push_str("\n\n");
            items.push(item);
            items.extend(findings.iter().map(|finding| self.evidence(finding)));
        }
        self.folded("Why, and what to do", items.into_iter());
    }

    fn evidence(&self, finding: &Finding) -> String {
        let location = &finding.location;
        let line = location.start.line;
        let mut item = format!(
            "- {} {}",
            finding.severity,
            self.link(location, &code(&format!("{}:{line}", location.path)))
        );
        if !finding.label.is_empty() {
            let _ = write!(item, " {}.", prose(&finding.label));
        }
        for reason in &finding.reasons {
            let _ = write!(item, " {}.", prose(reason));
        }
        item.push('\n');
        for related in &finding.related {
            let location = &related.location;
            let place = if location.path == finding.location.path {
                self.link(location, &format!("line {}", location.start.line))
            } else {
                self.place(location)
            };
            let _ = writeln!(item, "  - {place} {}", prose(&related.message));
        }
        item
    }

    fn not_checked(&mut self, report: &Report) {
        if report.not_checked.is_empty() {
            return;
        }
        let causes = not_checked_by_cause(report);
        let items = causes.iter().map(|((component, reason), rules)| {
            let rules: Vec<String> = rules.iter().map(|rule| code(rule)).collect();
            format!(
                "- {}, {}: {}\n",
                code(component),
                prose(reason),
                rules.join(", ")
            )
        });
        let title = format!("Not judged ({})", report.not_checked.len());
        self.folded(&title, items);
    }

    fn suppressed(&mut self, report: &Report) {
        if report.suppressed.is_empty() {
            return;
        }
        let items: Vec<String> = report
            .suppressed
            .iter()
            .map(|finding| {
                format!(
                    "- {} {} {} ({}). *{}*\n",
                    finding.severity,
                    self.place(&finding.location),
                    headline(finding),
                    code(&finding.rule),
                    prose(&suppression_reason(finding))
                )
            })
            .collect();
        let title = format!("Found, but not counted ({})", report.suppressed.len());
        self.folded(&title, items.into_iter());
    }
}

fn headline(finding: &Finding) -> String {
    prose_about(&finding.headline, &finding.component().name)
}

/// Whether a rule's address can stand in a link as it is: rules of users have one too.
fn is_address(url: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic() && !b"()<>|\\\"'`*[]".contains(&byte);
    url.starts_with("https://") && url.bytes().all(fits)
}

fn counted(count: usize, noun: &str) -> String {
    match (count, noun) {
        (1, "more") => "1 more is".to_owned(),
        (count, "more") => format!("{count} more are"),
        (1, noun) => format!("1 {noun}"),
        (count, noun) => format!("{count} {noun}s"),
    }
}
