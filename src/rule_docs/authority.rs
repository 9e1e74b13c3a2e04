//! The authority that recommends what a rule checks.

use super::coverage::PUBLISHED;
use crate::rule::{BUILT_IN, Rule};

/// The authority behind a rule's control: the source of its first covered control with a page that
/// describes it; of a built-in rule without one, forcelint. A user's rule without one has no authority.
pub(super) fn authority(rule: &Rule) -> Option<&'static str> {
    let mut covered = rule.covers.iter().filter_map(|id| PUBLISHED.control(id));
    if let Some(control) = covered.find(|control| control.url.is_some()) {
        return Some(PUBLISHED.source_name(&control.source));
    }
    let is_built_in = BUILT_IN.iter().any(|built_in| built_in.id == rule.id);
    is_built_in.then_some("forcelint")
}

/// Who asks for what a rule checks: the publisher of its first control; of a built-in rule without one,
/// forcelint.
pub(super) fn asking_authority(rule: &Rule) -> Option<&'static str> {
    let mut covered = rule.covers.iter().filter_map(|id| PUBLISHED.control(id));
    let asks = covered.next();
    asks.map(|control| PUBLISHED.source_name(&control.source))
        .or_else(|| authority(rule))
}

/// The heading above a rule's control.
pub(crate) fn control_heading(rule: &Rule) -> String {
    match authority(rule) {
        Some(authority) => format!("Why it matters ({authority})"),
        None => "Why it matters".to_owned(),
    }
}
