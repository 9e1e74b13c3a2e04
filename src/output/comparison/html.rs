//! A comparison as a page to share. It loads nothing, has no script, and is the same for the same input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use super::view::{ComparisonReport, values};
use crate::finding::{Finding, Side};
use crate::output::html::sentence;
use crate::output::view::FindingView;
use crate::project::Component;
use crate::text::ScannedText;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
    table{border-collapse:collapse;width:100%}\
    th,td{border-bottom:1px solid #8884;padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
    code{font-family:ui-monospace,monospace;font-size:.9em}";

pub(super) fn render(report: &ComparisonReport<'_>) -> String {
    let comparison = report.comparison;
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
            "From " code { (report.side(Side::Left).one_line()) }
            " to " code { (report.side(Side::Right).one_line()) }
        }
        p { strong { (report.summary()) } }
    });
    put(&errors(report));
    put(&findings("New findings", &comparison.new, None));
    for changed in &comparison.changed {
        let heading = format!("Severity was {}", changed.left);
        put(&findings(
            &heading,
            std::slice::from_ref(&changed.finding),
            None,
        ));
    }
    put(&settings(report));
    put(&components("Only on the right side", &comparison.added));
    put(&components("Only on the left side", &comparison.removed));
    put(&findings("Gone findings", &comparison.gone, None));
    let note = "The rule cannot be checked on the right side, so these are not fixed.";
    put(&findings(
        "No longer checked",
        &comparison.no_longer_checked,
        Some(note),
    ));
    text.push_str("</html>\n");
    text
}

fn errors(report: &ComparisonReport<'_>) -> Markup {
    let errors = &report.comparison.errors;
    html! {
        @if !errors.is_empty() {
            h2 { "Errors" }
            ul {
                @for (side, path, message) in errors {
                    li {
                        (side.name()) ": " code { (ScannedText::from(path).one_line()) } " "
                        (ScannedText::from(message).one_line())
                    }
                }
            }
        }
    }
}

fn findings(heading: &str, findings: &[Finding], note: Option<&str>) -> Markup {
    html! {
        @if !findings.is_empty() {
            h2 { (heading) }
            @if let Some(note) = note { p { (note) } }
            table {
                thead { tr { th { "Severity" } th { "Rule" } th { "Where" } th { "What" } } }
                tbody { @for it in FindingView::all(findings) { (row(it)) } }
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
    let settings = report.settings();
    html! {
        @if !settings.is_empty() {
            h2 { "Changed settings" }
            table {
                thead { tr { th { "Component" } th { "Setting" } th { "Left" } th { "Right" } } }
                tbody {
                    @for (component, settings) in &settings {
                        @for it in settings {
                            tr {
                                td { code { (component.one_line()) } }
                                td { code { (ScannedText::from(&it.path).one_line()) } }
                                td { (values(&it.left).one_line()) }
                                td { (values(&it.right).one_line()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn components(heading: &str, components: &[Component]) -> Markup {
    html! {
        @if !components.is_empty() {
            h2 { (heading) }
            ul {
                @for it in components {
                    li { code { (ScannedText::from(it.to_string()).one_line()) } }
                }
            }
        }
    }
}
