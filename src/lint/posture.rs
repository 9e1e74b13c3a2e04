//! The outcome of each rule for one file.

use std::collections::BTreeMap;

use super::app_name::app_name;
use crate::engine::{Checked, Subject};
use crate::finding::{Outcome, Posture};
use crate::project::SourceFile;
use crate::rule::{MALFORMED, RuleSet};

/// The outcomes for a file that was checked.
pub(super) fn of_checked(checked: &Checked<'_>, subject: Subject<'_>) -> Posture {
    let mut outcomes = BTreeMap::new();
    let mut note = |rule: &str, outcome: Outcome| {
        let known = outcomes.entry(rule.to_owned()).or_insert(outcome);
        *known = outcome.max(*known);
    };
    for rule in checked.applied.iter().flatten() {
        note(rule, Outcome::Pass);
    }
    for (rule, _) in &checked.not_checked {
        note(rule, Outcome::NotChecked);
    }
    for rule in checked.failed.iter().flatten() {
        note(rule, Outcome::Fail);
    }
    let unset: Vec<&str> = checked.unset.iter().flatten().copied().collect();
    Posture::of_file(subject.file, app_name(subject), outcomes, &unset)
}

/// The outcomes for a malformed file, for which no rule can be checked.
pub(super) fn of_malformed(rules: &RuleSet, file: &SourceFile) -> Posture {
    let mut outcomes: BTreeMap<String, Outcome> = rules
        .checks(file.component.metadata_type)
        .map(|(rule, _)| (rule.id.clone(), Outcome::NotChecked))
        .collect();
    outcomes.insert(MALFORMED.to_owned(), Outcome::Fail);
    let app = file
        .component
        .metadata_type
        .app()
        .map(|_| file.component.name.clone());
    Posture::of_file(file, app, outcomes, &[])
}
