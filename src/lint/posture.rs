//! The outcome of each rule for one file.

use std::collections::BTreeMap;

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
    let app = is_app(file).then(|| file.component.name.clone());
    Posture::of_file(file, app, outcomes, &[])
}

/// Whether the file describes an app or a part of one.
fn is_app(file: &SourceFile) -> bool {
    file.component.metadata_type.app().is_some()
}

/// The app that the file describes. A part without the name of its app is treated as an app.
fn app_name(subject: Subject<'_>) -> Option<String> {
    if !is_app(subject.file) {
        return None;
    }
    let document = subject.document;
    let named = document
        .children_named(document.root(), "externalClientApplication")
        .next()
        .filter(|&element| !subject.replaced.is_inserted(document.span(element)))
        .map(|element| document.value(element).text().to_owned());
    let name = named.filter(|name| !name.is_empty());
    Some(name.unwrap_or_else(|| subject.file.component.name.clone()))
}
