//! The parts of a JSON line that a merged report needs. Unknown keys and kinds are ignored, as the format requires.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::rule::Severity;

/// The longest line, in bytes. A finding takes a few kilobytes, and the summary of a large run a few hundred.
pub(super) const MAX_LINE: u64 = 64 << 20;

/// A line of any kind.
#[derive(Deserialize)]
pub(super) struct Line<'a> {
    pub version: u64,
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    pub severity: Option<Severity>,
    #[serde(borrow)]
    pub app: Option<Component<'a>>,
    /// Of a line of the kind `more`.
    pub count: Option<usize>,
    pub suppressed: Option<IgnoredAny>,
    #[serde(borrow)]
    pub path: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub message: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub(super) struct Component<'a> {
    #[serde(borrow)]
    pub r#type: Cow<'a, str>,
    #[serde(borrow)]
    pub name: Cow<'a, str>,
}

/// The first line of a run.
#[derive(Deserialize)]
pub(super) struct Run {
    pub repository: Option<String>,
    pub host: Option<String>,
    pub projects: Vec<String>,
    pub options: Vec<String>,
    pub command_line: CommandLine,
    pub git: Vec<Git>,
    pub disabled_rules: Vec<IgnoredAny>,
    pub lowered_rules: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct CommandLine {
    pub select: Vec<String>,
    pub ignore: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Git {
    pub path: String,
    pub commit: Option<String>,
    pub branch: Option<String>,
    pub changed: usize,
    pub untracked: usize,
}

/// The last line of a run.
#[derive(Deserialize)]
pub(super) struct Summary {
    pub files_checked: u64,
    pub components: BTreeMap<String, u64>,
    pub findings: BTreeMap<Severity, usize>,
    pub suppressed: Suppressed,
    pub not_shown: NotShown,
    pub not_checked: usize,
    pub errors: usize,
    pub whole: bool,
    pub controls: Vec<Controls>,
    pub exceptions: Vec<Exception>,
    pub exit_status: u8,
}

#[derive(Deserialize)]
pub(super) struct Suppressed {
    pub exception: usize,
    pub inline: usize,
    pub baseline: usize,
}

#[derive(Deserialize)]
pub(super) struct NotShown {
    pub failing: usize,
}

#[derive(Deserialize)]
pub(super) struct Controls {
    pub authority: String,
    pub failed: Vec<String>,
    pub not_checked: Vec<String>,
    pub passed: Vec<String>,
    pub passed_in_part: Vec<String>,
    pub not_set: Vec<String>,
    pub nothing_to_check: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Exception {
    pub rule: String,
    pub subject: String,
    pub reason: String,
    pub owner: Option<String>,
    pub expires: String,
}
