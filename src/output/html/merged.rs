//! The report on many repositories: a table of the repositories, controls, the worst apps, exceptions that expire.

use maud::{Markup, html};

use super::document::Page;
use super::elements::{framed, link, severity_count};
use super::words::sentence;
use crate::merge::{
    ControlOutcome, ControlTotals, MergedReport, MergedRepository, RepositoryStatus,
};
use crate::output::merged::{ControlName, authorities, result};
use crate::rule::Severity;
use crate::text::{ScannedText, counted};

/// How many projects of a repository are named.
const PROJECTS: usize = 3;

pub(in crate::output) fn render_merged(report: &MergedReport) -> String {
    let mut page = Page::new("Login security of many repositories", None);
    page.put(&banner(report));
    page.fixed("<main>");
    page.put(&files(report));
    page.put(&errors(report));
    repositories(report, &mut page);
    page.put(&controls(report));
    page.put(&apps(report));
    page.put(&exceptions(report));
    page.fixed("</main>");
    page.put(&footer());
    page.finish(None)
}

fn banner(report: &MergedReport) -> Markup {
    let has = |status| report.with_status(status) > 0;
    let (class, word) = if !report.is_complete() {
        ("incomplete", "Incomplete")
    } else if has(RepositoryStatus::Fails) {
        ("fails", "Fails")
    } else if has(RepositoryStatus::PartlyChecked) || report.repositories.is_empty() {
        ("incomplete", "Partly checked")
    } else {
        ("passes", "Passes")
    };
    html! {
        a.skip href="#repositories" { "Skip to the repositories" }
        header.banner {
            p.tool { "forcelint " (env!("CARGO_PKG_VERSION")) " · merged security report" }
            h1 { "Login security of " (repositories_of(report.repositories.len())) }
            div.result.(class) {
                p.word { (word) }
                p.why { (result(report)) "." }
            }
            (tiles(report))
            nav aria-label="Sections" {
                ul {
                    @if !report.errors.is_empty() { li { a href="#files" { "Incomplete reports" } } }
                    @if report.sum(|it| it.error_count) > 0 { li { a href="#errors" { "Errors" } } }
                    li { a href="#repositories" { "Repositories" } }
                    li { a href="#controls" { "Controls" } }
                    li { a href="#apps" { "Worst apps" } }
                    li { a href="#exceptions" { "Exceptions" } }
                }
            }
        }
    }
}

fn repositories_of(count: usize) -> String {
    match count {
        1 => "1 repository".to_owned(),
        count => format!("{count} repositories"),
    }
}

fn tiles(report: &MergedReport) -> Markup {
    let counts = report.findings().into_iter().zip(Severity::ALL);
    html! {
        dl.tiles {
            @for (count, severity) in counts {
                @if severity != Severity::Info || count > 0 {
                    div.tile.(severity.name()).none[count == 0] { dt { (severity.name()) } dd { (count) } }
                }
            }
            @for (name, count) in [
                ("accepted", report.sum(|it| it.accepted)),
                ("baseline", report.sum(|it| it.baseline)),
                ("not checked", report.sum(|it| it.not_checked)),
            ] {
                div.tile.plain { dt { (name) } dd { (count) } }
            }
        }
    }
}

/// Files that are not complete reports.
fn files(report: &MergedReport) -> Markup {
    html! {
        @if !report.errors.is_empty() {
            section #files.trouble {
                h2 { "Incomplete reports" }
                p.lead { "There may be more findings than shown here." }
                (framed("Incomplete reports", &["File", "Problem"], &html! {
                    @for error in &report.errors {
                        tr { th scope="row" { code { (error.file.one_line()) } } td { (sentence(error.message.clone())) } }
                    }
                }))
            }
        }
    }
}

/// The errors of the runs.
fn errors(report: &MergedReport) -> Markup {
    let failed = report.repositories.iter().filter(|it| it.error_count > 0);
    html! {
        @if report.sum(|it| it.error_count) > 0 {
            section #errors.trouble {
                h2 { "Errors" }
                p.lead { "These repositories could not be fully checked, so there may be more findings than shown here." }
                (framed("Errors", &["Repository", "File", "Error"], &html! {
                    @for repository in failed {
                        @for (path, message) in repository.errors() {
                            tr {
                                th scope="row" { bdi { (repository.name().one_line()) } }
                                td { code { (path.one_line()) } }
                                td { (sentence(message)) }
                            }
                        }
                        @if repository.error_count > repository.errors().len() {
                            tr {
                                th scope="row" { bdi { (repository.name().one_line()) } }
                                td { "–" }
                                td { "and " (repository.error_count - repository.errors().len()) " more errors" }
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// The table of the repositories. It can be long, so each row is a line of the page.
fn repositories(report: &MergedReport, page: &mut Page) {
    page.fixed("<section id=\"repositories\">");
    page.put(&html! { h2 { "Repositories" } });
    page.put(&html! {
        p.lead {
            "Incomplete ones first, then those with the worst findings. A repository passes only if its whole project was \
             checked and has no findings. Controls are those of all publishers."
        }
    });
    page.fixed("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Repositories\"><table class=\"list\">");
    page.put(&html! {
        thead {
            tr {
                @for head in ["Repository", "Result", "Findings", "Accepted", "Baseline", "Not checked", "Controls failed · not checked · passed", "Notes"] {
                    th scope="col" { (head) }
                }
            }
        }
    });
    page.fixed("<tbody>");
    for repository in &report.repositories {
        page.put(&row(repository));
    }
    page.fixed("</tbody></table></div></section>");
}

fn row(repository: &MergedRepository) -> Markup {
    let status = repository.status();
    let class = match status {
        RepositoryStatus::Incomplete => "medium",
        RepositoryStatus::Fails => {
            let counts = repository.findings.iter().zip(Severity::ALL);
            let mut counts = counts.filter(|(count, _)| **count > 0);
            counts.next().map_or("info", |(_, it)| it.name())
        }
        RepositoryStatus::PartlyChecked => "open",
        RepositoryStatus::Passes => "ok",
    };
    let of = |outcome| repository.controls.with(outcome);
    let passed = of(ControlOutcome::Passed) + of(ControlOutcome::PassedInPart);
    html! {
        tr.repository {
            th scope="row" title=(place(repository)) {
                bdi { (repository.name().one_line()) }
                @for project in repository.projects().take(PROJECTS) { " " span.type { bdi { (project.one_line()) } } }
                @if repository.projects().len() > PROJECTS { " " span.type { "and " (repository.projects().len() - PROJECTS) " more projects" } }
                (revision(repository))
            }
            td { span.badge.(class) { (status.name()) } }
            td {
                @if repository.findings.iter().all(|it| *it == 0) { "–" }
                @for (count, severity) in repository.findings.iter().zip(Severity::ALL) {
                    @if *count > 0 { (severity_count(severity, *count)) " " }
                }
            }
            td { (repository.accepted) }
            td { (repository.baseline) }
            td { (repository.not_checked) }
            td.numbers { strong { (of(ControlOutcome::Failed)) } " · " (of(ControlOutcome::NotChecked)) " · " (passed) }
            td { (joined(&repository.notes())) }
        }
    }
}

/// The server of a repository, and the file with its report.
fn place(repository: &MergedRepository) -> String {
    let file = repository.file();
    match repository.host() {
        Some(host) => format!("{}, {}", host.one_line(), file.one_line()),
        None => file.one_line().into_owned(),
    }
}

fn revision(repository: &MergedRepository) -> Markup {
    html! {
        @if let Some(commit) = repository.commit() {
            " " code.id {
                (commit.get(..10).unwrap_or(commit))
                @if let Some(branch) = repository.branch() { " " (branch.one_line()) }
            }
        }
    }
}

fn joined(texts: &[ScannedText<'_>]) -> Markup {
    html! {
        @for (at, text) in texts.iter().enumerate() {
            @if at > 0 { "; " }
            bdi { (text.one_line()) }
        }
        @if texts.is_empty() { "–" }
    }
}

fn controls(report: &MergedReport) -> Markup {
    html! {
        section #controls {
            h2 { "Controls by authority" }
            p.lead {
                "In how many repositories each published control has which result. What passes in a run over a part of a \
                 project, or in a run with errors, is not checked. Controls that source does not show are not listed."
            }
            @for authority in authorities(report) {
                h3 { (link(authority.url.unwrap_or_default(), &authority.name.one_line())) }
                p { (authority.numbers()) "." }
                (control_table(&authority.name.one_line(), &authority.controls))
            }
        }
    }
}

fn control_table(label: &str, controls: &[(ControlName<'_>, &ControlTotals)]) -> Markup {
    let heads = [
        "Control",
        "Failed",
        "Not checked",
        "Passed",
        "Passed in part",
        "Not set in source",
        "Nothing to check",
    ];
    framed(
        label,
        &heads,
        &html! {
            @for (control, totals) in controls {
                tr.totals {
                    th scope="row" {
                        (link(control.url.unwrap_or_default(), &control.title.one_line()))
                        " " code.id { (control.id.one_line()) }
                    }
                    @for (count, outcome) in totals.counts.iter().zip(ControlOutcome::ALL) {
                        td {
                            @if *count > 0 && outcome == ControlOutcome::Failed { span.badge.short.high { (count) } }
                            @else { (count) }
                        }
                    }
                }
            }
        },
    )
}

fn apps(report: &MergedReport) -> Markup {
    html! {
        section #apps {
            h2 { "Worst apps" }
            @if report.worst_apps.is_empty() {
                p { "No connected app or External Client App has findings." }
            } @else {
                p.lead { (counted(report.worst_apps.len(), "app")) " with the worst findings." }
                (framed("Worst apps", &["App", "Repository", "Findings"], &html! {
                    @for app in &report.worst_apps {
                        tr {
                            th scope="row" { bdi { (app.name().one_line()) } " " span.type { (app.type_name().one_line()) } }
                            td { bdi { (app.repository().one_line()) } }
                            td {
                                @for (count, severity) in app.counts.iter().zip(Severity::ALL) {
                                    @if *count > 0 { (severity_count(severity, *count)) " " }
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}

fn exceptions(report: &MergedReport) -> Markup {
    let heads = [
        "Expires",
        "Repository",
        "Component or path",
        "Rule",
        "Reason",
        "Owner",
    ];
    html! {
        section #exceptions {
            h2 { "Exceptions that expire" }
            @if report.exceptions.is_empty() {
                p { "No exception has an expiry date." }
            } @else {
                p.lead { "Those that expire first come first. An expired exception no longer applies." }
                (framed("Exceptions that expire", &heads, &html! {
                    @for it in &report.exceptions {
                        tr {
                            th.date scope="row" {
                                (it.expires().one_line())
                                @if it.is_expired { " " span.badge.short.high { "expired" } }
                            }
                            td { bdi { (it.repository().one_line()) } }
                            td { bdi { (it.subject().one_line()) } }
                            td { code { (it.rule().one_line()) } }
                            td { bdi { (it.reason().one_line()) } }
                            td { @if let Some(owner) = it.owner() { bdi { (owner.one_line()) } } @else { "–" } }
                        }
                    }
                }))
            }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer {
            p {
                "Written by " a href=(env!("CARGO_PKG_REPOSITORY")) { "forcelint" } " "
                (env!("CARGO_PKG_VERSION"))
                " from the reports of single repositories. They check the source of projects, not orgs. Secrets are masked."
            }
        }
    }
}
