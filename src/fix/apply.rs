//! Applies the fixes of a file's findings to its text.
//!
//! Each result is checked: it must parse, satisfy the fixed rules, and cause no new finding that is as severe
//! as what was fixed. A fix that fails the check is refused, and does not block the others.

use std::collections::{BTreeMap, HashSet};

use super::choose::{choose, new_text};
use super::refusal::{Refusal, Refused};
use super::verify::{Caused, Fixes, Identity, identity, verify};
use crate::finding::{Applicability, FileReport, Finding, Fix};
use crate::rule::Severity;

/// The most passes for one file. Fixes that build on one another, or are inserted at one offset, need a
/// few passes.
const MAX_PASSES: usize = 64;

/// The most passes that may reveal findings for the next pass to fix. More than that means that fixes
/// would go on forever.
const MAX_REVEALING_PASSES: usize = 8;

/// How many bytes are checked to find out which of several fixes must be refused. A hostile file can
/// have thousands of them.
const MAX_SEARCHED_BYTES: usize = 8 * 1024 * 1024;

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only safe ones.
    Safe,
    /// Also those that need a rollout.
    All,
}

impl Level {
    pub fn includes(self, fix: &Fix) -> bool {
        self == Self::All || fix.applicability == Applicability::Safe
    }
}

/// A file's new text.
#[derive(Debug)]
pub struct FixedText {
    pub text: Vec<u8>,
    /// The findings that were fixed.
    pub fixed: Vec<Finding>,
    /// The fixes that were not applied, because the result must not be written.
    pub refused: Vec<Refused>,
}

/// Checks a text as the content of the file. `None` if it is malformed.
pub(crate) type Lint<'a> = dyn FnMut(&[u8]) -> Option<FileReport> + 'a;

/// Applies the fixes of the selected findings to `text`.
///
/// Fixes that overlap are applied in several passes. After each pass, the findings and their fixes are
/// determined again for the new text. A fix can reveal findings: for example, a field has a value after its
/// name is corrected. If the next passes fix all of them, the result has nothing new. If they cannot, the
/// fixes that reveal findings are refused, except for less severe ones. For example, an app that only approved
/// users may authorize should name them.
pub(crate) fn apply_fixes(
    lint: &mut Lint<'_>,
    text: &[u8],
    is_selected: &dyn Fn(&Finding) -> bool,
) -> FixedText {
    let unchanged = FixedText {
        text: text.to_vec(),
        fixed: Vec::new(),
        refused: Vec::new(),
    };
    let mut fixer = Fixer {
        lint,
        is_selected,
        may_reveal: true,
        searched: 0,
        revealed: HashSet::new(),
        fixed: HashSet::new(),
    };
    if let Some(fixed) = fixer.run(text) {
        return fixed;
    }
    fixer.may_reveal = false;
    fixer.revealed.clear();
    fixer.fixed.clear();
    fixer.run(text).unwrap_or(unchanged)
}

struct Fixer<'a, 'l> {
    lint: &'a mut Lint<'l>,
    is_selected: &'a dyn Fn(&Finding) -> bool,
    /// A pass may cause findings that the next one can fix.
    may_reveal: bool,
    /// How many bytes were checked in vain.
    searched: usize,
    /// What passes caused.
    revealed: HashSet<Identity>,
    /// What passes fixed. It must not come back.
    fixed: HashSet<Identity>,
}

impl Fixer<'_, '_> {
    /// Applies fixes in passes until no more can be applied. `None` if a finding that they caused remains,
    /// and if the text is malformed.
    fn run(&mut self, text: &[u8]) -> Option<FixedText> {
        let mut text = text.to_vec();
        let mut report = (self.lint)(&text)?;
        let mut fixed = Vec::new();
        // For the current text, because another fix can change the result.
        let mut refused: BTreeMap<usize, Refusal> = BTreeMap::new();
        let mut passes = 0;
        let mut revealing = 0;
        loop {
            let (chosen, overlapping) = choose(&report, self.is_selected, &refused);
            refused.extend(overlapping.into_iter().map(|at| (at, Refusal::Overlaps)));
            if chosen.is_empty() {
                break;
            }
            if passes == MAX_PASSES {
                refused.extend(chosen.into_iter().map(|at| (at, Refusal::TooManyPasses)));
                break;
            }
            let mut pass = Pass::default();
            self.apply(&mut pass, &text, &report, chosen);
            let Some(after) = pass.after else {
                // Fixes that overlap with the refused ones are tried next.
                refused.extend(pass.refused);
                continue;
            };
            passes += 1;
            revealing += usize::from(!pass.caused.revealed.is_empty());
            if revealing > MAX_REVEALING_PASSES {
                return None;
            }
            self.revealed.extend(pass.caused.revealed);
            let accepted = pass.accepted.iter().map(|&at| &report.findings[at]);
            self.fixed.extend(accepted.clone().map(identity));
            fixed.extend(accepted.cloned());
            (text, report) = after;
            refused.clear();
        }
        let was_revealed = |finding: &Finding| self.revealed.contains(&identity(finding));
        if report.findings.iter().any(was_revealed) {
            return None;
        }
        let refused = refused.into_iter().map(|(at, reason)| Refused {
            rule: report.findings[at].rule.clone(),
            reason,
        });
        Some(FixedText {
            refused: refused.collect(),
            text,
            fixed,
        })
    }

    /// Applies as many of the `chosen` fixes as possible. If they cannot all be applied, first those whose
    /// findings remain are separated from the others, then halves of a group.
    fn apply(&mut self, pass: &mut Pass, text: &[u8], report: &FileReport, chosen: Vec<usize>) {
        let mut groups = vec![chosen];
        while let Some(group) = groups.pop() {
            let (reason, blamed) = match self.attempt(pass, text, report, &group) {
                Ok(()) => continue,
                Err(problem) => problem,
            };
            self.searched += text.len();
            if group.len() == 1 || self.searched > MAX_SEARCHED_BYTES {
                let refused = group.into_iter().map(|at| (at, reason.clone()));
                pass.refused.extend(refused);
                continue;
            }
            let is_blamed = |at: &usize| blamed.contains(&identity(&report.findings[*at]));
            let (blamed, others): (Vec<usize>, Vec<usize>) = group.into_iter().partition(is_blamed);
            match (blamed.is_empty(), others.is_empty()) {
                (false, false) => groups.extend([blamed, others]),
                _ => {
                    let mut first = [blamed, others].concat();
                    let second = first.split_off(first.len() / 2);
                    groups.extend([second, first]);
                }
            }
        }
    }

    /// Adds the fixes of `group` to the pass.
    ///
    /// # Errors
    /// If the result must not be used, and the findings that remain in spite of their fixes.
    fn attempt(
        &mut self,
        pass: &mut Pass,
        text: &[u8],
        report: &FileReport,
        group: &[usize],
    ) -> Result<(), (Refusal, HashSet<Identity>)> {
        let together = [&pass.accepted[..], group].concat();
        let findings: Vec<&Finding> = together.iter().map(|&at| &report.findings[at]).collect();
        let new = new_text(text, &findings);
        let after = (self.lint)(&new).ok_or((Refusal::Malformed, HashSet::new()))?;
        let is_fixable = |finding: &Finding| {
            self.may_reveal && finding.fix.is_some() && (self.is_selected)(finding)
        };
        // The fixes that are already accepted may have been for more severe findings.
        let severities = group.iter().map(|&at| report.findings[at].severity);
        let fixes = Fixes {
            chosen: &findings,
            severity: severities.min().unwrap_or(Severity::Info),
            known: &pass.caused,
            fixed: &self.fixed,
        };
        pass.caused = verify(report, &fixes, &after, &is_fixable)?;
        pass.accepted = together;
        pass.after = Some((new, after));
        Ok(())
    }
}

/// The result of fixes that are applied to the same text. Findings are named by their index in the report.
#[derive(Default)]
struct Pass {
    accepted: Vec<usize>,
    /// The result of the accepted fixes.
    after: Option<(Vec<u8>, FileReport)>,
    /// What the accepted fixes caused.
    caused: Caused,
    refused: Vec<(usize, Refusal)>,
}

#[cfg(test)]
mod tests {
    use super::super::sample::{finding, report};
    use super::*;
    use crate::rule::MALFORMED;

    /// Fixes `text`, with `lint` returning the findings of each text, or `malformed`. Returns the text, the
    /// rules in the order in which they were fixed, and what was refused.
    fn fix(text: &str, lint: impl Fn(&str) -> Vec<Finding>) -> (String, Vec<String>, Vec<String>) {
        let mut lint = |text: &[u8]| {
            let findings = lint(std::str::from_utf8(text).unwrap());
            let is_malformed = findings.iter().any(|it| it.rule == MALFORMED);
            (!is_malformed).then(|| report(findings))
        };
        let fixed = apply_fixes(&mut lint, text.as_bytes(), &|_| true);
        let rules = fixed.fixed.into_iter().map(|finding| finding.rule);
        let refused = fixed.refused.iter().map(ToString::to_string);
        let text = String::from_utf8(fixed.text).unwrap();
        (text, rules.collect(), refused.collect())
    }

    /// What [`fix`] returns if the rules were fixed, one letter each.
    fn result(text: &str, rules: &str, refused: &[&str]) -> (String, Vec<String>, Vec<String>) {
        let rules = rules.split_whitespace().map(str::to_owned);
        let refused = refused.iter().map(|&it| it.to_owned());
        (text.to_owned(), rules.collect(), refused.collect())
    }

    /// A finding of the rule for each occurrence of `needle`.
    fn replace(rule: &str, needle: &str, by: &str, text: &str) -> Vec<Finding> {
        text.match_indices(needle)
            .map(|(at, _)| finding(rule, needle, text, &[(at, at + needle.len(), by)]))
            .collect()
    }

    #[test]
    fn separate_fixes_take_one_pass() {
        let passes = std::cell::Cell::new(0);
        let fixed = fix("a-b-a", |text| {
            passes.set(passes.get() + 1);
            [replace("a", "a", "AA", text), replace("b", "b", "", text)].concat()
        });
        assert_eq!(fixed, result("AA--AA", "a b a", &[]));
        assert_eq!(passes.get(), 2);
    }

    #[test]
    fn insertions_at_one_offset_take_a_pass_each() {
        // More than `MAX_REVEALING_PASSES`, which must not limit them.
        let names: Vec<String> = (b'a'..=b'z').map(|it| char::from(it).to_string()).collect();
        let fixed = fix("<>", |text| {
            let missing = names.iter().filter(|name| !text.contains(name.as_str()));
            missing
                .map(|name| finding(name, name, text, &[(1, 1, name)]))
                .collect()
        });
        let text = "<zyxwvutsrqponmlkjihgfedcba>";
        assert_eq!(fixed, result(text, &names.join(" "), &[]));
    }

    #[test]
    fn overlapping_fix_is_applied_in_the_next_pass() {
        let fixed = fix("abcd", |text| {
            let long = text.len() > 1 && !text.starts_with('<');
            let mut findings = replace("inner", "bc", "-", text);
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
        assert_eq!(fixed, result("<a-d>", "outer inner", &[]));
    }

    #[test]
    fn fix_that_does_not_satisfy_its_rule() {
        let fixed = fix("a", |text| replace("a", "a", "aa", text));
        let refused = "the fix does not satisfy the rule `a`";
        assert_eq!(fixed, result("a", "", &[refused]));
    }

    #[test]
    fn refused_fix_does_not_block_the_others() {
        // `b` is not satisfied, and `c` causes a finding that has no fix.
        let fixed = fix("a-b-c-d-a", |text| {
            let found = [
                replace("a", "a", "A", text),
                replace("b", "b", "bb", text),
                replace("c", "c", "x", text),
                replace("d", "d", "D", text),
            ];
            let caused = text.find('x').map(|_| finding("x", "x", text, &[]));
            found.concat().into_iter().chain(caused).collect()
        });
        let refused = [
            "the fix does not satisfy the rule `b`",
            "the fix of `c` causes a finding of the rule `x`",
        ];
        assert_eq!(fixed, result("A-b-c-D-A", "a d a", &refused));
    }

    #[test]
    fn fix_that_overlaps_with_a_refused_one_is_applied() {
        let fixed = fix("abc", |text| {
            let mut findings = replace("outer", "abc", "abc!", text);
            findings.extend(replace("inner", "b", "B", text));
            findings
        });
        assert_eq!(fixed, result("aBc", "inner", &[]));
        let fixed = fix("abc", |text| {
            let mut findings = replace("outer", "c", "cc", text);
            findings.extend(replace("inner", "c", "C", text));
            findings
        });
        assert_eq!(fixed, result("abC", "inner", &[]));
    }

    #[test]
    fn corrected_names_come_first() {
        // Both fixes together would add a second `name`.
        let fixed = fix("<Name>", |text| {
            let mut misspelled = replace("unknown", "Name", "name", text);
            for finding in &mut misspelled {
                finding.fix.as_mut().unwrap().corrects_name = true;
            }
            if !text.contains("name") {
                misspelled.push(finding("missing", "name", text, &[(0, 0, "<name>")]));
            }
            misspelled
        });
        assert_eq!(fixed, result("<name>", "unknown", &[]));
    }

    #[test]
    fn fixes_that_undo_each_other() {
        let fixed = fix("a", |text| {
            [replace("a", "a", "b", text), replace("b", "b", "a", text)].concat()
        });
        let refused = "the fix of `a` causes a finding of the rule `b`";
        assert_eq!(fixed, result("a", "", &[refused]));
    }

    #[test]
    fn findings_that_a_fix_reveals_are_fixed() {
        let fixed = fix("a", |text| {
            [replace("a", "a", "b", text), replace("b", "b", "c", text)].concat()
        });
        assert_eq!(fixed, result("c", "a b", &[]));
    }

    #[test]
    fn fix_that_reveals_a_finding_that_cannot_be_fixed() {
        let fixed = fix("a-d", |text| {
            let unfixable = text.find('c').map(|_| finding("c", "c", text, &[]));
            let mut findings = replace("a", "a", "b", text);
            findings.extend(replace("b", "b", "c", text));
            findings.extend(replace("d", "d", "D", text));
            findings.extend(unfixable);
            findings
        });
        let refused = "the fix of `a` causes a finding of the rule `b`";
        assert_eq!(fixed, result("a-D", "d", &[refused]));
    }

    #[test]
    fn endless_fixes() {
        let fixed = fix("a", |text| {
            let longer = format!("{text}a");
            vec![finding("r", text, text, &[(0, text.len(), &longer)])]
        });
        let refused = "the fix of `r` causes a finding of the rule `r`";
        assert_eq!(fixed, result("a", "", &[refused]));
    }

    #[test]
    fn fix_that_makes_the_text_malformed() {
        let fixed = fix("a-d", |text| {
            let broken = text.find('b');
            let broken = broken.map(|_| finding(MALFORMED, "", text, &[]));
            let mut findings = replace("a", "a", "b", text);
            findings.extend(replace("d", "d", "D", text));
            findings.extend(broken);
            findings
        });
        let refused = "the fix of `a` makes the file malformed";
        assert_eq!(fixed, result("a-D", "d", &[refused]));
    }

    #[test]
    fn search_for_thousands_of_refused_fixes_ends() {
        let checks = std::cell::Cell::new(0);
        let text = "a".repeat(5_000) + &"-".repeat(1_000_000);
        let one = finding("a", "", "a", &[(0, 1, "aa")]);
        let (new, fixed, refused) = fix(&text, |text| {
            checks.set(checks.get() + 1);
            let findings = text.match_indices('a').map(|(at, _)| {
                let mut finding = one.clone();
                finding.element = at.to_string();
                let edit = &mut finding.fix.as_mut().unwrap().edits[0];
                (edit.start.offset, edit.end.offset) = (at, at + 1);
                finding
            });
            findings.collect()
        });
        assert_eq!(fixed.len(), 0);
        assert_eq!(refused.len(), 5_000);
        assert_eq!(new, text);
        assert!(checks.get() < 20, "{} checks", checks.get());
    }

    #[test]
    fn findings_with_the_same_identity() {
        let fixed = fix("no no", |text| {
            let fixable = text.find("no").filter(|&at| at == 0);
            let edits: Vec<_> = fixable.map(|at| (at, at + 2, "yes")).into_iter().collect();
            let mut findings = vec![finding("r", "same", text, &[])];
            if fixable.is_some() {
                findings.push(finding("r", "same", text, &edits));
            }
            findings
        });
        assert_eq!(fixed, result("yes no", "r", &[]));
    }
}
