//! The authority that recommends what a rule checks.

use super::coverage::PUBLISHED;
use crate::rule::{BUILT_IN, Rule};

/// The authority of a rule: the publisher of the first control that it covers. For a built-in rule without
/// a control, it is forcelint. A user's rule without a control has none.
pub(super) fn authority(rule: &Rule) -> Option<&'static str> {
    let mut covered = rule.covers.iter().filter_map(|id| PUBLISHED.control(id));
    if let Some(control) = covered.next() {
        return Some(PUBLISHED.source_name(&control.source));
    }
    let is_built_in = BUILT_IN.iter().any(|built_in| built_in.id == rule.id);
    is_built_in.then_some("forcelint")
}

/// The heading above a rule's control.
pub(crate) fn control_heading(rule: &Rule) -> String {
    match authority(rule) {
        Some(authority) => format!("Why it matters ({authority})"),
        None => "Why it matters".to_owned(),
    }
}
