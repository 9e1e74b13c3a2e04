//! Attack stories: findings of one app that together form a path for an attacker.
//!
//! `rules/stories/*.toml`, which the build script embeds, define them.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::rule::Severity;

/// The known stories, in the order of their ids.
pub static STORIES: LazyLock<Vec<StoryDefinition>> = LazyLock::new(|| {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/stories.msgpack"));
    // Tests read the embedded stories.
    rmp_serde::from_slice(packed).expect("the files in rules/stories are valid")
});

/// A story.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryDefinition {
    pub id: String,
    /// What the attacker achieves, in a few words.
    pub title: String,
    /// A component has the story only with findings for at least this many steps.
    pub min_steps: usize,
    /// The steps in the order of the attack.
    pub step: Vec<StoryStep>,
}

/// A step of a story.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryStep {
    /// Any of these findings makes the step possible.
    pub findings: Vec<StoryEvidence>,
    /// What the findings let the attacker do, as a sentence without a period.
    pub text: String,
    /// Without a finding for this step, there is no story.
    #[serde(default)]
    pub required: bool,
    /// How much more the attacker reaches with this step. Stories that reach more come first.
    #[serde(default)]
    pub reach: u32,
}

/// Findings that make a step possible.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryEvidence {
    /// The rule's id.
    pub rule: String,
    /// Findings below this severity are not meant: they can be about an app that is protected otherwise.
    pub severity: Option<Severity>,
    /// Only findings in files of this metadata type are meant.
    pub metadata: Option<String>,
}

impl StoryEvidence {
    /// Whether a finding is meant.
    pub(crate) fn is(&self, rule: &str, severity: Severity, metadata_type: &str) -> bool {
        self.rule == rule
            && self.severity.is_none_or(|lowest| severity >= lowest)
            && self.metadata.as_ref().is_none_or(|it| it == metadata_type)
    }
}
