//! The shape of `forcelint.toml`.
//!
//! In: TOML. Out: the same as plain structures, with the places of what [`super::Config`] may have
//! to complain about. The JSON Schema of the file is made from these types, and their comments are
//! what editors show.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use toml::value::Datetime;

use crate::rule::{Severity, Spanned};

/// The name of the file.
pub(crate) const CONFIG_FILE: &str = "forcelint.toml";

/// What a project sets for forcelint. The command line has the last word on each key.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "forcelint.toml")]
pub(crate) struct ConfigTable {
    /// Only these rules and tags. Without it, all rules.
    #[serde(default)]
    pub select: Vec<Spanned<String>>,
    /// Not these rules and tags.
    #[serde(default)]
    pub ignore: Vec<Spanned<String>>,
    /// Files and folders that are not looked at, by globs as in `.gitignore`, from the folder of
    /// this file. They are not asked either for what other files say.
    #[serde(default)]
    pub exclude: Vec<Spanned<String>>,
    /// Files and folders with rules of your own, below the folder of this file.
    #[serde(default)]
    pub rule_paths: Vec<Spanned<String>>,
    /// The mildest severity that is reported. Whatever fails the run always is. Without it, `low`.
    pub min_severity: Option<Spanned<Severity>>,
    /// The mildest severity that fails the run. Without it, `low`.
    pub fail_on: Option<Spanned<Failing>>,
    /// The findings that were there before: a file that `forcelint baseline` wrote, below the
    /// folder of this file.
    pub baseline: Option<Spanned<String>>,
    /// Rules by their ids: the severity of all that they find, or `off`.
    #[serde(default)]
    pub rules: BTreeMap<String, Spanned<Level>>,
    /// Findings that do not count, each with the reason.
    #[serde(default)]
    pub exception: Vec<Spanned<ExceptionTable>>,
}

/// What a rule's findings count for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// The rule is not held against anything.
    Off,
    /// Worth knowing.
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
    /// The severity; none for a rule that is off.
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

/// What fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Failing {
    /// No finding does.
    Never,
    /// Any finding.
    Info,
    /// From `low` on.
    Low,
    /// From `medium` on.
    Medium,
    /// From `high` on.
    High,
    /// Critical ones alone.
    Critical,
}

impl Failing {
    /// The mildest severity that does.
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

/// Findings of one rule, about one component or below one path, that do not count.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExceptionTable {
    /// The rule's id.
    pub rule: Spanned<String>,
    /// The component, as `Type:Name`. Either this or `path`.
    pub component: Option<Spanned<String>>,
    /// Files and folders, by a glob as in `.gitignore`, from the folder of this file. Either this
    /// or `component`.
    pub path: Option<Spanned<String>>,
    /// Why these findings are acceptable. Reports show it.
    pub reason: Spanned<String>,
    /// The last day (UTC) on which the exception holds, as a date without quotes.
    #[schemars(with = "Option<Day>")]
    pub expires: Option<Spanned<Datetime>>,
    /// Who answers for it.
    pub owner: Option<String>,
}

/// A day. TOML has dates of its own, which its editors hold against the schema of a text.
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
