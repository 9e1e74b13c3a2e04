//! Applies the fixes of a file's findings to its text.
//!
//! Each result is checked: it must parse, satisfy the fixed rules, and not undo another fix.

use std::collections::{HashMap, HashSet};

use thiserror::Error;

use crate::finding::{Applicability, Edit, FileReport, Finding, Fix};
use crate::rule::MALFORMED;

/// The most passes that may cause new findings. Rules that build on one another need a few such passes.
/// More than that means that fixes would go on forever.
const MAX_REVEALING_PASSES: usize = 8;

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
}

/// Why fixes must not be written. Both are defects of a rule or of forcelint.
#[derive(Debug, Error)]
pub enum FixError {
    /// The finding is still there after its fix.
    #[error("the fix does not satisfy the rule `{rule}`")]
    NotSatisfied { rule: String },
    /// The text is malformed after the fix, or the fix undoes an earlier one.
    #[error("the fix causes a finding of the rule `{rule}`")]
    NewFinding { rule: String },
}

/// Applies the fixes of the selected findings to `text`. `lint` checks a text as the content of the
/// same file.
///
/// Fixes that overlap are applied in several passes. A fix can cause findings of other rules. For
/// example, an app that only approved users may authorize needs approved users, and a field has a value
/// after its name is corrected. Such findings are reported, or fixed in the next pass. The passes end,
/// because each fixes something and only a few may cause findings.
///
/// # Errors
/// If the result must not be written.
pub(crate) fn apply_fixes(
    lint: &mut dyn FnMut(&[u8]) -> FileReport,
    text: &[u8],
    is_selected: &dyn Fn(&Finding) -> bool,
) -> Result<FixedText, FixError> {
    let mut result = FixedText {
        text: text.to_vec(),
        fixed: Vec::new(),
    };
    let mut report = lint(text);
    let mut fixed = HashSet::new();
    let mut revealing = 0;
    loop {
        let chosen = choose(&report, is_selected);
        if chosen.is_empty() {
            return Ok(result);
        }
        let fixes = chosen.iter().filter_map(|finding| finding.fix.as_ref());
        result.text = apply(&result.text, fixes.flat_map(|fix| &fix.edits).collect());
        let after = lint(&result.text);
        fixed.extend(chosen.iter().map(|finding| identity(finding)));
        if let Some(new) = verify(&report, &chosen, &after, &fixed)? {
            revealing += 1;
            if revealing > MAX_REVEALING_PASSES {
                let rule = new.rule.clone();
                return Err(FixError::NewFinding { rule });
            }
        }
        result.fixed.extend(chosen.into_iter().cloned());
        report = after;
    }
}

/// The selected findings whose fixes can be applied together, in the order of their edits.
fn choose<'f>(report: &'f FileReport, is_selected: &dyn Fn(&Finding) -> bool) -> Vec<&'f Finding> {
    let mut candidates: Vec<(&Finding, &Fix)> = report
        .findings
        .iter()
        .filter(|finding| is_selected(finding))
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

/// Whether two edits overlap. Two insertions at one offset do, because their order is unknown.
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

/// Identifies a finding of the file, even if its position has changed.
fn identity(finding: &Finding) -> (String, String) {
    (finding.rule.clone(), finding.element.clone())
}

/// Checks that fixed findings do not remain or come back. Returns a new finding, if there is one.
fn verify<'f>(
    before: &FileReport,
    chosen: &[&Finding],
    after: &'f FileReport,
    fixed: &HashSet<(String, String)>,
) -> Result<Option<&'f Finding>, FixError> {
    // These are counted because of two findings with the same identity, only one may have a fix.
    let mut may_remain: HashMap<_, usize> = HashMap::new();
    for finding in &before.findings {
        *may_remain.entry(identity(finding)).or_default() += 1;
    }
    let chosen: HashSet<_> = chosen
        .iter()
        .map(|finding| identity(finding))
        .inspect(|identity| {
            if let Some(count) = may_remain.get_mut(identity) {
                *count -= 1;
            }
        })
        .collect();
    let mut new = None;
    for finding in &after.findings {
        let rule = finding.rule.clone();
        let identity = identity(finding);
        match may_remain.get_mut(&identity) {
            Some(count) if *count > 0 => *count -= 1,
            // Keys of elements depend on their content, so another element may now have this path.
            _ if chosen.contains(&identity) && count(after, &rule) >= count(before, &rule) => {
                return Err(FixError::NotSatisfied { rule });
            }
            _ if rule == MALFORMED
                || (fixed.contains(&identity) && !chosen.contains(&identity)) =>
            {
                return Err(FixError::NewFinding { rule });
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

    /// A finding of `rule` at `element` of `text`, with these edits as its fix.
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
            decided_elsewhere: Vec::new(),
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

    /// Fixes `text`, with `lint` returning the findings of each pass. Returns the text and the rules
    /// in the order in which they were fixed.
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

    /// A finding of the rule for each occurrence of `needle`.
    fn replace(rule: &str, needle: &str, by: &str, text: &str) -> Vec<Finding> {
        text.match_indices(needle)
            .map(|(at, _)| finding(rule, needle, text, &[(at, at + needle.len(), by)]))
            .collect()
    }

    #[test]
    fn colliding_edits() {
        for (one, other, expected) in [
            ((0, 2), (2, 4), false),
            ((0, 2), (3, 4), false),
            ((0, 3), (2, 4), true),
            ((0, 9), (2, 4), true),
            ((2, 4), (2, 4), true),
            ((2, 4), (2, 9), true),
            // Insertions: inside another edit, at either end of it, and at one offset.
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
    fn first_of_overlapping_fixes_is_chosen() {
        let text = "0123456789";
        let report = report(vec![
            finding("d", "", text, &[(8, 9, "")]),
            finding("c", "", text, &[(3, 5, "")]),
            finding("b", "", text, &[(1, 4, "")]),
            finding("without", "", text, &[]),
            // Its edits are not in order, and only the second one comes first.
            finding("a", "", text, &[(9, 10, ""), (0, 1, "")]),
            finding("not selected", "", text, &[(6, 7, "")]),
        ]);
        let chosen = choose(&report, &|finding| finding.rule != "not selected");
        let rules: Vec<&str> = chosen.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules, ["a", "b", "d"]);
    }

    #[test]
    fn order_of_edits_does_not_matter() {
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
    fn separate_fixes_take_one_pass() {
        let passes = std::cell::Cell::new(0);
        let fixed = fix("a-b-a", |text| {
            passes.set(passes.get() + 1);
            [replace("a", "a", "AA", text), replace("b", "b", "", text)].concat()
        });
        let rules = ["a", "b", "a"].map(str::to_owned).to_vec();
        assert_eq!(fixed, Ok(("AA--AA".to_owned(), rules)));
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
        let text = "<zyxwvutsrqponmlkjihgfedcba>".to_owned();
        assert_eq!(fixed, Ok((text, names.clone())));
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
        let rules = ["outer", "inner"].map(str::to_owned).to_vec();
        assert_eq!(fixed, Ok(("<a-d>".to_owned(), rules)));
    }

    #[test]
    fn fix_that_does_not_satisfy_its_rule() {
        let fixed = fix("a", |text| replace("a", "a", "aa", text));
        let error = "the fix does not satisfy the rule `a`";
        assert_eq!(fixed, Err(error.to_owned()));
    }

    #[test]
    fn fixes_that_undo_each_other() {
        let fixed = fix("a", |text| {
            [replace("a", "a", "b", text), replace("b", "b", "a", text)].concat()
        });
        let error = "the fix causes a finding of the rule `a`";
        assert_eq!(fixed, Err(error.to_owned()));
    }

    #[test]
    fn findings_that_a_fix_causes() {
        let fixed = fix("a", |text| {
            let unfixable = text.find('c').map(|_| finding("c", "c", text, &[]));
            let mut findings = replace("a", "a", "b", text);
            findings.extend(replace("b", "b", "c", text));
            findings.extend(unfixable);
            findings
        });
        let rules = ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(fixed, Ok(("c".to_owned(), rules)));
    }

    #[test]
    fn endless_fixes() {
        let fixed = fix("a", |text| {
            let longer = format!("{text}a");
            vec![finding("r", text, text, &[(0, text.len(), &longer)])]
        });
        let error = "the fix causes a finding of the rule `r`";
        assert_eq!(fixed, Err(error.to_owned()));
    }

    #[test]
    fn fix_that_makes_the_text_malformed() {
        let fixed = fix("a", |text| {
            let broken = text.find('b');
            let broken = broken.map(|_| finding(MALFORMED, "", text, &[]));
            let mut findings = replace("a", "a", "b", text);
            findings.extend(broken);
            findings
        });
        let error = "the fix causes a finding of the rule `malformed-metadata`";
        assert_eq!(fixed, Err(error.to_owned()));
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
        assert_eq!(fixed, Ok(("yes no".to_owned(), vec!["r".to_owned()])));
    }
}
