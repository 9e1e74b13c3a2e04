//! Compiled rules.

use std::sync::Arc;

use super::condition::Condition;
use super::example::Example;
use super::field_path::FieldPath;
use super::message::Message;
use super::model::Control;
use super::severity::Severity;

use crate::project::MetadataType;
use crate::schema::ApiVersion;

/// The id of the rule about malformed files. It is always on.
pub const MALFORMED: &str = "malformed-metadata";

/// A compiled rule. `RuleFile` in `model.rs` explains the fields that both have.
#[derive(Debug)]
pub struct Rule {
    pub id: String,
    pub title: String,
    /// The default severity of a finding.
    pub severity: Severity,
    /// The severity that the config sets for all findings.
    pub severity_override: Option<Severity>,
    pub cvss: Option<[f64; 2]>,
    pub cwe: Vec<u32>,
    pub tags: Vec<String>,
    pub covers: Vec<String>,
    /// Empty if a user's rule has none.
    pub url: String,
    pub references: Vec<String>,
    pub help: Arc<str>,
    pub setup: Vec<String>,
    pub exceptions: Option<String>,
    pub notes: Option<String>,
    pub include_forceignored: bool,
    pub secret: bool,
    pub fallback: bool,
    pub control: Control,
    /// Only empty for `MALFORMED`, which the parser checks.
    pub checks: Vec<Check>,
    pub examples: Vec<Example>,
}

impl Rule {
    /// Sets the severity of all findings.
    pub fn override_severity(&mut self, severity: Severity) {
        self.severity = severity;
        self.severity_override = Some(severity);
    }

    /// The highest severity that findings can have if the config does not set one.
    pub fn highest_severity(&self) -> Severity {
        let of_checks = self.checks.iter().flat_map(|check| {
            let risks = check.risks.iter().filter_map(|risk| risk.severity);
            risks.chain([check.severity])
        });
        of_checks.max().unwrap_or(self.severity)
    }

    /// The severities that findings of this rule can have: the default one first, then the highest to the
    /// lowest.
    pub fn possible_severities(&self) -> Vec<Severity> {
        if let Some(severity) = self.severity_override {
            return vec![severity];
        }
        let mut others: Vec<Severity> = Vec::new();
        for check in &self.checks {
            let risks = check.risks.iter().filter_map(|risk| risk.severity);
            for base in risks.chain([check.severity]) {
                let mut severity = base;
                others.push(severity);
                for _ in &check.mitigations {
                    severity = severity.lowered();
                    others.push(severity);
                }
            }
        }
        others.sort_unstable();
        others.dedup();
        others.retain(|&severity| severity != self.severity);
        others.push(self.severity);
        others.reverse();
        others
    }

    /// The pages about the rule: its URL, if it has one, and further reading.
    pub fn pages(&self) -> impl Iterator<Item = &str> {
        let url = [&self.url].into_iter().filter(|url| !url.is_empty());
        url.chain(&self.references).map(String::as_str)
    }

    /// Whether findings of this rule can have a fix.
    pub fn is_fixable(&self) -> bool {
        self.checks
            .iter()
            .any(|check| check.fix.is_some() || check.risks.iter().any(|risk| risk.fix.is_some()))
    }

    /// The metadata types that the rule checks, each once.
    pub fn metadata_types(&self) -> Vec<MetadataType> {
        let mut types: Vec<_> = self
            .checks
            .iter()
            .map(|check| check.metadata_type)
            .collect();
        types.sort_unstable_by_key(|metadata_type| (metadata_type.name(), *metadata_type));
        types.dedup();
        types
    }

    /// The metadata types that its conditions read in other files. Some may be repeated.
    pub fn read_types(&self) -> Vec<MetadataType> {
        let mut types = Vec::new();
        for check in &self.checks {
            let evidence = check.risks.iter().map(|risk| &risk.when);
            let evidence = evidence.chain(check.mitigations.iter().map(|it| &it.when));
            let asked = check.when.iter().chain([&check.require]).chain(evidence);
            asked.for_each(|condition| condition.read_types(&mut types));
        }
        types
    }
}

/// A requirement for one metadata type.
#[derive(Debug, Clone)]
pub struct Check {
    pub metadata_type: MetadataType,
    /// The elements that are checked one by one. Without it, the root is checked.
    pub each: Option<FieldPath>,
    /// The check applies only where this is true.
    pub when: Option<Condition>,
    pub require: Condition,
    /// The first API version that has the fields of the fix.
    pub since: Option<ApiVersion>,
    /// The severity if no risk sets another.
    pub severity: Severity,
    pub message: Message,
    /// The reason for the severity if no risk applies.
    pub because: Option<String>,
    pub fix: Option<Recipe>,
    /// Evidence that decides the severity. The first risk that applies is used.
    pub risks: Vec<Risk>,
    /// Evidence that lowers the severity, each by one level.
    pub mitigations: Vec<Mitigation>,
    /// Some of the evidence is in other files.
    pub severity_needs_other_files: bool,
}

/// How to fix a finding.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// At least one.
    pub steps: Vec<Step>,
    /// What has to be done before the fixed file is deployed. `None` if the fix is safe.
    pub rollout: Option<Arc<str>>,
}

/// A step of a fix. Paths start at the context.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sets a field to a value. A missing field is inserted.
    Set { path: FieldPath, to: String },
    /// Removes an element. If the finding is about one of several, only that one.
    Remove { path: FieldPath },
    /// Replaces what a pattern matches in the reported value.
    Replace {
        /// A pattern in the syntax of the `regex` crate.
        pattern: String,
        /// The replacement, with `$1` for the first group.
        with: String,
    },
    /// Replaces a name or value with the only valid spelling.
    Repair,
}

impl Recipe {
    /// What the fix does, in the imperative, such as ``Set `a` to `b` ``.
    pub fn title(&self) -> String {
        let steps: Vec<String> = self.steps.iter().map(Step::title).collect();
        let mut title = steps.join(", ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        title
    }
}

impl Step {
    fn title(&self) -> String {
        match self {
            Self::Set { path, to } => format!("set `{}` to `{to}`", path.last()),
            Self::Remove { path } if path.is_start() => "remove the element".to_owned(),
            Self::Remove { path } => format!("remove `{}`", path.last()),
            Self::Replace { pattern, with } => format!("replace `{pattern}` with `{with}`"),
            Self::Repair => "replace with the only valid spelling".to_owned(),
        }
    }
}

/// Evidence that decides the severity.
#[derive(Debug, Clone)]
pub struct Risk {
    /// The risk applies if this is true.
    pub when: Condition,
    /// The severity, if it differs from the check's.
    pub severity: Option<Severity>,
    /// A message that replaces the check's.
    pub message: Option<Message>,
    /// Why the evidence matters.
    pub because: String,
    /// The fix needs no rollout if this risk applies.
    pub safe: bool,
    /// A fix that replaces the check's.
    pub fix: Option<Recipe>,
}

/// Evidence of another protection, which lowers the severity.
#[derive(Debug, Clone)]
pub struct Mitigation {
    /// The mitigation applies if this is true.
    pub when: Condition,
    /// Why it helps.
    pub because: String,
}
