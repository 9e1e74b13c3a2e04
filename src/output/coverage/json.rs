//! Published controls as JSON. Keys can be added within a version.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use crate::output::context::Context;
use crate::output::control_results::{ControlResult, ControlStatus, SourceResults};
use crate::output::json::JsonSeverities;
use crate::text::{ScannedText, to_json};

/// The version of the format.
const VERSION: u32 = 1;

/// The output of `forcelint coverage --format json`. Within a `version`, keys can be added, but none is
/// removed or changes its meaning.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "JSON coverage report of forcelint")]
struct JsonCoverage<'a> {
    /// The version of the format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// The version of forcelint.
    forcelint: &'static str,
    /// The absolute path of the checked project.
    root: ScannedText<'a>,
    /// The publishers of controls.
    authorities: Vec<JsonAuthority<'a>>,
    /// What could not be done. Not empty if the exit status is 2; then more controls can fail.
    errors: Vec<JsonError<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonAuthority<'a> {
    /// An id of forcelint's.
    id: &'a str,
    /// The name.
    name: &'a str,
    /// The page with the controls.
    url: &'a str,
    /// How many controls have each result.
    totals: JsonTotals,
    /// The controls.
    controls: Vec<JsonControl<'a>>,
}

#[derive(Serialize, JsonSchema, Default)]
struct JsonTotals {
    failed: usize,
    not_checked: usize,
    passed: usize,
    passed_in_part: usize,
    not_set: usize,
    nothing_to_check: usize,
    not_in_source: usize,
}

#[derive(Serialize, JsonSchema)]
struct JsonControl<'a> {
    /// The publisher's id, or forcelint's if there is none.
    id: &'a str,
    /// What the control requires, in forcelint's wording.
    title: &'a str,
    /// The page of the control; null if there is none.
    url: Option<&'a str>,
    /// The range of CVSS base scores that the publisher gives; null if there is none.
    cvss: Option<[f64; 2]>,
    /// The result. Only `passed` means that the control is met.
    result: JsonResult,
    /// Why source does not show the control, or a part of it; null if it does.
    not_in_source: Option<&'a str>,
    /// The ids of the rules that check it.
    rules: Vec<&'a str>,
    /// The ids of its rules that are off or not selected.
    rules_off: Vec<&'a str>,
    /// Findings of its rules that are not suppressed.
    findings: JsonSeverities,
    /// Findings that are accepted with a reason.
    accepted: usize,
    /// Findings in the baseline, which are not reviewed.
    baseline: usize,
    /// Results of its rules for single components.
    checks: JsonChecks,
}

/// The result of a control.
#[derive(Serialize, JsonSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum JsonResult {
    /// A rule has a finding, suppressed or not.
    Failed,
    /// A rule could not be checked for a component, or is off.
    NotChecked,
    /// Each component that the control is about passes.
    Passed,
    /// As `passed`, but source does not show all of the control.
    PassedInPart,
    /// A file of org settings does not have the setting. A deploy does not change it.
    NotSet,
    /// The checked files have no component that the control is about.
    NothingToCheck,
    /// Source does not show what the control is about.
    NotInSource,
}

#[derive(Serialize, JsonSchema)]
struct JsonChecks {
    /// The setting complies.
    passed: u64,
    /// A file of org settings does not have the setting.
    not_set: u64,
    not_checked: u64,
    failed: u64,
}

#[derive(Serialize, JsonSchema)]
struct JsonError<'a> {
    path: ScannedText<'a>,
    message: ScannedText<'a>,
}

pub(super) fn render<'a>(context: &Context<'a>, sources: &[SourceResults<'a>]) -> String {
    let authorities = sources.iter();
    let errors = context.report.errors().into_iter();
    to_json(&JsonCoverage {
        version: VERSION,
        forcelint: env!("CARGO_PKG_VERSION"),
        root: context.report.root(),
        authorities: authorities
            .map(|source| JsonAuthority {
                id: source.id,
                name: source.name,
                url: source.url,
                totals: totals(&source.totals()),
                controls: source.results.iter().map(control).collect(),
            })
            .collect(),
        errors: errors
            .map(|error| JsonError {
                path: error.path,
                message: error.message,
            })
            .collect(),
    })
}

/// The JSON Schema of the report.
pub fn coverage_schema() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings
        .into_generator()
        .into_root_schema_for::<JsonCoverage<'_>>();
    format!("{:#}\n", schema.to_value())
}

fn totals(counts: &[(ControlStatus, usize)]) -> JsonTotals {
    let mut totals = JsonTotals::default();
    for (status, count) in counts {
        *match status {
            ControlStatus::Failed => &mut totals.failed,
            ControlStatus::NotChecked => &mut totals.not_checked,
            ControlStatus::Passed => &mut totals.passed,
            ControlStatus::PassedInPart => &mut totals.passed_in_part,
            ControlStatus::NotSet => &mut totals.not_set,
            ControlStatus::NothingToCheck => &mut totals.nothing_to_check,
            ControlStatus::NotInSource => &mut totals.not_in_source,
        } = *count;
    }
    totals
}

fn control<'a>(result: &ControlResult<'a>) -> JsonControl<'a> {
    let control = result.control;
    JsonControl {
        id: &control.id,
        title: &control.name,
        url: control.url.as_deref(),
        cvss: control.cvss,
        result: match result.status {
            ControlStatus::Failed => JsonResult::Failed,
            ControlStatus::NotChecked => JsonResult::NotChecked,
            ControlStatus::Passed => JsonResult::Passed,
            ControlStatus::PassedInPart => JsonResult::PassedInPart,
            ControlStatus::NotSet => JsonResult::NotSet,
            ControlStatus::NothingToCheck => JsonResult::NothingToCheck,
            ControlStatus::NotInSource => JsonResult::NotInSource,
        },
        not_in_source: control.reason.as_deref().or(control.partly.as_deref()),
        rules: result.rules.clone(),
        rules_off: result.off.clone(),
        findings: JsonSeverities::of(result.found.reported),
        accepted: result.found.accepted,
        baseline: result.found.baseline,
        checks: JsonChecks {
            passed: result.tally.pass - result.tally.pass_unset,
            not_set: result.tally.pass_unset,
            not_checked: result.tally.not_checked,
            failed: result.tally.fail,
        },
    }
}
