//! The report on many repositories as Markdown, for the summary of a job.

use std::fmt::Write as _;

use super::words::{authorities, by_outcome, result, severity_list};
use crate::merge::{ControlOutcome, MergedReport, MergedRepository, RepositoryStatus};
use crate::output::markdown::{code, prose};

/// A summary of a job in GitHub Actions can have 1 MiB, and a comment 65,536 characters.
const MAX_ROWS: usize = 100;
const MAX_OTHERS: usize = 20;

pub(super) fn render(report: &MergedReport) -> String {
    let mark = match report.is_complete() && report.with_status(RepositoryStatus::Fails) == 0 {
        true => "✅",
        false => "❌",
    };
    let mut text = format!("## {mark} forcelint: {}\n", result(report));
    errors(report, &mut text);
    repositories(report, &mut text);
    controls(report, &mut text);
    let apps = report.worst_apps.iter().map(|it| {
        format!(
            "{} {} {}: {}",
            code(it.repository()),
            code(it.type_name()),
            code(it.name()),
            severity_list(&it.counts)
        )
    });
    list("Worst apps", apps, &mut text);
    let exceptions = report.exceptions.iter().map(|it| {
        let state = if it.is_expired { "expired" } else { "expires" };
        format!(
            "{state} {}: {} {} for {}: {}",
            prose(it.expires()),
            code(it.repository()),
            code(it.rule()),
            code(it.subject()),
            prose(it.reason())
        )
    });
    list("Exceptions, by expiry date", exceptions, &mut text);
    text
}

fn errors(report: &MergedReport, text: &mut String) {
    let errors = report.errors.iter();
    let errors =
        errors.map(|it| format!("{} {}", code(it.file.clone()), prose(it.message.clone())));
    list("Reports that are not complete", errors, text);
    let incomplete = report.repositories.iter();
    let incomplete = incomplete.filter(|it| it.error_count > 0);
    let incomplete: Vec<String> = incomplete
        .map(|it| {
            let errors = it.errors();
            let errors = errors.map(|(path, message)| format!("{} {}", code(path), prose(message)));
            let errors: Vec<String> = errors.take(3).collect();
            format!(
                "{}, errors: {}: {}",
                code(it.name()),
                it.error_count,
                errors.join("; ")
            )
        })
        .collect();
    list("Repositories with errors", incomplete.into_iter(), text);
}

fn repositories(report: &MergedReport, text: &mut String) {
    text.push_str(
        "\n### Repositories\n\n\
         | repository | project | result | critical | high | medium | low | accepted | baseline | not checked | controls failed | notes |\n\
         | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n",
    );
    for it in report.repositories.iter().take(MAX_ROWS) {
        text.push_str(&row(it));
    }
    rest(report.repositories.len(), MAX_ROWS, text);
}

fn row(it: &MergedRepository) -> String {
    let [critical, high, medium, low, _] = it.findings;
    let notes: Vec<String> = it.notes().into_iter().map(prose).collect();
    format!(
        "| {} | {} | {} | {critical} | {high} | {medium} | {low} | {} | {} | {} | {} | {} |\n",
        code(it.name()),
        code(it.project()),
        it.status().name(),
        it.accepted,
        it.baseline,
        it.not_checked,
        it.controls.with(ControlOutcome::Failed),
        notes.join("; ")
    )
}

fn controls(report: &MergedReport, text: &mut String) {
    for authority in authorities(report) {
        let _ = writeln!(
            text,
            "\n### {}\n\n{}.\n",
            prose(authority.name.clone()),
            authority.numbers()
        );
        let failed = authority.controls.iter();
        let failed = failed.filter(|(_, it)| it.with(ControlOutcome::Failed) > 0);
        for (control, totals) in failed.take(MAX_OTHERS) {
            let _ = writeln!(
                text,
                "- {} {}: {}",
                code(control.id.clone()),
                prose(control.title.clone()),
                by_outcome(totals)
            );
        }
        rest(authority.with(ControlOutcome::Failed), MAX_OTHERS, text);
    }
}

fn list(title: &str, lines: impl ExactSizeIterator<Item = String>, text: &mut String) {
    let count = lines.len();
    if count == 0 {
        return;
    }
    let _ = writeln!(text, "\n### {title}\n");
    for line in lines.take(MAX_OTHERS) {
        let _ = writeln!(text, "- {line}");
    }
    rest(count, MAX_OTHERS, text);
}

fn rest(count: usize, shown: usize, text: &mut String) {
    if count > shown {
        let _ = writeln!(text, "\nand {} more", count - shown);
    }
}
