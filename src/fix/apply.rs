//! From the fixes of a file's findings to its new text.
//!
//! In: the text, a function that checks a text, and which fixes are wanted. Out: the text with all
//! of these, or a [`FixError`]: nothing is returned that does not parse, does not satisfy the fixed
//! rule, or undoes another fix.

use std::collections::{HashMap, HashSet};

use thiserror::Error;

use crate::finding::{Applicability, Edit, FileReport, Finding, Fix};
use crate::rule::MALFORMED;

/// Passes that may bring findings which were not there before. More of them are not a chain of
/// rules that build on one another, but fixes that never end.
const REVEALING_PASSES: usize = 8;

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only safe ones.
    Safe,
    /// Also those that need a rollout.
    All,
}

impl Level {
    /// Whether a fix is of this level.
    pub fn includes(self, fix: &Fix) -> bool {
        self == Self::All || fix.applicability == Applicability::Safe
    }
}

/// A file's new text.
#[derive(Debug)]
pub struct FixedText {
    pub text: Vec<u8>,
    /// The findings that are gone.
    pub fixed: Vec<Finding>,
}

/// Fixes that must not be written. Either is a mistake in a rule or in forcelint.
#[derive(Debug, Error)]
pub enum FixError {
    /// A finding is still there.
    #[error("its fix does not satisfy `{rule}`, so nothing was changed")]
    DoesNotHold {
        /// The rule.
        rule: String,
    },
    /// Something new that must not be: the text is malformed, or an earlier fix is undone.
    #[error("its fix would bring a finding of `{rule}`, so nothing was changed")]
    BringsNew {
        /// The rule.
        rule: String,
    },
}

/// Applies the fixes of the `wanted` findings to `text`. `lint` checks a text as the content of the
/// same file.
///
/// Fixes that overlap are applied in several passes. The result of a fix can be what another rule
/// asks about (an app for approved users needs somebody who is approved; a field that is spelled
/// right now has a value), so a pass can bring findings: they are reported, or fixed in the next
/// one. The passes end, because each fixes something and only a few may bring anything.
///
/// # Errors
/// If the result would not be sound.
pub(crate) fn apply_fixes(
    lint: &mut dyn FnMut(&[u8]) -> FileReport,
    text: &[u8],
    wanted: &dyn Fn(&Finding) -> bool,
) -> Result<FixedText, FixError> {
    let mut result = FixedText {
        text: text.to_vec(),
        fixed: Vec::new(),
    };
    let mut report = lint(text);
    let mut fixed = HashSet::new();
    let mut revealing = 0;
    loop {
        let chosen = choose(&report, wanted);
        if chosen.is_empty() {
            return Ok(result);
        }
        let fixes = chosen.iter().filter_map(|finding| finding.fix.as_ref());
        result.text = apply(&result.text, fixes.flat_map(|fix| &fix.edits).collect());
        let after = lint(&result.text);
        fixed.extend(chosen.iter().map(|finding| identity(finding)));
        if let Some(new) = verify(&report, &chosen, &after, &fixed)? {
            revealing += 1;
            if revealing > REVEALING_PASSES {
                let rule = new.rule.clone();
                return Err(FixError::BringsNew { rule });
            }
        }
        result.fixed.extend(chosen.into_iter().cloned());
        report = after;
    }
}

/// The findings whose fixes can be applied together, in the order of their places.
fn choose<'f>(report: &'f FileReport, wanted: &dyn Fn(&Finding) -> bool) -> Vec<&'f Finding> {
    let mut candidates: Vec<(&Finding, &Fix)> = report
        .findings
        .iter()
        .filter(|finding| wanted(finding))
        .filter_map(|finding| Some((finding, finding.fix.as_ref()?)))
        .collect();
    let first_edit = |fix: &Fix| fix.edits.iter().map(|edit| edit.start.offset).min();
    candidates.sort_by_key(|(finding, fix)| (first_edit(fix), &finding.rule));
    let mut taken: Vec<&Edit> = Vec::new();
    let mut chosen = Vec::new();
    for (finding, fix) in candidates {
        let is_free = fix
            .edits
            .iter()
            .all(|edit| taken.iter().all(|other| !collide(edit, other)));
        if is_free {
            taken.extend(&fix.edits);
            chosen.push(finding);
        }
    }
    chosen
}

/// Two insertions at one place collide as well: their order would be a guess.
fn collide(one: &Edit, other: &Edit) -> bool {
    let apart = one.end.offset < other.start.offset
        || other.end.offset < one.start.offset
        || (one.end.offset == other.start.offset || other.end.offset == one.start.offset)
            && one.start.offset != other.start.offset;
    !apart
}

fn apply(text: &[u8], mut edits: Vec<&Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| (edit.start.offset, edit.end.offset));
    let mut result = Vec::with_capacity(text.len() + 64);
    let mut end = 0;
    for edit in edits {
        result.extend_from_slice(&text[end..edit.start.offset]);
        result.extend_from_slice(edit.text.as_bytes());
        end = edit.end.offset;
    }
    result.extend_from_slice(&text[end..]);
    result
}

/// Identifies a finding of the file, wherever it has moved.
fn identity(finding: &Finding) -> (String, String) {
    (finding.rule.clone(), finding.element.clone())
}

/// Checks that what was fixed is gone and stays gone. Returns a finding that was not there before: an
/// app that only chosen users may authorize has no chosen users yet. It is reported, or fixed next.
fn verify<'f>(
    before: &FileReport,
    chosen: &[&Finding],
    after: &'f FileReport,
    fixed: &HashSet<(String, String)>,
) -> Result<Option<&'f Finding>, FixError> {
    // Counted: of two findings that are alike only one may have a fix.
    let mut may_be_left: HashMap<_, usize> = HashMap::new();
    for finding in &before.findings {
        *may_be_left.entry(identity(finding)).or_default() += 1;
    }
    let chosen: HashSet<_> = chosen
        .iter()
        .map(|finding| identity(finding))
        .inspect(|identity| {
            if let Some(count) = may_be_left.get_mut(identity) {
                *count -= 1;
            }
        })
        .collect();
    let mut new = None;
    for finding in &after.findings {
        let rule = finding.rule.clone();
        let identity = identity(finding);
        match may_be_left.get_mut(&identity) {
            Some(count) if *count > 0 => *count -= 1,
            // Names of elements depend on their content: another one may have taken the name.
            _ if chosen.contains(&identity) && count(after, &rule) >= count(before, &rule) => {
                return Err(FixError::DoesNotHold { rule });
            }
            _ if rule == MALFORMED
                || (fixed.contains(&identity) && !chosen.contains(&identity)) =>
            {
                return Err(FixError::BringsNew { rule });
            }
            _ => new = Some(finding),
        }
    }
    Ok(new)
}

fn count(report: &FileReport, rule: &str) -> usize {
    let of_rule = |finding: &&Finding| finding.rule == rule;
    report.findings.iter().filter(of_rule).count()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::finding::Location;
    use crate::project::{Projects, SourceFile};
    use crate::rule::Severity;
    use crate::text::LineIndex;

    /// `rule` at `element` of `text`, fixed by these edits; without any it has no fix.
    fn finding(rule: &str, element: &str, text: &str, edits: &[(usize, usize, &str)]) -> Finding {
        let lines = LineIndex::new(text);
        let folder = Path::new("/no-such-project");
        let project = Projects::default().around(folder, folder);
        let edits: Vec<Edit> = edits
            .iter()
            .map(|&(start, end, text)| Edit {
                start: lines.position(start),
                end: lines.position(end),
                text: text.to_owned(),
            })
            .collect();
        Finding {
            rule: rule.to_owned(),
            severity: Severity::High,
            message: String::new(),
            headline: String::new(),
            label: String::new(),
            reasons: Vec::new(),
            help: String::new(),
            file: SourceFile::new(folder.join("A.connectedApp"), project).unwrap(),
            location: Location {
                path: String::new(),
                start: lines.position(0),
                end: lines.position(0),
                excerpt: None,
            },
            related: Vec::new(),
            fix: (!edits.is_empty()).then(|| Fix {
                title: String::new(),
                applicability: Applicability::Safe,
                edits,
            }),
            element: element.to_owned(),
            fingerprint: String::new(),
            line_hash: None,
            suppressed: None,
            order: 0,
        }
    }

    fn report(findings: Vec<Finding>) -> FileReport {
        FileReport {
            findings,
            ..FileReport::default()
        }
    }

    /// Fixes `text` with a linter that is asked for its findings in each pass. Returns the text and
    /// the rules in the order in which they were fixed.
    fn fix(
        text: &str,
        lint: impl Fn(&str) -> Vec<Finding>,
    ) -> Result<(String, Vec<String>), String> {
        let mut lint = |text: &[u8]| report(lint(std::str::from_utf8(text).unwrap()));
        let fixed = apply_fixes(&mut lint, text.as_bytes(), &|_| true)
            .map_err(|error| error.to_string())?;
        let rules = fixed.fixed.into_iter().map(|finding| finding.rule);
        Ok((String::from_utf8(fixed.text).unwrap(), rules.collect()))
    }

    /// A finding of the rule for every place where `needle` stands.
    fn exchange(rule: &str, needle: &str, by: &str, text: &str) -> Vec<Finding> {
        text.match_indices(needle)
            .map(|(at, _)| finding(rule, needle, text, &[(at, at + needle.len(), by)]))
            .collect()
    }

    #[test]
    fn edits_collide_where_they_share_a_byte_or_begin_together() {
        for (one, other, expected) in [
            ((0, 2), (2, 4), false),
            ((0, 2), (3, 4), false),
            ((0, 3), (2, 4), true),
            ((0, 9), (2, 4), true),
            ((2, 4), (2, 4), true),
            ((2, 4), (2, 9), true),
            // Insertions: in the middle, at either end, at one place.
            ((3, 3), (2, 4), true),
            ((2, 2), (2, 4), true),
            ((4, 4), (2, 4), false),
            ((2, 2), (2, 2), true),
            ((2, 2), (3, 3), false),
        ] {
            let edit = |(start, end)| {
                let finding = finding("r", "e", "0123456789", &[(start, end, "")]);
                finding.fix.unwrap().edits.remove(0)
            };
            assert_eq!(collide(&edit(one), &edit(other)), expected);
            assert_eq!(collide(&edit(other), &edit(one)), expected);
        }
    }

    #[test]
    fn the_first_of_two_that_overlap_is_chosen() {
        let text = "0123456789";
        let report = report(vec![
            finding("d", "", text, &[(8, 9, "")]),
            finding("c", "", text, &[(3, 5, "")]),
            finding("b", "", text, &[(1, 4, "")]),
            finding("without", "", text, &[]),
            // Begins first and ends last: either of its edits would do.
            finding("a", "", text, &[(9, 10, ""), (0, 1, "")]),
            finding("unwanted", "", text, &[(6, 7, "")]),
        ]);
        let chosen = choose(&report, &|finding| finding.rule != "unwanted");
        let rules: Vec<&str> = chosen.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules, ["a", "b", "d"]);
    }

    #[test]
    fn edits_are_applied_by_place_whatever_their_order() {
        let fix = finding(
            "r",
            "",
            "0123456789",
            &[(5, 9, "b"), (5, 5, "a"), (0, 1, "")],
        );
        let edits = fix.fix.unwrap().edits;
        assert_eq!(apply(b"0123456789", edits.iter().collect()), b"1234ab9");
    }

    #[test]
    fn fixes_apart_take_one_pass() {
        let passes = std::cell::Cell::new(0);
        let fixed = fix("a-b-a", |text| {
            passes.set(passes.get() + 1);
            [exchange("a", "a", "AA", text), exchange("b", "b", "", text)].concat()
        });
        let rules = ["a", "b", "a"].map(str::to_owned).to_vec();
        assert_eq!(fixed, Ok(("AA--AA".to_owned(), rules)));
        assert_eq!(passes.get(), 2);
    }

    #[test]
    fn insertions_at_one_place_take_a_pass_each() {
        // More than anybody would take for a sign that something is wrong.
        let names: Vec<String> = (b'a'..=b'z').map(|it| char::from(it).to_string()).collect();
        let fixed = fix("<>", |text| {
            let missing = names.iter().filter(|name| !text.contains(name.as_str()));
            missing
                .map(|name| finding(name, name, text, &[(1, 1, name)]))
                .collect()
        });
        let text = "<zyxwvutsrqponmlkjihgfedcba>".to_owned();
        assert_eq!(fixed, Ok((text, names.clone())));
    }

    #[test]
    fn an_overlapping_fix_is_made_anew_in_the_next_pass() {
        let fixed = fix("abcd", |text| {
            let long = text.len() > 1 && !text.starts_with('<');
            let mut findings = exchange("inner", "bc", "-", text);
            if long {
                findings.push(finding(
                    "outer",
                    "",
                    text,
                    &[(0, text.len(), &format!("<{text}>"))],
                ));
            }
            findings
        });
        let rules = ["outer", "inner"].map(str::to_owned).to_vec();
        assert_eq!(fixed, Ok(("<a-d>".to_owned(), rules)));
    }

    #[test]
    fn a_fix_that_does_not_hold_changes_nothing() {
        let fixed = fix("a", |text| exchange("a", "a", "aa", text));
        let error = "its fix does not satisfy `a`, so nothing was changed";
        assert_eq!(fixed, Err(error.to_owned()));
    }

    #[test]
    fn fixes_that_undo_each_other_change_nothing() {
        let fixed = fix("a", |text| {
            [exchange("a", "a", "b", text), exchange("b", "b", "a", text)].concat()
        });
        let error = "its fix would bring a finding of `a`, so nothing was changed";
        assert_eq!(fixed, Err(error.to_owned()));
    }

    #[test]
    fn what_a_fix_reveals_is_fixed_as_well_or_left() {
        let fixed = fix("a", |text| {
            let left = text.find('c').map(|_| finding("c", "c", text, &[]));
            let mut findings = exchange("a", "a", "b", text);
            findings.extend(exchange("b", "b", "c", text));
            findings.extend(left);
            findings
        });
        let rules = ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(fixed, Ok(("c".to_owned(), rules)));
    }

    #[test]
    fn fixes_without_end_change_nothing() {
        let fixed = fix("a", |text| {
            let longer = format!("{text}a");
            vec![finding("r", text, text, &[(0, text.len(), &longer)])]
        });
        let error = "its fix would bring a finding of `r`, so nothing was changed";
        assert_eq!(fixed, Err(error.to_owned()));
    }

    #[test]
    fn what_does_not_parse_is_not_handed_on() {
        let fixed = fix("a", |text| {
            let broken = text.find('b');
            let broken = broken.map(|_| finding(MALFORMED, "", text, &[]));
            let mut findings = exchange("a", "a", "b", text);
            findings.extend(broken);
            findings
        });
        let error = "its fix would bring a finding of `malformed-metadata`, so nothing was changed";
        assert_eq!(fixed, Err(error.to_owned()));
    }

    #[test]
    fn of_two_findings_alike_only_one_may_have_a_fix() {
        let fixed = fix("no no", |text| {
            let fixable = text.find("no").filter(|&at| at == 0);
            let edits: Vec<_> = fixable.map(|at| (at, at + 2, "yes")).into_iter().collect();
            let mut findings = vec![finding("r", "same", text, &[])];
            if fixable.is_some() {
                findings.push(finding("r", "same", text, &edits));
            }
            findings
        });
        assert_eq!(fixed, Ok(("yes no".to_owned(), vec!["r".to_owned()])));
    }
}
