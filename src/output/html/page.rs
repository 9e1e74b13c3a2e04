//! An HTML report to share, in one file.
//!
//! It makes no network request, runs only its own script, works without it, and is the same for the same
//! input.

use std::io::{self, Write};

use super::{
    controls, evidence, findings, first_fixes, matrix, not_checked, others, rules, stories,
    suppressed,
};

use maud::{Markup, html};

use super::document::Page;
use super::words::{sentence, severity_sums};
use crate::finding::{ExitStatus, SuppressionKind};
use crate::output::context::{Context, MadeIn};
use crate::output::notices::notices;
use crate::output::stories::stories as attack_stories;
use crate::output::view::ReportView;
use crate::rule::Severity;
use crate::text::{ScannedText, counted};

const SCRIPT: &str = include_str!("script.js");

/// How many projects the heading names. If there are more, it has their number, and they are listed at
/// the end.
const NAMED: usize = 3;

pub(in crate::output) fn write(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (report, rules) = (context.report, context.rules);
    let mut page = Page::new(
        &format!("Login security of {}", project(report)),
        Some(SCRIPT),
    );
    let attack_stories = attack_stories(report);
    page.put(&banner(context, !attack_stories.is_empty()));
    page.fixed("<main>");
    page.put(&errors(report));
    page.put(&first_fixes::section(context));
    page.put(&stories::section(report, attack_stories));
    page.put(&controls::section(context));
    let apps = matrix::rows(report);
    matrix::section(report, rules, &apps, |part| {
        page.put_part(part);
        page.write_to(out)
    })?;
    page.fixed("");
    page.put(&others::section(report));
    findings::sections(context, |part| {
        page.put(part);
        page.write_to(out)
    })?;
    page.put(&suppressed::accepted(context));
    page.put(&suppressed::baseline(context));
    page.put(&not_checked::section(report));
    page.put(&rules::section(report, rules));
    page.put(&scope(context));
    page.fixed("</main>");
    page.put(&footer());
    out.write_all(page.finish(Some(SCRIPT)).as_bytes())
}

fn project(report: ReportView<'_>) -> String {
    match report.projects().as_slice() {
        [] => "this project".to_owned(),
        projects if projects.len() > NAMED => format!("{} projects", projects.len()),
        projects => {
            let names: Vec<_> = projects.iter().map(ScannedText::one_line).collect();
            names.join(", ")
        }
    }
}

fn banner(context: &Context<'_>, has_stories: bool) -> Markup {
    let report = context.report;
    let (class, word) = match context.run.status {
        // What was not checked is not a pass.
        ExitStatus::Clean if report.not_checked().len() > 0 => ("incomplete", "Partly checked"),
        ExitStatus::Clean if changed_files(context) > 0 => ("incomplete", "Passes once deployed"),
        ExitStatus::Clean => ("passes", "Passes"),
        ExitStatus::Findings => ("fails", "Fails"),
        ExitStatus::Failure => ("incomplete", "Incomplete"),
    };
    html! {
        a.skip href="#findings" { "Skip to the findings" }
        header.banner {
            p.tool { "forcelint " (env!("CARGO_PKG_VERSION")) " · security report" }
            h1 { "Login security of " bdi { (project(report)) } }
            div.result.(class) {
                p.word { (word) }
                p.why { (result(context)) (unchecked(context)) }
            }
            (changed_on_page(context))
            (tiles(report))
            (evidence::facts(context))
            nav aria-label="Sections" {
                ul {
                    @if first_fixes::has_items(report) { li { a href="#fix-first" { "Fix these first" } } }
                    @if has_stories { li { a href="#stories" { "Attack stories" } } }
                    li { a href="#controls" { "Controls" } }
                    li { a href="#apps" { "Apps" } }
                    li { a href="#others" { "Everything else" } }
                    li { a href="#findings" { "Findings" } }
                    li { a href="#accepted" { "Accepted" } }
                    li { a href="#baseline" { "Baseline" } }
                    li { a href="#not-checked" { "Not checked" } }
                    li { a href="#rules" { "Rules" } }
                    li { a href="#scope" { "Scope" } }
                }
            }
        }
    }
}

/// How many files the user of the page changed.
fn changed_files(context: &Context<'_>) -> usize {
    match context.run.made_in {
        MadeIn::Page { changed_files } => changed_files,
        MadeIn::Program => 0,
    }
}

/// That the report is not about the files as they were read, if the user of the page changed them.
fn changed_on_page(context: &Context<'_>) -> Markup {
    let changed_files = changed_files(context);
    html! {
        @if changed_files > 0 {
            p.changed {
                strong { "This report is about changed text." }
                " In the page, " (counted(changed_files, "file"))
                @if changed_files == 1 { " was" } @else { " were" }
                " changed after the files were read. The org still has the old settings until the changes are deployed."
            }
        }
    }
}

/// Why the run ended as it did.
fn result(context: &Context<'_>) -> String {
    let (report, fail_on) = (context.report, context.run.fail_on);
    if report.has_errors() {
        return "Some files could not be checked, so there may be more findings than shown here."
            .to_owned();
    }
    let fails = |severity| fail_on.is_some_and(|fail_on| severity >= fail_on);
    let severities = report.severities();
    let failing = severities.filter(|(severity, _)| fails(*severity));
    let failing: usize = failing.map(|(_, count)| count).sum();
    let all: usize = report.severities().map(|(_, count)| count).sum();
    match (fail_on, failing, all) {
        (_, 0, 0) if report.tally().files_checked == 0 => {
            "Nothing was checked: no supported metadata was found.".to_owned()
        }
        (_, 0, 0) => "No findings.".to_owned(),
        (None, _, all) => format!("{}; none fails the run.", counted(all, "finding")),
        (Some(fail_on), 0, all) => {
            format!("{}, none at {fail_on} or above.", counted(all, "finding"))
        }
        (Some(fail_on), failing, _) => {
            format!("{} at {fail_on} or above.", counted(failing, "finding"))
        }
    }
}

/// A sentence about what was not checked, if there is anything.
fn unchecked(context: &Context<'_>) -> String {
    let fails = match context.run.fails_unchecked {
        true => ", which fails the run",
        false => "",
    };
    match context.report.not_checked().len() {
        0 => String::new(),
        count => format!(" {} could not be done{fails}.", counted(count, "check")),
    }
}

/// The most important numbers.
fn tiles(report: ReportView<'_>) -> Markup {
    let counts = severity_sums(report.severities());
    let by = |kind| report.suppressed_by(kind);
    html! {
        dl.tiles {
            @for (severity, count) in &counts {
                // `info` is not reported by default.
                @if *severity != Severity::Info || *count > 0 {
                    div.tile.(severity.name()).none[*count == 0] {
                        dt { (severity.name()) }
                        dd { (count) }
                    }
                }
            }
            div.tile.plain {
                dt { "accepted" }
                dd { (by(SuppressionKind::Exception) + by(SuppressionKind::Inline)) }
            }
            div.tile.plain {
                dt { "baseline" }
                dd { (by(SuppressionKind::Baseline)) }
            }
            div.tile.plain {
                dt { "not checked" }
                dd { (report.not_checked().len()) }
            }
        }
    }
}

/// The errors of the run.
fn errors(report: ReportView<'_>) -> Markup {
    let errors = report.errors();
    html! {
        @if !errors.is_empty() {
            section #errors.trouble {
                h2 { "Errors" }
                div.scroll tabindex="0" role="region" aria-label="Errors" {
                    table {
                        thead { tr { th scope="col" { "File" } th scope="col" { "Error" } } }
                        tbody {
                            @for error in &errors {
                                tr {
                                    th scope="row" { code { (error.path.one_line()) } }
                                    td { (error.message.one_line()) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn scope(context: &Context<'_>) -> Markup {
    let (report, rules) = (context.report, context.rules);
    let notices = notices(report, context.run);
    let tally = report.tally();
    html! {
        section #scope {
            h2 { "Scope" }
            p {
                (counted(tally.files_seen, "file")) " seen, "
                (counted(tally.files_checked, "file")) " checked against "
                (counted(rules.rules().count(), "rule")) "."
                @if report.fixed() > 0 {
                    " " (counted(report.fixed(), "finding")) " fixed before this report was written."
                }
            }
            @if report.projects().len() > NAMED {
                ul.counts {
                    @for project in report.projects() { li { bdi { (project.one_line()) } } }
                }
            }
            @if !tally.components.is_empty() {
                ul.counts {
                    @for (name, count) in &tally.components {
                        li { (count) " " code { (name) } }
                    }
                }
            }
            @if !notices.is_empty() {
                h3 { "Not shown or not checked" }
                ul {
                    @for notice in &notices {
                        li {
                            (notice.label) ": " (sentence(notice.text.clone()))
                            @if !notice.items.is_empty() {
                                ul { @for item in &notice.items { li { (sentence(item.clone())) } } }
                            }
                        }
                    }
                }
            }
            @for note in report.notes() {
                p { "Note: " (sentence(note)) "." }
            }
            @if let Some(evidence) = &context.run.evidence { (evidence::scope(evidence)) }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer {
            p {
                "Written by " a href=(env!("CARGO_PKG_REPOSITORY")) { "forcelint" } " "
                (env!("CARGO_PKG_VERSION"))
                ". It checks the source of a project, not an org: a change in Setup that was not \
                 retrieved is not in this report. Secrets are masked."
            }
        }
    }
}
