//! Why a finding is suppressed.

use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub kind: SuppressionKind,
    /// The reason of the exception or comment. A baseline has none.
    pub reason: Option<String>,
    /// The last day on which the suppression applies, `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// The person or team responsible for it.
    pub owner: Option<String>,
}

/// An exception that has expired and no longer applies to its findings.
#[derive(Debug, Clone)]
pub struct ExpiredException {
    /// The rule's id.
    pub rule: String,
    /// `Type:Name` of a component, or a glob.
    pub subject: String,
    pub suppression: Suppression,
}

/// An exception with an expiry date, whether it has an effect or not.
#[derive(Debug, Clone)]
pub struct DatedException {
    /// The rule's id.
    pub rule: String,
    /// `Type:Name` of a component, or a glob.
    pub subject: String,
    pub reason: String,
    pub owner: Option<String>,
    /// The last day on which it applies, `YYYY-MM-DD`.
    pub expires: String,
    pub is_expired: bool,
}

/// What suppresses a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionKind {
    /// An `[[exception]]` of the config.
    Exception,
    /// A comment in the file.
    Inline,
    /// An entry of the baseline.
    Baseline,
}

impl SuppressionKind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Inline => "inline",
            Self::Baseline => "baseline",
        }
    }
}
