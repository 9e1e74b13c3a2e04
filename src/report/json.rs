//! The JSON report. Its shape is a contract: a breaking change raises [`VERSION`].

use std::collections::BTreeMap;

use serde::Serialize;

use crate::inert::inert_json;
use crate::lint::{Finding, Location, Report, SuppressionKind};
use crate::project::Component;
use crate::rule::Severity;
use crate::xml::Position;

/// The version of the shape.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonReport<'a> {
    version: u32,
    tool: Tool,
    summary: Summary<'a>,
    findings: Vec<JsonFinding<'a>>,
    errors: Vec<JsonError<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary<'a> {
    files_seen: u64,
    files_checked: u64,
    components: &'a BTreeMap<&'static str, u64>,
    skipped: &'a BTreeMap<&'static str, u64>,
    findings: Counts,
    suppressed: Hidden,
    fixed: usize,
    not_judged: Vec<JsonNotJudged<'a>>,
    compared: &'a [String],
    notes: &'a [String],
}

#[derive(Serialize, Default)]
struct Counts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

/// Findings that do not count, whether they are listed or not.
#[derive(Serialize)]
struct Hidden {
    exception: usize,
    inline: usize,
    baseline: usize,
}

#[derive(Serialize)]
struct JsonNotJudged<'a> {
    rule: &'a str,
    component: JsonComponent<'a>,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonComponent<'a> {
    r#type: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: Severity,
    security_severity: f64,
    message: &'a str,
    help: &'a str,
    component: JsonComponent<'a>,
    path: &'a str,
    span: JsonSpan,
    related: Vec<JsonRelated<'a>>,
    fix: Option<JsonFix<'a>>,
    fingerprint: &'a str,
    suppressed: Option<JsonSuppression<'a>>,
}

#[derive(Serialize)]
struct JsonSuppression<'a> {
    kind: SuppressionKind,
    reason: Option<&'a str>,
    expires: Option<&'a str>,
    owner: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonSpan {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    message: &'a str,
    path: &'a str,
    span: JsonSpan,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    rollout: Option<&'a str>,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    offset: usize,
    length: usize,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonError<'a> {
    path: &'a str,
    message: &'a str,
}

pub(super) fn render(report: &Report) -> String {
    let mut counts = Counts::default();
    for finding in &report.findings {
        let count = match finding.severity {
            Severity::Critical => &mut counts.critical,
            Severity::High => &mut counts.high,
            Severity::Medium => &mut counts.medium,
            Severity::Low => &mut counts.low,
            Severity::Info => &mut counts.info,
        };
        *count += 1;
    }
    let not_judged = report.not_judged.iter().map(|not_judged| JsonNotJudged {
        rule: &not_judged.rule,
        component: component(&not_judged.component),
        reason: &not_judged.reason,
    });
    let errors = report.all_errors();
    let errors = errors.iter().map(|error| JsonError {
        path: &error.path,
        message: &error.message,
    });
    let json = JsonReport {
        version: VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        summary: Summary {
            files_seen: report.tally.files_seen,
            files_checked: report.tally.files_checked,
            components: &report.tally.components,
            skipped: &report.tally.skipped,
            findings: counts,
            suppressed: Hidden {
                exception: report.hidden(SuppressionKind::Exception),
                inline: report.hidden(SuppressionKind::Inline),
                baseline: report.hidden(SuppressionKind::Baseline),
            },
            fixed: report.fixed,
            not_judged: not_judged.collect(),
            compared: &report.compared,
            notes: &report.notes,
        },
        findings: report.shown().into_iter().map(finding).collect(),
        errors: errors.collect(),
    };
    serialise(&json)
}

/// JSON on one line, with nothing in it that a terminal acts on.
pub(super) fn serialise(value: &impl Serialize) -> String {
    let mut json = serde_json::to_string(value)
        // These are plain structures with string keys, which always serialise.
        .expect("plain data serialises");
    json.push('\n');
    inert_json(json)
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    let related = finding.related.iter().map(|related| JsonRelated {
        message: &related.message,
        path: &related.location.path,
        span: span(&related.location),
    });
    let fix = finding.fix.as_ref().map(|fix| JsonFix {
        title: &fix.title,
        rollout: fix.rollout.as_deref(),
        edits: fix
            .edits
            .iter()
            .map(|edit| JsonEdit {
                offset: edit.start.offset,
                length: edit.end.offset - edit.start.offset,
                text: &edit.text,
            })
            .collect(),
    });
    JsonFinding {
        rule: &finding.rule,
        severity: finding.severity,
        security_severity: finding.severity.score(),
        message: &finding.message,
        help: &finding.help,
        component: component(finding.component()),
        path: &finding.location.path,
        span: span(&finding.location),
        related: related.collect(),
        fix,
        fingerprint: &finding.fingerprint,
        suppressed: finding.suppressed.as_ref().map(|it| JsonSuppression {
            kind: it.kind,
            reason: it.reason.as_deref(),
            expires: it.expires.as_deref(),
            owner: it.owner.as_deref(),
        }),
    }
}

fn component(component: &Component) -> JsonComponent<'_> {
    JsonComponent {
        r#type: component.metadata_type.name(),
        name: &component.name,
    }
}

fn span(location: &Location) -> JsonSpan {
    JsonSpan {
        start: location.start,
        end: location.end,
    }
}
