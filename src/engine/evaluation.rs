//! The state of an evaluation of conditions.

use super::component_index::ComponentIndex;
use super::evidence::{Evaluated, Evidence, first_distinct};
use super::truth::Truth;
use crate::finding::UnknownReason;
use crate::rule::{CrossFile, FieldPath, Key};

/// The state of an evaluation, which all evaluated conditions add to.
#[derive(Debug, Default)]
pub(crate) struct Evaluation {
    pub evidence: Vec<Evidence>,
    /// Why something is unknown or what is missing: the first reason found.
    pub reason: Option<UnknownReason>,
    /// What is missing, so that a condition is false: the first one found.
    pub missing: Option<UnknownReason>,
    /// What makes a requirement about the number of elements false.
    pub counterexamples: Vec<Evidence>,
    /// A condition needs other files, which have not been read. The other results are void then.
    pub needs_index: bool,
    /// A condition depends on something that changed, so its result may have been different before.
    pub uses_changed: bool,
}

impl Evaluation {
    /// Sets the reason, unless there already is one.
    pub(super) fn because(&mut self, reason: impl FnOnce() -> UnknownReason) {
        if self.reason.is_none() {
            self.reason = Some(reason());
        }
    }

    /// Sets what is missing, unless that is known already.
    pub(super) fn is_missing(&mut self, reason: impl FnOnce() -> UnknownReason) {
        let reason = reason();
        self.because(|| reason.clone());
        self.missing.get_or_insert(reason);
    }

    pub(super) fn unknown(&mut self, reason: impl FnOnce() -> UnknownReason) -> Truth {
        self.because(reason);
        Truth::Unknown
    }

    /// The results of this evaluation, whose value is `truth`.
    pub(super) fn evaluated(self, truth: Truth) -> Evaluated {
        Evaluated {
            truth,
            evidence: first_distinct(self.evidence),
            counterexamples: first_distinct(self.counterexamples),
            reason: self.reason,
            missing: self.missing,
            uses_changed: self.uses_changed,
        }
    }

    /// Adds the results of another evaluation, and returns its value.
    pub(super) fn add(&mut self, evaluated: &Evaluated) -> Truth {
        self.evidence.extend_from_slice(&evaluated.evidence);
        self.counterexamples
            .extend_from_slice(&evaluated.counterexamples);
        self.uses_changed |= evaluated.uses_changed;
        if let Some(reason) = &evaluated.reason {
            self.because(|| reason.clone());
        }
        if self.missing.is_none() {
            self.missing.clone_from(&evaluated.missing);
        }
        evaluated.truth
    }
}

pub(super) fn replaced(field: &str) -> UnknownReason {
    UnknownReason::Replaced {
        field: field.to_owned(),
    }
}

/// Why a condition about components in other package directories is unknown.
pub(super) fn elsewhere(condition: &CrossFile) -> UnknownReason {
    UnknownReason::OtherPackageDirectory {
        metadata_type: condition.metadata_type.name(),
    }
}

/// Why a condition about components that cannot be read is unknown.
pub(super) fn some_unreadable(condition: &CrossFile, index: &ComponentIndex) -> UnknownReason {
    let metadata_type = condition.metadata_type.name();
    match index.ignored_by(condition.metadata_type) {
        Some(by) => UnknownReason::FileIgnored { metadata_type, by },
        None => UnknownReason::FileUnreadable { metadata_type },
    }
}

/// Why the key of a component is unknown.
pub(super) fn key_unknown(key: &Key, is_replaced: bool) -> UnknownReason {
    let field = key.path.as_ref().map_or("fullName", FieldPath::last);
    match is_replaced {
        true => replaced(field),
        false => UnknownReason::Missing {
            field: field.to_owned(),
        },
    }
}
