//! The report as JSON lines: one self-contained object per line. Its shape is a contract, as that of the JSON report.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::v1::{
    Counts, JsonError, JsonFinding, JsonMore, JsonNotChecked, SuppressedCounts, Tool, counts,
    errors, findings, more, not_checked, suppressed_counts, tool,
};
use crate::output::context::Context;
use crate::text::{ScannedText, to_json};

/// The version of the format.
const VERSION: u32 = 1;

/// A line of the output of `forcelint check --format jsonl`. Within a `version`, keys and kinds can be added, but none
/// is removed or changes its meaning.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "JSON line of forcelint")]
struct JsonLine<'a> {
    /// The version of the format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// The absolute path of the folder that all paths are relative to.
    root: ScannedText<'a>,
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
// A line is written as soon as it is made, so that its size does not matter.
#[allow(clippy::large_enum_variant)]
enum Content<'a> {
    /// A finding, as in the JSON report.
    #[serde(rename = "finding")]
    Single(JsonFinding<'a>),
    /// Findings of one rule in one file that are not listed one by one, as in the JSON report.
    More(JsonMore<'a>),
    /// A rule that could not be checked for a component.
    NotChecked(JsonNotChecked<'a>),
    /// What could not be done. There are such lines if the exit status is 2.
    Error(JsonError<'a>),
    /// The last line. Without it, the output is not complete.
    Summary(LineSummary<'a>),
}

#[derive(Serialize, JsonSchema)]
struct LineSummary<'a> {
    /// The program that wrote the report.
    tool: Tool,
    /// Files of any kind that the run saw.
    files_seen: u64,
    /// Files that were read and checked.
    files_checked: u64,
    /// Components by metadata type.
    components: &'a BTreeMap<&'static str, u64>,
    /// Reported findings, by severity.
    findings: Counts,
    /// Suppressed findings, by kind of suppression.
    suppressed: SuppressedCounts,
    /// Number of rules that could not be checked for a component.
    not_checked: usize,
    /// What to retrieve from the org to check these, as `--metadata` of the Salesforce CLI takes it.
    to_retrieve: BTreeSet<String>,
    /// Number of things that could not be done.
    errors: usize,
}

/// Renders the report as JSON lines.
pub(in crate::output) fn render_lines(context: &Context<'_>) -> String {
    let report = context.report;
    let errors = errors(report);
    let not_checked = not_checked(report);
    let tally = report.tally();
    let summary = LineSummary {
        tool: tool(),
        files_seen: tally.files_seen,
        files_checked: tally.files_checked,
        components: &tally.components,
        findings: counts(report),
        suppressed: suppressed_counts(report),
        not_checked: not_checked.len(),
        to_retrieve: report.to_retrieve(),
        errors: errors.len(),
    };
    let findings = findings(context).into_iter().map(Content::Single);
    let more = report.more().into_iter().map(more).map(Content::More);
    let not_checked = not_checked.into_iter().map(Content::NotChecked);
    let errors = errors.into_iter().map(Content::Error);
    let all = findings.chain(more).chain(not_checked).chain(errors);
    let lines = all.chain([Content::Summary(summary)]).map(|content| {
        to_json(&JsonLine {
            version: VERSION,
            root: report.root(),
            content,
        })
    });
    lines.collect()
}

/// The JSON Schema of a line, made from its types.
pub fn line_schema() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings
        .into_generator()
        .into_root_schema_for::<JsonLine<'_>>();
    let mut text = format!("{:#}", schema.to_value());
    text.push('\n');
    text
}
