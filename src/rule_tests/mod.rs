//! Runs the tests of rules, and renders the results.

mod report;
mod run;

pub(crate) use report::tests_summary;
pub use report::{TestedRule, tested_rules};
pub use run::{Mismatch, run, run_all};
