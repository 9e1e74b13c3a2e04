//! Why a fix is not applied.

use std::collections::BTreeMap;
use std::fmt;

/// A fix that is not applied. This is a defect of its rule or of forcelint, or the file is unusual.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refused {
    /// The rule of the finding.
    pub rule: String,
    pub reason: Refusal,
}

/// Why the result of a fix must not be written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The finding is still there after its fix.
    NotSatisfied,
    /// The text is malformed after the fix.
    Malformed,
    /// The fix causes a finding of this rule.
    NewFinding { rule: String },
    /// Two of its edits overlap.
    Overlaps,
    /// Other fixes of the file need too many passes.
    TooManyPasses,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = &self.rule;
        match &self.reason {
            Refusal::NotSatisfied => write!(f, "the fix does not satisfy the rule `{rule}`"),
            Refusal::Malformed => write!(f, "the fix of `{rule}` makes the file malformed"),
            Refusal::NewFinding { rule: new } => {
                write!(
                    f,
                    "the fix of `{rule}` causes a finding of the rule `{new}`"
                )
            }
            Refusal::Overlaps => write!(f, "the fix of `{rule}` changes the same text twice"),
            Refusal::TooManyPasses => write!(
                f,
                "the fix of `{rule}` depends on too many others; run forcelint again"
            ),
        }
    }
}

/// What to report about the refused fixes of one file: one sentence for each rule and reason, to follow
/// the file's path.
pub(crate) fn refusal_messages(refused: &[Refused]) -> Vec<String> {
    let mut counts: BTreeMap<&Refused, usize> = BTreeMap::new();
    for refused in refused {
        *counts.entry(refused).or_default() += 1;
    }
    let messages = counts.into_iter().map(|(refused, count)| match count {
        1 => format!("was not fixed: {refused}"),
        _ => format!("was not fixed: {refused} ({count} findings)"),
    });
    messages.collect()
}
