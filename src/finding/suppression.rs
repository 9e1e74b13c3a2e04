//! Why a finding is suppressed.

use schemars::JsonSchema;
use serde::Serialize;

/// Why a finding does not fail a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub kind: SuppressionKind,
    /// The reason that was given; a baseline gives none.
    pub reason: Option<String>,
    /// The last day on which the suppression applies, `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// Who is responsible for it.
    pub owner: Option<String>,
}

/// An exception that no longer suppresses the findings that it is about.
#[derive(Debug, Clone)]
pub struct ExpiredException {
    /// The rule's id.
    pub rule: String,
    /// `Type:Name` of a component, or a glob.
    pub subject: String,
    pub suppression: Suppression,
}

/// What suppresses a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionKind {
    /// An `[[exception]]` of the config.
    Exception,
    /// A comment in the file.
    Inline,
    /// The baseline has it.
    Baseline,
}

impl SuppressionKind {
    /// The name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Inline => "inline",
            Self::Baseline => "baseline",
        }
    }
}
