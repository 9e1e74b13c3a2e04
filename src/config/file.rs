//! The structure of `forcelint.toml`.
//!
//! Its JSON Schema is generated from these types, and editors show their comments.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use toml::value::Datetime;

use crate::rule::{Severity, Spanned};

pub(crate) const CONFIG_FILE: &str = "forcelint.toml";

/// The settings of a project for forcelint. Command-line options take precedence.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "forcelint.toml")]
pub(crate) struct ConfigTable {
    /// Check only these rules and tags. Default: all rules.
    #[serde(default)]
    pub select: Vec<Spanned<String>>,
    /// Do not check these rules and tags.
    #[serde(default)]
    pub ignore: Vec<Spanned<String>>,
    /// Skip these files and folders: globs as in `.gitignore`, relative to the folder of this file.
    /// Excluded files are invisible to every rule, including rules that read other files.
    #[serde(default)]
    pub exclude: Vec<Spanned<String>>,
    /// Files and folders with custom rules, in the folder of this file.
    #[serde(default)]
    pub rule_paths: Vec<Spanned<String>>,
    /// Lowest severity to report. Default: `low`, or `fail-on` if that is lower.
    pub min_severity: Option<Spanned<Severity>>,
    /// Lowest severity that fails the run. Default: `low`.
    pub fail_on: Option<Spanned<Failing>>,
    /// Whether a rule that cannot be checked for a component fails the run. Default: `false`.
    pub fail_on_unchecked: Option<Spanned<bool>>,
    /// File with existing findings to suppress, written by `forcelint baseline`, in the folder of
    /// this file.
    pub baseline: Option<Spanned<String>>,
    /// The severity of each rule's findings by the id of the rule, or `off`.
    #[serde(default)]
    #[schemars(extend("examples" = [{"pkce-required": "off"}]))]
    pub rules: BTreeMap<String, Spanned<Level>>,
    /// Findings to suppress, each with a reason.
    #[serde(default)]
    pub exception: Vec<Spanned<ExceptionTable>>,
}

/// The severity of a rule's findings, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// The rule is not checked.
    Off,
    /// For information.
    Info,
    /// CVSS 0.1 to 3.9.
    Low,
    /// CVSS 4.0 to 6.9.
    Medium,
    /// CVSS 7.0 to 8.9.
    High,
    /// CVSS 9.0 to 10.0.
    Critical,
}

impl Level {
    /// The severity, or `None` for `off`.
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
        }
    }
}

/// The lowest severity that fails the run, or `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Failing {
    /// No finding fails the run.
    Never,
    /// Any finding fails the run.
    Info,
    /// Low, medium, high and critical findings fail the run.
    Low,
    /// Medium, high and critical findings fail the run.
    Medium,
    /// High and critical findings fail the run.
    High,
    /// Only critical findings fail the run.
    Critical,
}

impl Failing {
    /// The severity, or `None` for `never`.
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            Self::Never => None,
            Self::Info => Some(Severity::Info),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
        }
    }
}

/// Suppresses the findings of one rule for one component, or for the files that a path matches.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExceptionTable {
    /// The id of the rule.
    pub rule: Spanned<String>,
    /// The component, as `Type:Name`. Set either `component` or `path`.
    pub component: Option<Spanned<String>>,
    /// Files and folders: a glob as in `.gitignore`, relative to the folder of this file. Set either
    /// `component` or `path`.
    pub path: Option<Spanned<String>>,
    /// Why these findings are acceptable. Reports show it.
    pub reason: Spanned<String>,
    /// The last day (UTC) on which the exception applies, as a date without quotes.
    #[schemars(with = "Option<Day>")]
    pub expires: Option<Spanned<Datetime>>,
    /// The person or team responsible for the exception.
    pub owner: Option<String>,
}

/// A date. TOML has a date type, which editors validate against the schema of a string.
struct Day;

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Day")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

/// The JSON Schema of `forcelint.toml`.
pub(crate) fn schema() -> serde_json::Value {
    schemars::schema_for!(ConfigTable).to_value()
}
