//! Checks the result of fixes against the findings before them.

use std::collections::{HashMap, HashSet};

use super::refusal::Refusal;
use crate::finding::{FileReport, Finding};
use crate::rule::Severity;

/// Identifies a finding of the file, even if its position has changed: the rule and the element.
pub(super) type Identity = (String, String);

pub(super) fn identity(finding: &Finding) -> Identity {
    (finding.rule.clone(), finding.element.clone())
}

/// Findings after fixes that were not there before.
#[derive(Debug, Default)]
pub(super) struct Caused {
    /// What the next pass has to fix.
    pub revealed: HashSet<Identity>,
    /// What may remain, because it is less severe than what was fixed.
    pub accepted: HashSet<Identity>,
}

/// The fixes whose result is checked.
pub(super) struct Fixes<'a> {
    /// The findings that they fix.
    pub chosen: &'a [&'a Finding],
    /// Findings that may remain must be less severe than this.
    pub severity: Severity,
    /// What some of the fixes are known to cause.
    pub known: &'a Caused,
    /// What earlier fixes fixed. It must not come back.
    pub fixed: &'a HashSet<Identity>,
}

/// Checks that the chosen findings are gone, that no fixed one is back, and that nothing is new, unless it
/// is less severe or `is_fixable`.
///
/// # Errors
/// Why the result must not be used, and the chosen findings that remain.
pub(super) fn verify(
    before: &FileReport,
    fixes: &Fixes<'_>,
    after: &FileReport,
    is_fixable: &dyn Fn(&Finding) -> bool,
) -> Result<Caused, (Refusal, HashSet<Identity>)> {
    // These are counted because of two findings with the same identity, only one may have a fix.
    let mut may_remain: HashMap<Identity, usize> = HashMap::new();
    for finding in &before.findings {
        *may_remain.entry(identity(finding)).or_default() += 1;
    }
    let mut chosen = HashSet::new();
    for finding in fixes.chosen {
        let identity = identity(finding);
        if let Some(count) = may_remain.get_mut(&identity) {
            *count = count.saturating_sub(1);
        }
        chosen.insert(identity);
    }
    let excess = excess(before, fixes.chosen, after);
    let mut remaining = HashSet::new();
    let mut new = None;
    let mut caused = Caused::default();
    for finding in &after.findings {
        let identity = identity(finding);
        let is_minor = finding.severity == Severity::Info || finding.severity < fixes.severity;
        match may_remain.get_mut(&identity) {
            Some(count) if *count > 0 => *count -= 1,
            // A comment in the file accepts it.
            _ if finding.suppressed.is_some() => {}
            _ if excess.get(finding.rule.as_str()).is_none_or(|it| *it <= 0) => {}
            _ if chosen.contains(&identity) => {
                remaining.insert(identity);
            }
            _ if fixes.fixed.contains(&identity) => new = Some(finding),
            _ if fixes.known.revealed.contains(&identity) => {
                caused.revealed.insert(identity);
            }
            _ if is_minor || fixes.known.accepted.contains(&identity) => {
                caused.accepted.insert(identity);
            }
            _ if is_fixable(finding) => {
                caused.revealed.insert(identity);
            }
            _ => new = Some(finding),
        }
    }
    if !remaining.is_empty() {
        return Err((Refusal::NotSatisfied, remaining));
    }
    match new {
        Some(finding) => {
            let rule = finding.rule.clone();
            Err((Refusal::NewFinding { rule }, remaining))
        }
        None => Ok(caused),
    }
}

/// How many more findings each rule has than may remain. An element's path depends on its content, so a
/// fix can change the identity of a finding, but not the number of findings.
fn excess<'f>(
    before: &'f FileReport,
    chosen: &[&'f Finding],
    after: &'f FileReport,
) -> HashMap<&'f str, isize> {
    let mut excess: HashMap<&str, isize> = HashMap::new();
    for finding in &before.findings {
        *excess.entry(&finding.rule).or_default() -= 1;
    }
    for finding in chosen.iter().copied().chain(&after.findings) {
        *excess.entry(&finding.rule).or_default() += 1;
    }
    excess
}
