//! A page for people who look rather than read: the posture of a project, in one file.
//!
//! In: a [`Report`] with its posture, the rules and the policy. Out: HTML that asks the network for
//! nothing, runs no script but its own, works without that too, and is the same for the same input.
//!
//! maud escapes what stands in elements and attributes. The markup itself has no line ends, so every
//! line of it can be made inert as a whole: nothing can be forgotten.

use super::{findings, matrix, rules, unseen};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::words::{counted, prose, severity_counts};
use crate::config::{ExitStatus, Policy};
use crate::finding::Report;
use crate::rule::{RuleSet, Severity};
use crate::text::inert;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// More projects than these are counted in the heading and named further down.
const NAMED: usize = 3;

pub(crate) fn render(report: &Report, rules: &RuleSet, policy: &Policy) -> String {
    let mut page = Page::default();
    page.fixed("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
    page.put(&head(report));
    page.fixed(&format!("<style>{STYLE}</style>\n</head>\n<body>"));
    page.put(&banner(report, policy));
    page.fixed("<main>");
    page.put(&trouble(report));
    let apps = matrix::rows(report);
    page.put(&matrix::section(report, rules, &apps));
    page.put(&rules::section(report, rules));
    findings::sections(report, rules, |part| page.put(part));
    page.put(&unseen::suppressed(report, rules, policy));
    page.put(&unseen::not_checked(report));
    page.put(&looked_at(report, rules));
    page.fixed("</main>");
    page.put(&footer());
    page.fixed(&format!("<script>{SCRIPT}</script>\n</body>\n</html>"));
    page.text
}

/// The page as it grows.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    /// Adds a line with text of scanned files in it.
    fn put(&mut self, markup: &Markup) {
        if !markup.0.is_empty() {
            self.text.push_str(&inert(&markup.0));
            self.text.push('\n');
        }
    }

    /// Adds text that is always the same.
    fn fixed(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }
}

/// What browsers call the hash of a style or script.
pub(crate) fn source_hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

pub(crate) fn head(report: &Report) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        source_hash(STYLE),
        source_hash(SCRIPT)
    );
    html! {
        meta http-equiv="Content-Security-Policy" content=(policy);
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        meta name="referrer" content="no-referrer";
        meta name="generator" content={ "forcelint " (env!("CARGO_PKG_VERSION")) };
        title { "Login security of " (project(report)) }
    }
}

pub(crate) fn project(report: &Report) -> String {
    match report.posture.projects.as_slice() {
        [] => "this project".to_owned(),
        projects if projects.len() > NAMED => format!("{} projects", projects.len()),
        projects => projects.join(", "),
    }
}

pub(crate) fn banner(report: &Report, policy: &Policy) -> Markup {
    let (class, word) = match policy.exit_status(report) {
        ExitStatus::Clean => ("passes", "Passes"),
        ExitStatus::Findings => ("fails", "Fails"),
        ExitStatus::Failure => ("incomplete", "Incomplete"),
    };
    html! {
        a.skip href="#findings" { "Skip to the findings" }
        header.banner {
            p.tool { "forcelint " (env!("CARGO_PKG_VERSION")) " · posture report" }
            h1 { "Login security of " bdi { (project(report)) } }
            div.verdict.(class) {
                p.word { (word) }
                p.why { (verdict(report, policy)) }
            }
            (tiles(report))
            nav aria-label="Sections" {
                ul {
                    li { a href="#apps" { "Apps" } }
                    li { a href="#rules" { "Rules" } }
                    li { a href="#findings" { "Findings" } }
                    li { a href="#suppressed" { "Accepted" } }
                    li { a href="#not-checked" { "Not judged" } }
                    li { a href="#looked-at" { "What was looked at" } }
                }
            }
        }
    }
}

/// Why the run ended as it did.
pub(crate) fn verdict(report: &Report, policy: &Policy) -> String {
    if report.has_errors() {
        return "Part of it could not be looked at: more may be wrong than is shown here."
            .to_owned();
    }
    let fails = |severity| policy.fail_on.is_some_and(|fail_on| severity >= fail_on);
    let failing = report.findings.iter().filter(|it| fails(it.severity));
    let failing = failing.count();
    match (policy.fail_on, failing, report.findings.len()) {
        (_, 0, 0) if report.tally.files_checked == 0 => {
            "Nothing was checked: there is no file of a type that the rules know.".to_owned()
        }
        (_, 0, 0) => "No findings.".to_owned(),
        (None, _, all) => format!("{}; none fails this run.", counted(all, "finding")),
        (Some(fail_on), 0, all) => {
            format!("{}, none at {fail_on} or above.", counted(all, "finding"))
        }
        (Some(fail_on), failing, _) => {
            format!("{} at {fail_on} or above.", counted(failing, "finding"))
        }
    }
}

/// The numbers that one looks at first.
pub(crate) fn tiles(report: &Report) -> Markup {
    let counts = severity_counts(&report.findings);
    html! {
        dl.tiles {
            @for (severity, count) in &counts {
                // `info` is not reported unless somebody asks for it.
                @if *severity != Severity::Info || *count > 0 {
                    div.tile.(severity.name()).none[*count == 0] {
                        dt { (severity.name()) }
                        dd { (count) }
                    }
                }
            }
            div.tile.plain {
                dt { "accepted" }
                dd { (report.suppressed.len()) }
            }
            div.tile.plain {
                dt { "not judged" }
                dd { (report.not_checked.len()) }
            }
        }
    }
}

/// What could not be done, before everything else.
pub(crate) fn trouble(report: &Report) -> Markup {
    let errors = report.all_errors();
    html! {
        @if !errors.is_empty() {
            section #errors.trouble {
                h2 { "What could not be done" }
                div.scroll tabindex="0" role="region" aria-label="Errors" {
                    table {
                        thead { tr { th scope="col" { "Where" } th scope="col" { "What" } } }
                        tbody {
                            @for error in &errors {
                                tr {
                                    th scope="row" { code { (error.path) } }
                                    td { (error.message) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn looked_at(report: &Report, rules: &RuleSet) -> Markup {
    let tally = &report.tally;
    html! {
        section #looked-at {
            h2 { "What was looked at" }
            p {
                (counted(tally.files_seen, "file")) " seen, "
                (counted(tally.files_checked, "file")) " checked against "
                (counted(rules.rules().count(), "rule")) "."
                @if report.fixed > 0 {
                    " " (counted(report.fixed, "finding")) " mended before this report was made."
                }
            }
            @if report.posture.projects.len() > NAMED {
                ul.counts {
                    @for project in &report.posture.projects { li { bdi { (project) } } }
                }
            }
            @if !tally.components.is_empty() {
                ul.counts {
                    @for (name, count) in &tally.components {
                        li { (count) " " code { (name) } }
                    }
                }
            }
            @if !tally.skipped.is_empty() {
                p { "Passed over:" }
                ul.counts {
                    @for (reason, count) in &tally.skipped {
                        li { (count) " " (crate::output::summary::passed_over_by(*reason)) }
                    }
                }
            }
            @for note in &report.notes {
                p { "Note: " (note) }
            }
        }
    }
}

pub(crate) fn footer() -> Markup {
    html! {
        footer {
            p {
                "Made by " a href=(env!("CARGO_PKG_REPOSITORY")) { "forcelint" } " "
                (env!("CARGO_PKG_VERSION"))
                ". It reads the source of a project, not an org: what was changed in Setup and never \
                 retrieved is not in here. Secrets are masked."
            }
        }
    }
}

/// A link to a page of the web; rules of users can say anything.
pub(crate) fn link(url: &str, text: &str) -> Markup {
    html! {
        @if url.starts_with("https://") {
            a href=(url) rel="noreferrer" { (text) }
        } @else {
            (text)
        }
    }
}

/// Something small that tells a severity.
pub(crate) fn badge(severity: Severity) -> Markup {
    html! { span.badge.(severity.name()) { (severity.name()) } }
}

/// A heading and a paragraph, where there is something to say.
pub(crate) fn told(heading: &str, text: &str) -> Markup {
    html! {
        @if !text.trim().is_empty() {
            div { dt { (heading) } dd { (prose(text)) } }
        }
    }
}

/// Nothing.
pub(crate) fn nothing() -> Markup {
    PreEscaped(String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashed_parts_stay_as_they_are() {
        for text in [STYLE, SCRIPT] {
            // A parser makes one line end of two, and the hash would be that of another text.
            assert!(!text.contains('\r'));
            assert!(!text.contains("</"), "an end tag would end it");
            assert!(text.is_ascii());
        }
    }
}
