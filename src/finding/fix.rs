//! The fix of a finding.

use std::sync::Arc;

use crate::text::Position;

/// A change of the file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Where the replaced text starts.
    pub start: Position,
    /// Exclusive; equal to `start` for an insertion.
    pub end: Position,
    /// The new text.
    pub text: String,
}

/// How to fix a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the fix does.
    pub title: String,
    pub applicability: Applicability,
    /// They do not overlap.
    pub edits: Vec<Edit>,
    /// An edit contains a secret of the file, so that reports do not show them.
    pub contains_secret: bool,
    /// It corrects the name of a field. Other fixes in the file depend on that.
    pub corrects_name: bool,
}

/// Whether a fix can be deployed without other changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applicability {
    /// Deploying the fixed file breaks no client.
    Safe,
    /// Clients must be updated before the fixed file is deployed.
    NeedsRollout {
        /// What to do before, in sentences.
        instructions: Arc<str>,
    },
}

impl Applicability {
    /// The name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::NeedsRollout { .. } => "needs-rollout",
        }
    }

    /// What to do before the fixed file is deployed.
    pub fn rollout(&self) -> Option<&str> {
        match self {
            Self::Safe => None,
            Self::NeedsRollout { instructions } => Some(instructions),
        }
    }
}
