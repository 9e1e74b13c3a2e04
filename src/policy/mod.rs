//! Which findings count.
//!
//! In: the findings of a run and what the user set, on the command line and in the [`Config`]. Out:
//! those that are reported, and whether the run passes. Exit statuses have one meaning for every
//! format.

mod config;
mod rule_files;

pub use config::{CONFIG_FILE, Config, ConfigError, OwnRulesError};
pub use rule_files::{LoadedRule, RuleFileError, RuleFiles};

use crate::lint::{Finding, Report};
use crate::rule::Severity;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Nothing at or above the failing severity is left.
    Clean,
    /// Something is.
    Findings,
    /// Something could not be done: usage, rules, a file or folder that could not be read.
    Failure,
}

impl ExitStatus {
    /// The number for the shell.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failure => 2,
        }
    }
}

/// What the user set.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The mildest severity that is reported.
    pub min_severity: Severity,
    /// The mildest severity that makes a run fail; `None` for none.
    pub fail_on: Option<Severity>,
}

impl Policy {
    /// Whether a finding is reported. Whatever fails the run is: nobody has to guess why it did.
    pub fn reports(&self, finding: &Finding) -> bool {
        finding.severity >= self.min_severity || self.fails(finding)
    }

    fn fails(&self, finding: &Finding) -> bool {
        self.fail_on
            .is_some_and(|fail_on| finding.severity >= fail_on)
    }

    /// Drops the findings that are not reported.
    pub fn apply(&self, report: &mut Report) {
        report.findings.retain(|finding| self.reports(finding));
    }

    /// How a run with this report ends.
    pub fn exit_status(&self, report: &Report) -> ExitStatus {
        if report.has_errors() {
            ExitStatus::Failure
        } else if report.findings.iter().any(|finding| self.fails(finding)) {
            ExitStatus::Findings
        } else {
            ExitStatus::Clean
        }
    }
}
