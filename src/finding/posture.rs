//! The outcomes of rules for components, for reports that show them.
//!
//! For apps, the outcome of each rule is recorded. For all other components, outcomes are counted.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::project::{MetadataType, Projects, SourceFile};

/// The outcome of a rule that applies to a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Pass,
    NotChecked,
    /// The rule has a finding, which may be suppressed.
    Fail,
}

/// A file that describes an app or a part of one.
#[derive(Debug, Clone)]
pub struct AppPart {
    pub file: SourceFile,
    /// The app's full name. An External Client App consists of several files with its name.
    pub app: String,
    /// By rule id. Rules that do not apply are missing. Many apps have the same outcomes and share them.
    pub outcomes: Arc<BTreeMap<String, Outcome>>,
}

/// The number of components with each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleTally {
    pub pass: u64,
    /// Those that pass because a file of org settings does not have the setting.
    pub pass_unset: u64,
    pub not_checked: u64,
    pub fail: u64,
}

impl RuleTally {
    /// Adds the numbers of other components.
    pub fn add(&mut self, other: Self) {
        self.pass += other.pass;
        self.pass_unset += other.pass_unset;
        self.not_checked += other.not_checked;
        self.fail += other.fail;
    }
}

/// The outcomes of all rules for all components.
#[derive(Debug, Default)]
pub struct Posture {
    /// The names of the projects, in alphabetical order.
    pub projects: Vec<String>,
    /// The parts of all apps, sorted by path.
    pub apps: Vec<AppPart>,
    /// By rule id and metadata type.
    pub rules: BTreeMap<String, BTreeMap<MetadataType, RuleTally>>,
    /// All outcomes of `apps`, each once.
    shared: HashSet<Arc<BTreeMap<String, Outcome>>>,
}

impl Posture {
    /// The outcomes for one file. `app` is the name of the app that it is a part of; the rules in `unset` find
    /// no setting to check in it.
    pub(crate) fn of_file(
        file: &SourceFile,
        app: Option<String>,
        outcomes: BTreeMap<String, Outcome>,
        unset: &[&str],
    ) -> Self {
        let mut posture = Self::default();
        if file.is_forceignored() {
            return posture;
        }
        for (rule, outcome) in &outcomes {
            posture.set(rule, file.component.metadata_type, *outcome);
        }
        for rule in unset {
            let by_type = posture.rules.get_mut(*rule).into_iter();
            let tallies = by_type.flat_map(|it| it.values_mut());
            tallies.for_each(|tally| tally.pass_unset = tally.pass);
        }
        posture.apps.extend(app.map(|app| AppPart {
            file: file.clone(),
            app,
            outcomes: outcomes.into(),
        }));
        posture
    }

    /// Sets the outcome of a rule for the only component.
    pub(crate) fn set(&mut self, rule: &str, metadata_type: MetadataType, outcome: Outcome) {
        let one = Self::of_outcome(outcome);
        let by_type = BTreeMap::from([(metadata_type, one)]);
        self.rules.insert(rule.to_owned(), by_type);
    }

    fn of_outcome(outcome: Outcome) -> RuleTally {
        let mut tally = RuleTally::default();
        match outcome {
            Outcome::Pass => tally.pass += 1,
            Outcome::NotChecked => tally.not_checked += 1,
            Outcome::Fail => tally.fail += 1,
        }
        tally
    }

    /// Sorts the results, which come from several threads.
    pub(crate) fn finish(&mut self, projects: &Projects) {
        self.projects = projects.labels();
        let path = |part: &AppPart| (part.file.report_path(), part.file.path.clone());
        self.apps.sort_by_cached_key(path);
    }

    /// Adds the outcomes of another posture.
    pub(crate) fn absorb(&mut self, other: Self) {
        for mut part in other.apps {
            match self.shared.get(&part.outcomes) {
                Some(known) => part.outcomes = Arc::clone(known),
                None => _ = self.shared.insert(Arc::clone(&part.outcomes)),
            }
            self.apps.push(part);
        }
        for (rule, by_type) in other.rules {
            let sums = self.rules.entry(rule).or_default();
            for (metadata_type, tally) in by_type {
                sums.entry(metadata_type).or_default().add(tally);
            }
        }
    }
}
