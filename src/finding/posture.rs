//! Which components pass, fail, or could not be checked, for reports that show it.
//!
//! For apps every rule's outcome is kept, for all other components only counts.

use std::collections::BTreeMap;

use crate::project::{Projects, SourceFile};

/// What a rule that applies to a component says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Pass,
    NotChecked,
    /// Whether or not the finding is reported.
    Fail,
}

/// A file that describes an app or a part of one.
#[derive(Debug, Clone)]
pub struct AppPart {
    pub file: SourceFile,
    /// The app's full name: an External Client App consists of several files, which name it.
    pub app: String,
    /// By rule id. A rule that is missing here does not apply.
    pub outcomes: BTreeMap<String, Outcome>,
}

/// How many components have which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleTally {
    pub pass: u64,
    pub not_checked: u64,
    pub fail: u64,
}

/// The outcomes of all rules for all components.
#[derive(Debug, Default)]
pub struct Posture {
    /// The names of the projects, in alphabetical order.
    pub projects: Vec<String>,
    /// The parts of all apps, by path.
    pub apps: Vec<AppPart>,
    /// By rule id.
    pub rules: BTreeMap<String, RuleTally>,
}

impl Posture {
    /// The outcomes for one file, which is a part of `app` if it is one of an app.
    pub(crate) fn of_file(
        file: &SourceFile,
        app: Option<String>,
        outcomes: BTreeMap<String, Outcome>,
    ) -> Self {
        let mut posture = Self::default();
        if file.is_forceignored() {
            return posture;
        }
        for (rule, outcome) in &outcomes {
            let tally = posture.rules.entry(rule.clone()).or_default();
            match outcome {
                Outcome::Pass => tally.pass += 1,
                Outcome::NotChecked => tally.not_checked += 1,
                Outcome::Fail => tally.fail += 1,
            }
        }
        posture.apps.extend(app.map(|app| AppPart {
            file: file.clone(),
            app,
            outcomes,
        }));
        posture
    }

    /// Sorts what the threads have found.
    pub(crate) fn finish(&mut self, projects: &Projects) {
        self.projects = projects.labels();
        let path = |part: &AppPart| (part.file.report_path(), part.file.path.clone());
        self.apps.sort_by_cached_key(path);
    }

    /// Adds what another one has.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.apps.extend(other.apps);
        for (rule, tally) in other.rules {
            let sum = self.rules.entry(rule).or_default();
            sum.pass += tally.pass;
            sum.not_checked += tally.not_checked;
            sum.fail += tally.fail;
        }
    }
}
