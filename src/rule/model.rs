//! The shape of a rule file.
//!
//! In: TOML. Out: the same as plain structures, with the places of what `compile` may have to
//! complain about. Meaning is given to them there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::Severity;

/// A rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub id: String,
    pub title: String,
    pub severity: Severity,
    pub cvss: Option<[f64; 2]>,
    #[serde(default)]
    pub cwe: Vec<u32>,
    #[serde(default)]
    pub tags: Vec<String>,
    pub url: String,
    pub help: String,
    #[serde(default)]
    pub control: Control,
    #[serde(default)]
    pub condition: BTreeMap<String, Spanned<ConditionTable>>,
    #[serde(default)]
    pub check: Vec<CheckTable>,
    #[serde(default)]
    pub test: Vec<Example>,
}

/// The control behind a rule, in our words. The parts are those of a page of Salesforce's
/// Security Health Review.
#[derive(Debug, Default, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Control {
    /// What Salesforce calls it.
    pub name: String,
    /// Its page.
    pub url: String,
    /// The recommended configuration.
    pub recommended: String,
    /// What it is about.
    pub overview: String,
    /// The risk when it is not configured.
    pub risk: String,
    /// How it is attacked.
    pub threat: String,
    /// What an attack leads to.
    pub impact: String,
    /// When the risk is higher.
    pub higher_risk_when: String,
    /// When it is lower.
    pub lower_risk_when: String,
    /// What the change means for integrations and the business.
    pub business: String,
    /// How to remedy it.
    pub remediation: String,
    /// What the review says about it.
    pub guidance: String,
}

impl Control {
    /// Whether the rule has no control behind it.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty()
    }

    /// The parts that tell about the control, each with a heading, in reading order.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("Recommended", &self.recommended),
            ("What it is", &self.overview),
            ("Risk", &self.risk),
            ("Threat", &self.threat),
            ("Impact", &self.impact),
            ("Higher risk when", &self.higher_risk_when),
            ("Lower risk when", &self.lower_risk_when),
            ("For integrations and the business", &self.business),
            ("Remediation", &self.remediation),
            ("Review guidance", &self.guidance),
        ]
        .into_iter()
        .map(|(heading, text)| (heading, text.trim()))
        .filter(|(_, text)| !text.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckTable {
    pub metadata: Spanned<String>,
    pub each: Option<Spanned<String>>,
    pub when: Option<Spanned<ConditionTable>>,
    pub require: Spanned<ConditionTable>,
    pub since: Option<Spanned<String>>,
    pub severity: Option<Severity>,
    pub message: String,
    pub because: Option<String>,
    pub fix: Option<RecipeTable>,
    #[serde(default)]
    pub risk: Vec<RiskTable>,
    #[serde(default)]
    pub mitigation: Vec<MitigationTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecipeTable {
    pub set: Spanned<String>,
    pub to: String,
    pub rollout: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RiskTable {
    pub when: Spanned<ConditionTable>,
    pub severity: Option<Severity>,
    pub message: Option<String>,
    pub because: String,
    /// Only `false` says something: that the fix is safe here.
    pub rollout: Option<Spanned<bool>>,
    pub fix: Option<RecipeTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MitigationTable {
    pub when: Spanned<ConditionTable>,
    pub because: String,
}

/// A condition as it is written; which keys may stand together is checked when it is compiled.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionTable {
    pub field: Option<Spanned<String>>,
    pub exists: Option<bool>,
    pub is: Option<Scalar>,
    #[serde(rename = "in")]
    pub one_of: Option<Vec<String>>,
    pub matches: Option<Spanned<String>>,
    pub except: Option<Spanned<String>>,
    pub split: Option<SplitName>,
    #[serde(default)]
    pub every: bool,
    pub absent: Option<AbsentName>,
    pub label: Option<String>,
    pub all: Option<Vec<Spanned<ConditionTable>>>,
    pub any: Option<Vec<Spanned<ConditionTable>>>,
    pub not: Option<Box<Spanned<ConditionTable>>>,
    pub project: Option<Box<Spanned<ConditionTable>>>,
    pub related: Option<Box<Spanned<ConditionTable>>>,
    pub metadata: Option<Spanned<String>>,
    pub by: Option<String>,
    pub condition: Option<Spanned<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Boolean(bool),
    Text(String),
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) enum SplitName {
    #[serde(rename = "lines")]
    Lines,
    #[serde(rename = ",")]
    Commas,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum AbsentName {
    Complies,
    Violates,
    Unknown,
}

/// A `[[test]]` table: a component, and what the rule must say of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What is shown.
    pub name: String,
    /// The component's type.
    pub metadata: String,
    /// Its full name; `Example` when not given.
    #[serde(default = "example_component")]
    pub component: String,
    /// The file.
    pub xml: String,
    /// Other files of the project.
    #[serde(default)]
    pub with: Vec<ExampleFile>,
    /// The text of `sfdx-project.json`, when more than one package directory matters.
    pub project: Option<String>,
    /// The findings of this rule in the file, in order.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// The rule has to say that it cannot judge.
    #[serde(default)]
    pub not_judged: bool,
    /// The text of the file after `--fix=all`; unchanged when not given.
    pub fixed: Option<String>,
}

fn example_component() -> String {
    "Example".to_owned()
}

/// Another file in an [`Example`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    /// The component's type.
    pub metadata: String,
    /// Its full name.
    #[serde(default = "example_component")]
    pub component: String,
    /// The folder that it lies in, from the project's; another package directory than that of the
    /// example's own file if `project` says so.
    #[serde(default = "example_directory")]
    pub directory: String,
    /// The file.
    pub xml: String,
}

fn example_directory() -> String {
    "force-app".to_owned()
}

/// A finding that an [`Example`] must have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Line of the primary span, from 1.
    pub line: usize,
    /// The severity.
    pub severity: Severity,
    /// Which fix it has.
    pub fix: Option<ExampleFix>,
    /// Lines of the evidence in the same file, in order.
    pub evidence: Option<Vec<usize>>,
}

/// The fix of an expected finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExampleFix {
    /// Applied by `--fix`.
    Safe,
    /// Applied by `--fix=all`.
    Rollout,
    /// None is offered.
    None,
}
