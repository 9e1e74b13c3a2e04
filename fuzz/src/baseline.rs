//! `forcelint-baseline.json`: it is valid JSON, or rejected with an error.

use forcelint::config::{Baseline, BaselineError};
use serde_json::Value;

use super::sanitized;

/// Reads the input as a baseline.
pub fn check(input: &[u8]) {
    let name = "forcelint-baseline.json".to_owned();
    match Baseline::parse(input, name, "forcelint baseline".to_owned()) {
        Ok(baseline) => {
            let text = String::from_utf8_lossy(input);
            let json = text.trim_start_matches('\u{FEFF}');
            let value: Value = serde_json::from_str(json).expect("a baseline is JSON");
            assert_eq!(value["version"], 1);
            let findings = value["findings"].as_array().expect("a list of findings");
            let more = value["more"].as_array().into_iter().flatten();
            let counts = more.filter_map(|it| it["count"].as_u64());
            let unlisted = counts.fold(0usize, |sum, it| sum.saturating_add(it as usize));
            assert!(baseline.len() <= findings.len().saturating_add(unlisted));
            assert_eq!(baseline.is_empty(), findings.is_empty() && unlisted == 0);
            let fingerprints = findings.iter().filter_map(|it| it["fingerprint"].as_str());
            assert_eq!(baseline.gone(fingerprints, unlisted), 0);
            assert_eq!(baseline.gone(std::iter::empty(), 0), baseline.len());
        }
        Err(error) => {
            sanitized::render(&error);
            assert!(!matches!(
                error,
                BaselineError::Missing { .. } | BaselineError::Unreadable { .. }
            ));
        }
    }
}
