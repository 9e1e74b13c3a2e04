//! What the settings of a run turn off or lower, so that a reviewer of a report sees it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::rule::Severity;

/// How the settings make a run find, show or fail less than the defaults do.
#[derive(Debug, Clone, Default)]
pub struct Relaxations {
    /// The name of the config file.
    pub config: String,
    /// The rules that the config turns off, by id.
    pub disabled_rules: Vec<DisabledRule>,
    /// The rules whose severity the config lowers, by id.
    pub lowered_rules: Vec<LoweredRule>,
    /// Settings that are weaker than their defaults.
    pub weaker_settings: Vec<WeakerSetting>,
    /// Rules and tags of `--select`.
    pub select: Vec<String>,
    /// Rules and tags of `--ignore`.
    pub ignore: Vec<String>,
}

/// A rule that the config turns off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisabledRule {
    /// The rule's id.
    pub rule: String,
    pub by: DisabledBy,
    /// The line of the config.
    pub line: usize,
}

/// The key of the config that turns a rule off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DisabledBy {
    /// `select` does not include the rule.
    Select,
    /// `ignore` includes the rule.
    Ignore,
    /// `[rules]` sets the rule to `off`.
    Rules,
}

/// A rule whose findings have a lower severity than they would have without the config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoweredRule {
    /// The rule's id.
    pub rule: String,
    /// The severity of all of its findings.
    pub severity: Severity,
    /// The highest severity that its findings can have without the config.
    pub highest: Severity,
    /// The line of the config.
    pub line: usize,
}

/// A setting that is weaker than its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeakerSetting {
    pub setting: ThresholdSetting,
    /// The name of the severity, or `never`.
    pub value: &'static str,
    /// The same for the default.
    pub default: &'static str,
    pub source: SettingSource,
}

/// A setting that is a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ThresholdSetting {
    /// The lowest severity that fails the run.
    FailOn,
    /// The lowest severity that is shown.
    MinSeverity,
}

impl ThresholdSetting {
    /// The key in the config, and the name of the option.
    pub fn name(self) -> &'static str {
        match self {
            Self::FailOn => "fail-on",
            Self::MinSeverity => "min-severity",
        }
    }
}

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SettingSource {
    /// `forcelint.toml`, or the file of `--config`.
    Config,
    /// An option of the command line.
    CommandLine,
}
