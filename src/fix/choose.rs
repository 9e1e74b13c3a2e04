//! Chooses fixes that can be applied to a text together, and applies their edits.

use std::collections::BTreeMap;

use super::refusal::Refusal;
use crate::finding::{Edit, FileReport, Finding, Fix};

/// The selected findings, by their index, whose fixes can be applied together, in the order of their
/// edits; and those whose own edits overlap. Refused fixes are not chosen.
///
/// If fixes correct names, only those are chosen: other fixes depend on which fields an element has.
pub(super) fn choose(
    report: &FileReport,
    is_selected: &dyn Fn(&Finding) -> bool,
    refused: &BTreeMap<usize, Refusal>,
) -> (Vec<usize>, Vec<usize>) {
    let mut candidates: Vec<(usize, &Fix)> = report
        .findings
        .iter()
        .enumerate()
        .filter(|(at, finding)| !refused.contains_key(at) && is_selected(finding))
        .filter_map(|(at, finding)| Some((at, finding.fix.as_deref()?)))
        .collect();
    if candidates.iter().any(|(_, fix)| fix.corrects_name) {
        candidates.retain(|(_, fix)| fix.corrects_name);
    }
    let first_edit = |fix: &Fix| fix.edits.iter().map(|edit| edit.start.offset).min();
    candidates.sort_by_key(|(at, fix)| (first_edit(fix), &report.findings[*at].rule));
    let mut taken = TakenEdits::default();
    let mut chosen = Vec::new();
    let mut overlapping = Vec::new();
    for (at, fix) in candidates {
        if overlaps_itself(fix) {
            overlapping.push(at);
        } else if fix.edits.iter().all(|edit| taken.is_free(edit)) {
            fix.edits.iter().for_each(|edit| taken.take(edit));
            chosen.push(at);
        }
    }
    (chosen, overlapping)
}

/// Whether two edits of a fix overlap. An insertion may be at the start of a replaced text.
fn overlaps_itself(fix: &Fix) -> bool {
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| (edit.start.offset, edit.end.offset));
    edits
        .windows(2)
        .any(|pair| pair[0].end.offset > pair[1].start.offset)
}

/// The edits of the chosen fixes: where each starts, and where the last one that starts there ends.
#[derive(Default)]
struct TakenEdits(BTreeMap<usize, usize>);

impl TakenEdits {
    /// Whether the edit overlaps none that is taken. Two insertions at one offset do, because their order
    /// is unknown.
    fn is_free(&self, edit: &Edit) -> bool {
        let (start, end) = (edit.start.offset, edit.end.offset);
        let starts_inside = self.0.range(start..end.max(start + 1)).next().is_some();
        let before = self.0.range(..start).next_back();
        !starts_inside && before.is_none_or(|(_, &end)| end <= start)
    }

    fn take(&mut self, edit: &Edit) {
        let end = self.0.entry(edit.start.offset).or_default();
        *end = edit.end.offset.max(*end);
    }
}

/// The text after the fixes of the findings, whose edits do not overlap.
pub(super) fn new_text(text: &[u8], findings: &[&Finding]) -> Vec<u8> {
    let fixes = findings.iter().filter_map(|finding| finding.fix.as_deref());
    let mut edits: Vec<&Edit> = fixes.flat_map(|fix| &fix.edits).collect();
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

#[cfg(test)]
mod tests {
    use super::super::sample::{finding, report};
    use super::*;

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
            let collide = |one, other| {
                let mut taken = TakenEdits::default();
                taken.take(&edit(one));
                !taken.is_free(&edit(other))
            };
            assert_eq!(collide(one, other), expected, "{one:?} {other:?}");
            assert_eq!(collide(other, one), expected, "{other:?} {one:?}");
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
            finding("itself", "", text, &[(6, 7, ""), (5, 8, "")]),
            // Its edits are not in order, and only the second one comes first.
            finding("a", "", text, &[(9, 10, ""), (0, 1, "")]),
            finding("not selected", "", text, &[(6, 7, "")]),
        ]);
        let is_selected = |finding: &Finding| finding.rule != "not selected";
        let (chosen, overlapping) = choose(&report, &is_selected, &BTreeMap::new());
        let rule = |at: &usize| report.findings[*at].rule.as_str();
        let rules: Vec<&str> = chosen.iter().map(rule).collect();
        assert_eq!(rules, ["a", "b", "d"]);
        let rules: Vec<&str> = overlapping.iter().map(rule).collect();
        assert_eq!(rules, ["itself"]);
    }

    #[test]
    fn order_of_edits_does_not_matter() {
        let fix = finding(
            "r",
            "",
            "0123456789",
            &[(5, 9, "b"), (5, 5, "a"), (0, 1, "")],
        );
        assert_eq!(new_text(b"0123456789", &[&fix]), b"1234ab9");
    }
}
