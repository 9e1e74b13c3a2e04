//! The apps with the worst findings.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::rule::Severity;
use crate::text::ScannedText;

/// How many apps a merged report names.
const MAX_APPS: usize = 100;

/// Numbers of findings by severity, the highest first.
pub(crate) type Counts = [usize; Severity::ALL.len()];

/// Adds findings of a severity.
pub(super) fn count(counts: &mut Counts, severity: Severity, number: usize) {
    for (count, it) in counts.iter_mut().zip(Severity::ALL) {
        if it == severity {
            // A report can have any number in it.
            *count = count.saturating_add(number);
        }
    }
}

/// An app with findings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AppFindings {
    pub counts: Counts,
    /// Equal apps are listed in the order of these names, so they are compared in reverse.
    names: Reverse<(String, String, String)>,
}

impl AppFindings {
    pub(crate) fn repository(&self) -> ScannedText<'_> {
        (&self.names.0.0).into()
    }

    pub(crate) fn type_name(&self) -> ScannedText<'_> {
        (&self.names.0.1).into()
    }

    pub(crate) fn name(&self) -> ScannedText<'_> {
        (&self.names.0.2).into()
    }
}

/// The findings of a repository by type and name of the app.
pub(super) type ByApp = BTreeMap<(String, String), Counts>;

/// The apps with the worst findings of all repositories. It keeps only as many as a report names.
#[derive(Default)]
pub(super) struct WorstApps {
    heap: BinaryHeap<Reverse<AppFindings>>,
}

impl WorstApps {
    pub(super) fn add(&mut self, repository: &str, apps: ByApp) {
        for ((type_name, name), counts) in apps {
            self.heap.push(Reverse(AppFindings {
                counts,
                names: Reverse((repository.to_owned(), type_name, name)),
            }));
            if self.heap.len() > MAX_APPS {
                self.heap.pop();
            }
        }
    }

    /// The worst first.
    pub(super) fn sorted(self) -> Vec<AppFindings> {
        // The order of `Reverse` is that of a list with the worst first.
        let apps = self.heap.into_sorted_vec().into_iter();
        apps.map(|it| it.0).collect()
    }
}
