//! The report as JSON lines: one self-contained object per line. Its shape is a contract, as that of the JSON report.

use std::io::{self, Write};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::run_lines::{LineSummary, RunLine, line_summary, run_line};
use super::v1::{
    JsonComponent, JsonError, JsonFinding, JsonFindings, JsonMore, JsonNotChecked, component,
    errors, more, not_checked,
};
use crate::output::context::Context;
use crate::output::in_order::in_order;
use crate::output::view::FindingView;
use crate::text::{ScannedText, to_json, write_json};

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
    /// The name of the repository, such as `acme/crm`. It has no credentials.
    repository: Option<ScannedText<'a>>,
    #[serde(flatten)]
    content: Content<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
// A line is written as soon as it is made, so that its size does not matter.
#[allow(clippy::large_enum_variant)]
enum Content<'a> {
    /// The first line: what was checked, and how.
    Run(RunLine<'a>),
    /// A finding, as in the JSON report, and its app.
    #[serde(rename = "finding")]
    Single(LineFinding<'a>),
    /// Findings of one rule in one file that are not listed one by one, as in the JSON report.
    More(JsonMore<'a>),
    /// A rule that could not be checked for a component.
    NotChecked(JsonNotChecked<'a>),
    /// What could not be done. There are such lines if the exit status is 2.
    Error(JsonError<'a>),
    /// The last line: the results as numbers. Without it, the output is not complete.
    Summary(LineSummary<'a>),
}

/// A finding, as in the JSON report, and its app.
#[derive(Serialize, JsonSchema)]
struct LineFinding<'a> {
    #[serde(flatten)]
    finding: JsonFinding<'a>,
    /// The connected app or External Client App that the component is or is a part of; null for other components.
    app: Option<JsonComponent<'a>>,
}

/// Writes the report as JSON lines.
///
/// # Errors
/// `out` cannot be written to.
pub(in crate::output) fn write_lines(context: &Context<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = context.report;
    let evidence = context.run.evidence.as_ref();
    let repository = evidence.map(|it| ScannedText::from(&it.repository.name));
    let root = report.root();
    let errors = errors(report);
    let not_checked = not_checked(report);
    let summary = line_summary(context, not_checked.len(), errors.len());
    let line = |content| JsonLine {
        version: VERSION,
        root: root.clone(),
        repository: repository.clone(),
        content,
    };
    write_json(&line(Content::Run(run_line(context))), out)?;
    let findings = JsonFindings::of(context);
    let finding_line = |view| {
        let finding = findings.entry(view);
        let app = app(view);
        to_json(&line(Content::Single(LineFinding { finding, app })))
    };
    let write = |line: String| out.write_all(line.as_bytes());
    in_order(&findings.listed, |it| finding_line(*it), write)?;
    let more = report.more().into_iter().map(more).map(Content::More);
    let not_checked = not_checked.into_iter().map(Content::NotChecked);
    let errors = errors.into_iter().map(Content::Error);
    let mut others = more
        .chain(not_checked)
        .chain(errors)
        .chain([Content::Summary(summary)]);
    others.try_for_each(|content| write_json(&line(content), out))
}

fn app(finding: FindingView<'_>) -> Option<JsonComponent<'_>> {
    let type_name = finding.component().metadata_type().app()?;
    let of_component = component(finding.component());
    Some(JsonComponent {
        r#type: type_name,
        name: finding.external_client_app().unwrap_or(of_component.name),
    })
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
