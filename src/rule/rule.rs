//! What must hold: rules as data.
//!
//! In: the TOML of rule files. Out: [`Rule`]s, compiled once and ready to be held against trees,
//! and the [`RuleSet`] that a run selects from them. A rule touches no file.

use super::condition::{Condition, FieldPath};
use super::example::Example;
use super::message::Message;
use super::model::Control;
use super::severity::Severity;

use crate::project::MetadataType;
use crate::schema::ApiVersion;

/// The id of the rule about malformed files. It is always on.
pub const MALFORMED: &str = "malformed-metadata";

/// A rule, ready to use.
#[derive(Debug)]
pub struct Rule {
    /// What `--select` and reports call it, in kebab-case.
    pub id: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// The severity of a finding about which nothing more is known.
    pub severity: Severity,
    /// The severity of every finding, whatever is known about it, if the user says so.
    pub severity_override: Option<Severity>,
    /// The range of CVSS base scores that the control's page gives.
    pub cvss: Option<[f64; 2]>,
    /// CWE numbers.
    pub cwe: Vec<u32>,
    /// What else `--select` finds it by.
    pub tags: Vec<String>,
    /// Ids of published controls that it checks.
    pub covers: Vec<String>,
    /// The control's page, or the best public reference.
    pub url: String,
    /// Further pages.
    pub references: Vec<String>,
    /// What to do about a finding, in a sentence.
    pub help: String,
    /// Where the setting is in Setup, as paths of menus.
    pub setup: Vec<String>,
    /// When it is right to leave a finding.
    pub exceptions: Option<String>,
    /// What the rule's authors add.
    pub notes: Option<String>,
    /// It looks into files too that `.forceignore` names.
    pub include_forceignored: bool,
    /// What it finds is a secret, whose text is never shown.
    pub secret: bool,
    /// It keeps silent where another rule reported the same element.
    pub fallback: bool,
    /// The control behind the rule.
    pub control: Control,
    /// What is checked; empty only for `MALFORMED`, which the parser checks.
    pub checks: Vec<Check>,
    /// The `[[test]]` tables.
    pub examples: Vec<Example>,
}

impl Rule {
    /// Gives all of its findings one severity.
    pub fn override_severity(&mut self, severity: Severity) {
        self.severity = severity;
        self.severity_override = Some(severity);
    }

    /// Every severity with which a finding of this rule can come out, the rule's own first, then
    /// from the severest down.
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

    /// Whether some finding of this rule has a fix.
    pub fn is_fixable(&self) -> bool {
        self.checks
            .iter()
            .any(|check| check.fix.is_some() || check.risks.iter().any(|risk| risk.fix.is_some()))
    }

    /// The metadata types that the rule looks at, each once.
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

    /// The metadata types that its conditions ask about from other files; some may be repeated.
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

/// What one metadata type has to satisfy.
#[derive(Debug, Clone)]
pub struct Check {
    /// The type.
    pub metadata_type: MetadataType,
    /// The elements that are judged one by one; without it, the root is.
    pub each: Option<FieldPath>,
    /// When the check applies at all.
    pub when: Option<Condition>,
    /// What has to hold.
    pub require: Condition,
    /// The first API version that knows the fields of the fix.
    pub since: Option<ApiVersion>,
    /// The severity when no risk says another.
    pub severity: Severity,
    /// What to say.
    pub message: Message,
    /// Why the severity is what it is when no risk says another.
    pub because: Option<String>,
    /// How to make it hold.
    pub fix: Option<Recipe>,
    /// Evidence that decides the severity; the first that holds does.
    pub risks: Vec<Risk>,
    /// Evidence that lowers it by one band each.
    pub mitigations: Vec<Mitigation>,
    /// Some of that evidence stands in other files.
    pub severity_needs_other_files: bool,
}

/// How to mend a finding.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// What to do, all of it; at least one step.
    pub steps: Vec<Step>,
    /// What somebody has to do before the mended file is deployed; `None` means the fix is safe.
    pub rollout: Option<String>,
}

/// A part of mending a finding.
#[derive(Debug, Clone)]
pub enum Step {
    /// A field gets a value, and is inserted when it is missing.
    Set {
        /// The field, from the context.
        path: FieldPath,
        /// Its new value.
        to: String,
    },
    /// An element goes, or of several the one that the finding is about.
    Remove {
        /// The element, from the context.
        path: FieldPath,
    },
    /// What a pattern matches in the value that the finding is about becomes something else.
    Replace {
        /// The pattern, in the syntax of the `regex` crate.
        pattern: String,
        /// What to put there, with `$1` for groups.
        with: String,
    },
    /// The one name or value that can have been meant.
    Repair,
}

impl Recipe {
    /// What it does, in the imperative, such as ``Set `a` to `b` ``.
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
            Self::Replace { pattern, with } => format!("replace `{pattern}` by `{with}`"),
            Self::Repair => "put what can only have been meant".to_owned(),
        }
    }
}

/// Evidence of how much is at stake.
#[derive(Debug, Clone)]
pub struct Risk {
    /// The evidence.
    pub when: Condition,
    /// The severity that it gives, if not the check's.
    pub severity: Option<Severity>,
    /// What to say instead of the check's message.
    pub message: Option<Message>,
    /// Why the evidence matters.
    pub because: String,
    /// The fix needs no roll-out here.
    pub safe: bool,
    /// Another fix than the check's.
    pub fix: Option<Recipe>,
}

/// Evidence that something else protects as well.
#[derive(Debug, Clone)]
pub struct Mitigation {
    /// The evidence.
    pub when: Condition,
    /// Why it helps.
    pub because: String,
}
