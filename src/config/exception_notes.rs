//! Notes about exceptions that have no effect.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use super::exception_index::Exceptions;
use super::exceptions::{Exception, Subject};
use crate::finding::Finding;
use crate::text::{nearest, sanitize};

/// The most exceptions for which the component that was meant is searched. Each is compared with all components.
const MAX_SUGGESTIONS: usize = 10;

/// Whether each exception applies to a finding, or did before it expired.
pub(super) fn used_exceptions<'f>(
    exceptions: &Exceptions,
    findings: impl Iterator<Item = &'f Box<Finding>>,
) -> Vec<bool> {
    let mut used = vec![false; exceptions.iter().len()];
    for finding in findings {
        for at in exceptions.about(&finding.rule, &finding.file) {
            used[at] = true;
        }
    }
    used
}

/// Notes about exceptions that have no effect: those that have expired and, after a run over the
/// `whole` project, those that match no findings or repeat an earlier one. `findings` are all findings of the run.
pub(crate) fn notes<'f>(
    exceptions: &Exceptions,
    config: &str,
    today: Date,
    findings: impl Iterator<Item = &'f Box<Finding>> + Clone,
    whole: bool,
    is_on: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    let used = used_exceptions(exceptions, findings.clone());
    let mut suggestions = 0;
    let mut earlier: HashMap<(&str, &str), &Exception> = HashMap::new();
    for (exception, is_used) in exceptions.iter().zip(used) {
        let description = exception.describe(config);
        let can_be_unused = whole && is_on(&exception.rule);
        if let Some(last) = exception.expires.filter(|_| exception.is_expired(today)) {
            if is_used {
                notes.push(format!(
                    "{description} expired on {last}: it no longer applies"
                ));
            } else if can_be_unused {
                notes.push(format!(
                    "{description} expired on {last} and matches no findings; remove it"
                ));
            }
        } else if is_used && can_be_unused {
            let same = (exception.rule.as_str(), exception.subject.name());
            let first = *earlier.entry(same).or_insert(exception);
            if first.line < exception.line && first.applies_as_long_as(exception) {
                notes.push(format!(
                    "{description} is never used, because the one in line {} applies to the same findings; remove it",
                    first.line
                ));
            }
        } else if can_be_unused {
            let near = match &exception.subject {
                Subject::Component(name) if suggestions < MAX_SUGGESTIONS => {
                    suggestions += 1;
                    let same_rule = findings.clone().filter(|it| it.rule == exception.rule);
                    let names = same_rule.map(|it| it.component().to_string());
                    let names: BTreeSet<String> = names.collect();
                    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
                }
                _ => None,
            };
            notes.push(match near {
                Some(near) => format!(
                    "{description} matches no findings; did you mean `{}`?",
                    sanitize(&near)
                ),
                None => format!("{description} matches no findings; remove or correct it"),
            });
        }
    }
    notes
}
