//! A comparison as a page to share. It loads nothing, has no script, and is the same for the same input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use super::view::{ComparisonReport, joined};
use crate::output::html::sentence;
use crate::output::view::{ComponentView, FindingView};
use crate::text::ScannedText;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
    table{border-collapse:collapse;width:100%}\
    th,td{border-bottom:1px solid #8884;padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
    code{font-family:ui-monospace,monospace;font-size:.9em}";

pub(super) fn render(report: &ComparisonReport<'_>) -> String {
    let mut text =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n".to_owned();
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        STANDARD.encode(Sha256::digest(STYLE))
    );
    let mut put = |markup: &Markup| {
        // maud adds no line ends, so each part can be sanitized as a line.
        let markup = ScannedText::already_masked(&markup.0);
        if !markup.is_empty() {
            text.push_str(&markup.one_line());
            text.push('\n');
        }
    };
    put(&html! {
        meta http-equiv="Content-Security-Policy" content=(policy);
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="referrer" content="no-referrer";
        title { "Changes of login security" }
    });
    put(&html! { style { (maud::PreEscaped(STYLE)) } });
    put(&html! {
        h1 { "Changes of login security" }
        p {
            "From " code { (report.left().one_line()) }
            " to " code { (report.right().one_line()) }
        }
        p { strong { (report.summary()) } }
    });
    put(&errors(report));
    put(&findings("New findings", &report.new_findings(), None));
    for (left, finding) in report.changed() {
        put(&findings(&format!("Severity was {left}"), &[finding], None));
    }
    put(&settings(report));
    for (heading, components) in report.components() {
        put(&names(heading, &components));
    }
    put(&findings("Gone findings", &report.gone(), None));
    let note = "The rule cannot be checked on the right side, so these are not fixed.";
    let unclear = report.no_longer_checked();
    put(&findings("No longer checked", &unclear, Some(note)));
    text.push_str("</html>\n");
    text
}

fn errors(report: &ComparisonReport<'_>) -> Markup {
    html! {
        @if report.errors().len() > 0 {
            h2 { "Errors" }
            ul {
                @for (side, path, message) in report.errors() {
                    li { (side.name()) ": " code { (path.one_line()) } " " (sentence(message)) }
                }
            }
        }
    }
}

fn findings(heading: &str, findings: &[FindingView<'_>], note: Option<&str>) -> Markup {
    html! {
        @if !findings.is_empty() {
            h2 { (heading) }
            @if let Some(note) = note { p { (note) } }
            table {
                thead { tr { th { "Severity" } th { "Rule" } th { "Where" } th { "What" } } }
                tbody { @for it in findings { (row(*it)) } }
            }
        }
    }
}

fn row(finding: FindingView<'_>) -> Markup {
    let location = finding.location();
    html! {
        tr {
            td { (finding.severity().name()) }
            td { code { (finding.rule()) } }
            td { code { (location.path().one_line()) ":" (location.start().line) } }
            td { (sentence(finding.message())) }
        }
    }
}

fn settings(report: &ComparisonReport<'_>) -> Markup {
    html! {
        @if report.settings().len() > 0 {
            h2 { "Changed settings" }
            table {
                thead { tr { th { "Component" } th { "Setting" } th { "Left" } th { "Right" } } }
                tbody {
                    @for it in report.settings() {
                        tr {
                            td { code { (it.component().full_name().one_line()) } }
                            td { code { (it.path().one_line()) } }
                            td { (joined(&it.left()).one_line()) }
                            td { (joined(&it.right()).one_line()) }
                        }
                    }
                }
            }
        }
    }
}

fn names(heading: &str, components: &[ComponentView<'_>]) -> Markup {
    html! {
        @if !components.is_empty() {
            h2 { (heading) }
            ul {
                @for it in components { li { code { (it.full_name().one_line()) } } }
            }
        }
    }
}
