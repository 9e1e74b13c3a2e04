//! Who recommends what a rule checks.

use super::coverage::PUBLISHED;
use crate::rule::{BUILT_IN, Rule};

/// The authorities whose published controls a rule covers, each once; of a built-in rule without such
/// controls, forcelint. A user's rule without controls has no authority.
pub(super) fn authority(rule: &Rule) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for control in rule.covers.iter().filter_map(|id| PUBLISHED.control(id)) {
        let name = PUBLISHED.source_name(&control.source);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        let is_built_in = BUILT_IN.iter().any(|built_in| built_in.id == rule.id);
        return is_built_in.then(|| "forcelint".to_owned());
    }
    Some(names.join("; "))
}

/// The heading above a rule's control.
pub(super) fn control_heading(rule: &Rule) -> String {
    match authority(rule) {
        Some(authority) => format!("Why it matters, according to {authority}"),
        None => "Why it matters".to_owned(),
    }
}
