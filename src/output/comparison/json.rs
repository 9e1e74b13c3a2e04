//! A comparison as JSON. Its shape is a contract, as that of the JSON report.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::view::{ComparisonReport, SettingView};
use crate::output::view::{ComponentView, FindingView};
use crate::rule::Severity;
use crate::text::{ScannedText, to_json};

/// The version of the format.
const VERSION: u32 = 1;

/// The output of `forcelint compare --format json`. Within a `version`, keys can be added, but none is removed or changes
/// its meaning.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Comparison of forcelint")]
struct JsonComparison<'a> {
    /// The version of the format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// The left side, as on the command line.
    left: ScannedText<'a>,
    /// The right side, as on the command line.
    right: ScannedText<'a>,
    /// Whether the right side has a finding at or above `--fail-on` that the left side does not have, or has with a lower
    /// severity.
    worse: bool,
    /// Settings that rules read and that differ.
    settings: Vec<JsonSetting<'a>>,
    /// Components that only the right side has.
    added: Vec<JsonComponent<'a>>,
    /// Components that only the left side has.
    removed: Vec<JsonComponent<'a>>,
    /// Findings that only the right side has.
    new: Vec<JsonChange<'a>>,
    /// Findings with another severity, as on the right side.
    changed: Vec<JsonChange<'a>>,
    /// Findings that only the left side has.
    gone: Vec<JsonChange<'a>>,
    /// Findings of the left side whose rule cannot be checked on the right side.
    no_longer_checked: Vec<JsonChange<'a>>,
    /// The number of findings that both sides have.
    unchanged: usize,
    /// What could not be done. Not empty if the exit status is 2.
    errors: Vec<JsonError<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonComponent<'a> {
    /// The metadata type, such as `ConnectedApp`.
    r#type: &'static str,
    /// The full name.
    name: ScannedText<'a>,
}

#[derive(Serialize, JsonSchema)]
struct JsonSetting<'a> {
    /// The component.
    component: JsonComponent<'a>,
    /// The names of the elements below the root; a repeated element has its name in brackets.
    path: ScannedText<'a>,
    /// The values on the left side. Empty if it is not set there. Secrets are masked.
    left: Vec<ScannedText<'a>>,
    /// The values on the right side. Empty if it is not set there. Secrets are masked.
    right: Vec<ScannedText<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct JsonChange<'a> {
    /// The rule's id.
    rule: &'a str,
    /// The severity.
    severity: Severity,
    /// The severity on the left side; null if the left side does not have the finding, or if it is the same.
    former_severity: Option<Severity>,
    /// What is wrong.
    message: ScannedText<'a>,
    /// The component.
    component: JsonComponent<'a>,
    /// The file, relative to the side.
    path: ScannedText<'a>,
    /// The line of the finding, from 1.
    line: usize,
    /// The column of the finding, from 1.
    column: usize,
    /// The fingerprint, which is the same on both sides.
    fingerprint: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct JsonError<'a> {
    /// `left` or `right`.
    side: &'static str,
    /// The file or folder.
    path: ScannedText<'a>,
    /// What could not be done, as a sentence without its subject.
    message: ScannedText<'a>,
}

pub(super) fn render(report: &ComparisonReport<'_>) -> String {
    let changed = report.changed().into_iter();
    let changed = changed.map(|(left, it)| JsonChange {
        former_severity: Some(left),
        ..finding(it)
    });
    let errors = report.errors().map(|(side, path, message)| JsonError {
        side: side.name(),
        path,
        message,
    });
    to_json(&JsonComparison {
        version: VERSION,
        left: report.left(),
        right: report.right(),
        worse: report.is_worse(),
        settings: report.settings().map(setting).collect(),
        added: components(report.added()),
        removed: components(report.removed()),
        new: findings(report.new_findings()),
        changed: changed.collect(),
        gone: findings(report.gone()),
        no_longer_checked: findings(report.no_longer_checked()),
        unchanged: report.unchanged(),
        errors: errors.collect(),
    })
}

fn components(all: Vec<ComponentView<'_>>) -> Vec<JsonComponent<'_>> {
    all.into_iter().map(component).collect()
}

fn findings(all: Vec<FindingView<'_>>) -> Vec<JsonChange<'_>> {
    all.into_iter().map(finding).collect()
}

fn component(component: ComponentView<'_>) -> JsonComponent<'_> {
    JsonComponent {
        r#type: component.type_name(),
        name: component.name(),
    }
}

fn setting(setting: SettingView<'_>) -> JsonSetting<'_> {
    JsonSetting {
        component: component(setting.component()),
        path: setting.path(),
        left: setting.left(),
        right: setting.right(),
    }
}

fn finding(finding: FindingView<'_>) -> JsonChange<'_> {
    let location = finding.location();
    JsonChange {
        rule: finding.rule(),
        severity: finding.severity(),
        former_severity: None,
        message: finding.message(),
        component: component(finding.component()),
        path: location.path(),
        line: location.start().line,
        column: location.start().column,
        fingerprint: finding.fingerprint(),
    }
}

/// The JSON Schema of a comparison, made from its types.
pub fn comparison_schema() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let generator = settings.into_generator();
    let schema = generator.into_root_schema_for::<JsonComparison<'_>>();
    let mut text = format!("{:#}", schema.to_value());
    text.push('\n');
    text
}
