//! The fix of a finding as a diff, in the style of a suggestion on a pull request.
//!
//! A safe fix only: a diff without the rollout that it needs would be applied without it. A diff never has
//! a secret, not even a masked one.

use std::collections::BTreeMap;

use crate::output::view::{EditView, FindingView};
use crate::text::MASK;

/// Longer diffs are not shown.
const MAX_LINES: usize = 12;

/// Diffs with longer lines are not shown.
const MAX_BYTES: usize = 200;

/// The lines of the diff, each with its `-` or `+`. None if the fix is not safe, or the report does not have
/// all of the lines that it changes.
pub(super) fn suggestion(finding: FindingView<'_>) -> Option<Vec<String>> {
    let fix = finding.fix().filter(|fix| fix.rollout().is_none())?;
    if fix.contains_secret() {
        return None;
    }
    let source = source_lines(finding);
    let mut diff = Vec::new();
    let mut last_line = 0;
    for edit in fix.edits() {
        // Two edits of one line would have to be applied together.
        if edit.start().line <= last_line {
            return None;
        }
        last_line = edit.end().line;
        diff.extend(lines_of(edit, &source)?);
    }
    let is_complete = diff
        .iter()
        .all(|line| !line.contains(MASK) && line.len() <= MAX_BYTES);
    (is_complete && !diff.is_empty() && diff.len() <= MAX_LINES).then_some(diff)
}

/// The lines of the finding's file that the report has, by number. Lines that are cut are missing.
fn source_lines(finding: FindingView<'_>) -> BTreeMap<usize, String> {
    let primary = finding.location();
    let related = finding.related().map(|it| it.location());
    let locations = related.filter(|it| it.path() == primary.path());
    let excerpts = locations.chain([primary]).filter_map(|it| it.excerpt());
    excerpts
        .flat_map(|excerpt| excerpt.lines())
        .map(|(number, text)| (number, text.one_line().into_owned()))
        .filter(|(_, text)| !text.starts_with('…') && !text.ends_with('…'))
        .collect()
}

/// The lines that an edit removes and adds.
fn lines_of(edit: EditView<'_>, source: &BTreeMap<usize, String>) -> Option<Vec<String>> {
    let (start, end) = (edit.start(), edit.end());
    let new: Vec<String> = edit.text().lines();
    let (first, rest) = new.split_first()?;
    // The end of the line before stays as it is, and so does what comes after.
    let inserts_lines = start == end && first.is_empty() && !rest.is_empty();
    if inserts_lines
        && source
            .get(&start.line)
            .is_none_or(|line| is_end(line, start.column))
    {
        return Some(rest.iter().map(|line| format!("+{line}")).collect());
    }
    let old: Vec<&String> = (start.line..=end.line)
        .map(|number| source.get(&number))
        .collect::<Option<_>>()?;
    let before: String = old.first()?.chars().take(start.column - 1).collect();
    let after: String = old.last()?.chars().skip(end.column - 1).collect();
    let changed = format!("{before}{}{after}", new.join("\n"));
    let removed = old.iter().map(|line| format!("-{line}"));
    // Removing a whole line leaves nothing in its place.
    let added = changed.split('\n').filter(|line| !line.trim().is_empty());
    Some(
        removed
            .chain(added.map(|line| format!("+{line}")))
            .collect(),
    )
}

/// Whether only spaces come after this column.
fn is_end(line: &str, column: usize) -> bool {
    line.chars().skip(column - 1).all(char::is_whitespace)
}
