//! The number of findings of each severity.

use schemars::JsonSchema;
use serde::Serialize;

use crate::rule::Severity;

#[derive(Serialize, JsonSchema)]
pub(in crate::output) struct JsonSeverities {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

impl JsonSeverities {
    /// The numbers in the order of severities, the highest first.
    pub(in crate::output) fn of(counts: [usize; Severity::ALL.len()]) -> Self {
        let [critical, high, medium, low, info] = counts;
        Self {
            critical,
            high,
            medium,
            low,
            info,
        }
    }
}
