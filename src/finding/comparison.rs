//! Two states of an org or a project: which settings differ, and which findings appear and disappear.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::finding::Finding;
use super::report::Report;
use crate::project::Component;
use crate::rule::Severity;

/// The settings of components. `None` for a component that cannot be read or is malformed.
pub(crate) type SecuritySettings = BTreeMap<Component, Option<ComponentSettings>>;

/// The values of the fields of a component, by path. A repeated field has several.
pub(crate) type ComponentSettings = BTreeMap<String, Vec<SettingValue>>;

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SettingValue {
    /// Never printed.
    raw: String,
    /// Shortened, and masked if it is a secret.
    pub shown: String,
}

impl SettingValue {
    pub(crate) fn new(raw: String, shown: String) -> Self {
        Self { raw, shown }
    }
}

/// A setting that differs. A side without values does not have the setting.
#[derive(Debug)]
pub(crate) struct ChangedSetting {
    pub component: Component,
    pub path: String,
    pub left: Vec<SettingValue>,
    pub right: Vec<SettingValue>,
}

/// A finding of both sides with another severity.
#[derive(Debug)]
pub(crate) struct ChangedSeverity {
    pub left: Severity,
    pub finding: Finding,
}

/// The difference between two states.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub settings: Vec<ChangedSetting>,
    /// Components that only the right side has.
    pub added: Vec<Component>,
    /// Components that only the left side has.
    pub removed: Vec<Component>,
    /// Findings that only the right side has.
    pub new: Vec<Box<Finding>>,
    pub changed: Vec<ChangedSeverity>,
    /// Findings that only the left side has.
    pub gone: Vec<Box<Finding>>,
    /// Findings of the left side whose rule cannot be checked on the right side.
    pub no_longer_checked: Vec<Box<Finding>>,
    /// The number of findings that both sides have.
    pub unchanged: usize,
    /// What could not be done, by side and path.
    pub errors: Vec<(Side, String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Side {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

impl Comparison {
    /// Compares the reports and settings of two sides.
    pub(crate) fn of(left: (Report, SecuritySettings), right: (Report, SecuritySettings)) -> Self {
        let mut comparison = Self::default();
        comparison.compare_settings(left.1, right.1);
        comparison.compare_findings(left.0, right.0);
        comparison
    }

    fn compare_settings(&mut self, left: SecuritySettings, mut right: SecuritySettings) {
        for (component, left) in left {
            let Some(right) = right.remove(&component) else {
                self.removed.push(component);
                continue;
            };
            let (Some(left), Some(mut right)) = (left, right) else {
                continue;
            };
            let paths: BTreeSet<String> = left.keys().chain(right.keys()).cloned().collect();
            for path in paths {
                let left = left.get(&path).cloned().unwrap_or_default();
                let right = right.remove(&path).unwrap_or_default();
                if left != right {
                    let component = component.clone();
                    self.settings.push(ChangedSetting {
                        component,
                        path,
                        left,
                        right,
                    });
                }
            }
        }
        self.added.extend(right.into_keys());
    }

    fn compare_findings(&mut self, left: Report, right: Report) {
        for (side, report) in [(Side::Left, &left), (Side::Right, &right)] {
            let errors = report.all_errors().into_iter();
            let errors = errors.map(|it| (side, it.path, it.message));
            self.errors.extend(errors);
            let unlisted: usize = report.more.iter().map(|more| more.count).sum();
            if unlisted > 0 {
                let reason = format!(
                    "has {unlisted} findings beyond the limit of one rule in one file, which cannot be compared"
                );
                self.errors.push((side, ".".to_owned(), reason));
            }
        }
        let unchecked: BTreeSet<(String, Component)> = right
            .not_checked
            .into_iter()
            .map(|it| (it.rule, it.component))
            .collect();
        let mut known: HashMap<String, Box<Finding>> = left
            .findings
            .into_iter()
            .map(|it| (it.fingerprint.clone(), it))
            .collect();
        for finding in right.findings {
            match known.remove(&finding.fingerprint) {
                None => self.new.push(finding),
                Some(same) if same.severity == finding.severity => self.unchanged += 1,
                Some(same) => self.changed.push(ChangedSeverity {
                    left: same.severity,
                    finding: *finding,
                }),
            }
        }
        let mut gone: Vec<Box<Finding>> = known.into_values().collect();
        super::finding::sort_findings(&mut gone);
        // Without its part of an External Client App, the app cannot be checked.
        let is_unclear = |it: &Finding| {
            let is_part = self.removed.contains(it.component());
            unchecked.iter().any(|(rule, component)| {
                let app = Some(component.metadata_type.name());
                *rule == it.rule
                    && (component == it.component()
                        || (is_part && it.component().metadata_type.app() == app))
            })
        };
        let (unclear, gone) = gone.into_iter().partition(|it| is_unclear(it));
        (self.no_longer_checked, self.gone) = (unclear, gone);
    }

    /// Whether the right side has a finding at or above this severity that the left side does not have, or has with a
    /// lower severity.
    pub(crate) fn is_worse(&self, fail_on: Option<Severity>) -> bool {
        let fails = |severity: Severity| fail_on.is_some_and(|fail_on| severity >= fail_on);
        let raised = |it: &ChangedSeverity| it.finding.severity > it.left;
        self.new.iter().any(|it| fails(it.severity))
            || self
                .changed
                .iter()
                .any(|it| raised(it) && fails(it.finding.severity))
    }
}
