//! What was held against which rules, also where nothing was found.
//!
//! In: the verdict about a file. Out: a [`Posture`], for reports that show who complies. It is
//! gathered only for those: of apps what every rule said, of all other components numbers.

use std::collections::BTreeMap;

use crate::engine::Scene;
use crate::engine::Verdict;
use crate::project::{Projects, SourceFile};
use crate::rule::{MALFORMED, RuleSet};
use crate::xml::Document;

/// What a rule said of a file in which it found something to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// What it requires holds.
    Complies,
    /// It cannot be told.
    NotChecked,
    /// It does not hold, be it reported or not.
    Violates,
}

/// A file that describes an app or a part of one.
#[derive(Debug, Clone)]
pub struct AppPart {
    /// The file.
    pub file: SourceFile,
    /// The app's full name: an External Client App lies in several files, which name it.
    pub app: String,
    /// By rule id. A rule that is missing here does not apply.
    pub judgements: BTreeMap<String, Judgement>,
}

/// Components that a rule was held against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleTally {
    /// Those that comply.
    pub complies: u64,
    /// Those about which it cannot be told.
    pub not_checked: u64,
    /// Those that do not comply.
    pub violates: u64,
}

/// Who complies with what.
#[derive(Debug, Default)]
pub struct Posture {
    /// What the projects call themselves, in alphabetical order.
    pub projects: Vec<String>,
    /// The parts of all apps, by path.
    pub apps: Vec<AppPart>,
    /// By rule id.
    pub rules: BTreeMap<String, RuleTally>,
}

impl Posture {
    /// What the verdict says of a file.
    pub(crate) fn of_verdict(verdict: &Verdict<'_>, scene: Scene<'_>) -> Self {
        let mut judgements = BTreeMap::new();
        let mut note = |rule: &str, judgement: Judgement| {
            let known = judgements.entry(rule.to_owned()).or_insert(judgement);
            *known = judgement.max(*known);
        };
        for rule in verdict.judged.iter().flatten() {
            note(rule, Judgement::Complies);
        }
        for (rule, _) in &verdict.not_checked {
            note(rule, Judgement::NotChecked);
        }
        for violation in &verdict.violations {
            note(&violation.rule.id, Judgement::Violates);
        }
        Self::of(scene.file, app_name(scene.file, scene.document), judgements)
    }

    /// Nothing can be judged in a malformed file.
    pub(crate) fn of_malformed(rules: &RuleSet, file: &SourceFile) -> Self {
        let checks = rules.checks(file.component.metadata_type);
        let mut judgements: BTreeMap<String, Judgement> = checks
            .map(|(rule, _)| (rule.id.clone(), Judgement::NotChecked))
            .collect();
        judgements.insert(MALFORMED.to_owned(), Judgement::Violates);
        let app = is_app(file).then(|| file.component.name.clone());
        Self::of(file, app, judgements)
    }

    fn of(file: &SourceFile, app: Option<String>, judgements: BTreeMap<String, Judgement>) -> Self {
        let mut posture = Self::default();
        if file.is_forceignored() {
            return posture;
        }
        for (rule, judgement) in &judgements {
            let tally = posture.rules.entry(rule.clone()).or_default();
            match judgement {
                Judgement::Complies => tally.complies += 1,
                Judgement::NotChecked => tally.not_checked += 1,
                Judgement::Violates => tally.violates += 1,
            }
        }
        posture.apps.extend(app.map(|app| AppPart {
            file: file.clone(),
            app,
            judgements,
        }));
        posture
    }

    /// Puts what the threads gathered into order.
    pub(crate) fn finish(&mut self, projects: &Projects) {
        self.projects = projects.labels();
        let path = |part: &AppPart| (part.file.report_path(), part.file.path.clone());
        self.apps.sort_by_cached_key(path);
    }

    /// Takes over what another one has.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.apps.extend(other.apps);
        for (rule, tally) in other.rules {
            let sum = self.rules.entry(rule).or_default();
            sum.complies += tally.complies;
            sum.not_checked += tally.not_checked;
            sum.violates += tally.violates;
        }
    }
}

/// Whether the file describes an app or a part of one.
fn is_app(file: &SourceFile) -> bool {
    let name = file.component.metadata_type.name();
    matches!(name, "ConnectedApp" | "ExternalClientApplication") || name.starts_with("ExtlClntApp")
}

/// The app that the file describes. A part that names none stands for itself.
fn app_name(file: &SourceFile, document: Document<'_>) -> Option<String> {
    if !is_app(file) {
        return None;
    }
    let named = document
        .children_named(document.root(), "externalClientApplication")
        .next()
        .map(|element| document.value(element).text().to_owned());
    let name = named.filter(|name| !name.is_empty());
    Some(name.unwrap_or_else(|| file.component.name.clone()))
}
