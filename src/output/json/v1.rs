//! Version 1 of the JSON report. Its shape is a contract: a breaking change is a new version.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use crate::finding::SuppressionKind;
use crate::output::context::Context;
use crate::output::view::{ComponentView, FindingView, LocationView, MoreView, SuppressionView};
use crate::rule::Severity;
use crate::text::{Position, ScannedText, to_json};

/// The version of the format.
const VERSION: u32 = 1;

/// The output of `forcelint check --format json`. Within a `version`, keys can be added, but none is
/// removed or changes its meaning.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "JSON report of forcelint")]
struct JsonReport<'a> {
    /// The version of the format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The absolute path of the folder that all paths are relative to.
    root: ScannedText<'a>,
    /// What was checked.
    summary: Summary<'a>,
    /// By path, location and rule. With `--show-suppressed`, suppressed findings too.
    findings: Vec<JsonFinding<'a>>,
    /// Findings that are not listed, because `findings` has at most 1,000 of one rule in one file. They are
    /// counted in `summary`, fail the run, and are fixed. With `--show-suppressed`, suppressed findings too.
    more: Vec<JsonMore<'a>>,
    /// What could not be done. Not empty if the exit status is 2.
    errors: Vec<JsonError<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    /// `forcelint`
    name: &'static str,
    /// The program's version, such as 0.1.0.
    version: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Summary<'a> {
    /// Files of any kind that the run saw.
    files_seen: u64,
    /// Files that were read and checked.
    files_checked: u64,
    /// Components by metadata type.
    components: &'a BTreeMap<&'static str, u64>,
    /// Skipped files and folders, by reason.
    skipped: BTreeMap<&'static str, u64>,
    /// The skipped files of types that the rules read, and the folders that were not entered.
    skipped_files: Vec<JsonSkipped<'a>>,
    /// Reported findings, by severity.
    findings: Counts,
    /// Suppressed findings, by kind of suppression, whether they are listed or not.
    suppressed: SuppressedCounts,
    /// Number of findings that `--fix` fixed.
    fixed: usize,
    /// The files that `--fix` changed, by path.
    fixed_files: Vec<JsonFixedFile<'a>>,
    /// Rules that could not be checked for a component. They are neither a pass nor a finding.
    not_checked: Vec<JsonNotChecked<'a>>,
    compared: Vec<ScannedText<'a>>,
    notes: Vec<ScannedText<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonSkipped<'a> {
    /// The file or folder.
    path: ScannedText<'a>,
    /// Why it was skipped, as in `skipped`.
    reason: &'static str,
}

#[derive(Serialize, Default, JsonSchema)]
struct Counts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

/// Suppressed findings, whether they are listed or not.
#[derive(Serialize, JsonSchema)]
struct SuppressedCounts {
    exception: usize,
    inline: usize,
    baseline: usize,
}

#[derive(Serialize, JsonSchema)]
struct JsonFixedFile<'a> {
    /// The file.
    path: ScannedText<'a>,
    /// Number of findings that were fixed in it.
    findings: usize,
}

#[derive(Serialize, JsonSchema)]
struct JsonNotChecked<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The component.
    component: JsonComponent<'a>,
    /// Why it was not checked.
    reason: ScannedText<'a>,
}

#[derive(Serialize, JsonSchema)]
struct JsonComponent<'a> {
    /// The metadata type, such as `ConnectedApp`.
    r#type: &'static str,
    /// The full name.
    name: ScannedText<'a>,
}

#[derive(Serialize, JsonSchema)]
struct JsonFinding<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The severity for this component.
    severity: Severity,
    /// The severity as a number between 0 and 10, for code scanning.
    security_severity: f64,
    /// What is wrong.
    message: ScannedText<'a>,
    /// What to do, and the reason if there is no automatic fix.
    help: ScannedText<'a>,
    /// The component.
    component: JsonComponent<'a>,
    /// The file, relative to the root of the repository, or of the project without one, with `/`.
    path: ScannedText<'a>,
    /// The location in the file.
    span: JsonSpan,
    /// The evidence for the severity.
    related: Vec<JsonRelated<'a>>,
    /// The automatic fix, which `--fix` applies, or `--fix=all` if it needs a rollout; null if there is
    /// none.
    fix: Option<JsonFix<'a>>,
    /// The same for the same finding in another run, independent of the file's folder and formatting.
    fingerprint: &'a str,
    /// What suppresses the finding; null if it is reported.
    suppressed: Option<JsonSuppression<'a>>,
}

/// Findings of one rule and severity in one file that are not listed.
#[derive(Serialize, JsonSchema)]
struct JsonMore<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The severity.
    severity: Severity,
    /// The component.
    component: JsonComponent<'a>,
    /// The file, as in `findings`.
    path: ScannedText<'a>,
    /// The location of the first one.
    span: JsonSpan,
    /// How many there are.
    count: usize,
    /// What suppresses them; null if they are reported.
    suppressed: Option<JsonSuppression<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonSuppression<'a> {
    /// The kind of suppression.
    kind: SuppressionKind,
    /// The reason, if one was given.
    reason: Option<ScannedText<'a>>,
    /// The expiry date, as `YYYY-MM-DD`.
    expires: Option<ScannedText<'a>>,
    /// The owner.
    owner: Option<ScannedText<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonSpan {
    /// The first character.
    start: Position,
    /// After the last character.
    end: Position,
}

#[derive(Serialize, JsonSchema)]
struct JsonRelated<'a> {
    /// What it shows.
    message: ScannedText<'a>,
    /// The file; it may be another one.
    path: ScannedText<'a>,
    /// The location in the file.
    span: JsonSpan,
}

#[derive(Serialize, JsonSchema)]
struct JsonFix<'a> {
    /// What it does.
    title: ScannedText<'a>,
    /// `safe`, or `needs-rollout` if something has to be done before the result is deployed.
    applicability: &'static str,
    /// What has to be done before the result is deployed; null for a safe fix.
    rollout: Option<ScannedText<'a>>,
    /// Edits of the file as it was read, from its start to its end. Empty if `contains_secret` is set.
    edits: Vec<JsonEdit<'a>>,
    /// Whether the edits contain a secret, which reports never show. Apply the fix with
    /// `forcelint check --fix` then, or `--fix=all` if it needs a rollout.
    contains_secret: bool,
}

#[derive(Serialize, JsonSchema)]
struct JsonEdit<'a> {
    /// The first byte that goes, from 0.
    offset: usize,
    /// How many bytes go.
    length: usize,
    /// What comes in their place.
    text: ScannedText<'a>,
}

#[derive(Serialize, JsonSchema)]
struct JsonError<'a> {
    /// The file or folder.
    path: ScannedText<'a>,
    /// What could not be done, as a sentence without its subject.
    message: ScannedText<'a>,
}

/// The JSON Schema of the report, made from its types.
pub fn report_schema() -> String {
    // What is written, where every key is there.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings
        .into_generator()
        .into_root_schema_for::<JsonReport<'_>>();
    let mut text = format!("{:#}", schema.to_value());
    text.push('\n');
    text
}

pub(in crate::output) fn render(context: &Context<'_>) -> String {
    let report = context.report;
    let mut counts = Counts::default();
    for (severity, number) in report.severities() {
        let count = match severity {
            Severity::Critical => &mut counts.critical,
            Severity::High => &mut counts.high,
            Severity::Medium => &mut counts.medium,
            Severity::Low => &mut counts.low,
            Severity::Info => &mut counts.info,
        };
        *count += number;
    }
    let not_checked = report.not_checked().map(|not_checked| JsonNotChecked {
        rule: not_checked.rule(),
        component: component(not_checked.component()),
        reason: not_checked.reason(),
    });
    let errors = report.errors().into_iter().map(|error| JsonError {
        path: error.path,
        message: error.message,
    });
    let fixed_files = report.fixed_files();
    let fixed_files = fixed_files.map(|(path, findings)| JsonFixedFile { path, findings });
    let tally = report.tally();
    let skipped = tally.skipped.iter();
    let json = JsonReport {
        version: VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        root: report.root(),
        summary: Summary {
            files_seen: tally.files_seen,
            files_checked: tally.files_checked,
            components: &tally.components,
            skipped: skipped
                .map(|(reason, count)| (reason.name(), *count))
                .collect(),
            skipped_files: report
                .skipped_files()
                .map(|(path, reason)| JsonSkipped {
                    path,
                    reason: reason.name(),
                })
                .collect(),
            findings: counts,
            suppressed: SuppressedCounts {
                exception: report.suppressed_by(SuppressionKind::Exception),
                inline: report.suppressed_by(SuppressionKind::Inline),
                baseline: report.suppressed_by(SuppressionKind::Baseline),
            },
            fixed: report.fixed(),
            fixed_files: fixed_files.collect(),
            not_checked: not_checked.collect(),
            compared: report.compared().collect(),
            notes: report.notes().collect(),
        },
        findings: report.listed().into_iter().map(finding).collect(),
        more: report.more().into_iter().map(more).collect(),
        errors: errors.collect(),
    };
    to_json(&json)
}

fn finding(finding: FindingView<'_>) -> JsonFinding<'_> {
    let related = finding.related().map(|related| JsonRelated {
        message: related.message(),
        path: related.location().path(),
        span: span(related.location()),
    });
    let fix = finding.fix().map(|fix| JsonFix {
        title: fix.title(),
        applicability: fix.applicability(),
        rollout: fix.rollout(),
        edits: fix
            .edits()
            .map(|edit| JsonEdit {
                offset: edit.start().offset,
                length: edit.end().offset - edit.start().offset,
                text: edit.text(),
            })
            .collect(),
        contains_secret: fix.contains_secret(),
    });
    JsonFinding {
        rule: finding.rule(),
        severity: finding.severity(),
        security_severity: finding.severity().score(),
        message: finding.message(),
        help: finding.help(),
        component: component(finding.component()),
        path: finding.location().path(),
        span: span(finding.location()),
        related: related.collect(),
        fix,
        fingerprint: finding.fingerprint(),
        suppressed: finding.suppression().map(suppression),
    }
}

fn more(more: MoreView<'_>) -> JsonMore<'_> {
    JsonMore {
        rule: more.rule(),
        severity: more.severity(),
        component: component(more.component()),
        path: more.location().path(),
        span: span(more.location()),
        count: more.count(),
        suppressed: more.suppression().map(suppression),
    }
}

fn suppression(suppression: SuppressionView<'_>) -> JsonSuppression<'_> {
    JsonSuppression {
        kind: suppression.kind(),
        reason: suppression.reason(),
        expires: suppression.expires(),
        owner: suppression.owner(),
    }
}

fn component(component: ComponentView<'_>) -> JsonComponent<'_> {
    JsonComponent {
        r#type: component.type_name(),
        name: component.name(),
    }
}

fn span(location: LocationView<'_>) -> JsonSpan {
    JsonSpan {
        start: location.start(),
        end: location.end(),
    }
}
