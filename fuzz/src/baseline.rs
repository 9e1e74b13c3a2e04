//! `forcelint-baseline.json`: valid JSON is read, and anything else is an error with a location.

use forcelint::config::{Baseline, BaselineError};
use serde_json::Value;

use super::display;

pub fn check(input: &[u8]) {
    let name = "forcelint-baseline.json".to_owned();
    match Baseline::parse(input, name, "forcelint baseline".to_owned()) {
        Ok(baseline) => {
            let text = String::from_utf8_lossy(input);
            let json = text.trim_start_matches('\u{FEFF}');
            let value: Value = serde_json::from_str(json).expect("a valid baseline is JSON");
            assert_eq!(value["version"], 1);
            let findings = value["findings"].as_array().expect("a list of findings");
            assert!(baseline.len() <= findings.len());
            assert_eq!(baseline.is_empty(), findings.is_empty());
            let fingerprints = findings.iter().filter_map(|it| it["fingerprint"].as_str());
            assert_eq!(baseline.gone(fingerprints), 0);
            assert_eq!(baseline.gone(std::iter::empty()), baseline.len());
        }
        Err(error) => {
            display::render(&error);
            assert!(!matches!(
                error,
                BaselineError::Missing { .. } | BaselineError::Unreadable { .. }
            ));
        }
    }
}
