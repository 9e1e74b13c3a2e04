//! Fixes as a unified diff that `git apply` accepts.
//!
//! Context lines with secrets are omitted if `git apply` does not need them.

use std::fmt::Write as _;

use similar::{DiffOp, DiffTag, group_diff_ops};

use crate::text::{line_difference, lines_with_ends, secret_spans};

/// Lines of context around a change.
const CONTEXT_LINES: usize = 3;

/// A unified diff.
#[derive(Debug)]
pub(crate) struct Patch {
    /// The diff with its headers.
    pub text: String,
    /// The diff contains a secret, because the change is next to it.
    pub shows_secret: bool,
}

/// The diff of two texts of the file `path`.
pub(crate) fn patch(path: &str, old: &str, new: &str) -> Patch {
    let (old_lines, new_lines) = (lines_with_ends(old), lines_with_ends(new));
    let secret = secret_lines(old);
    let mut patch = Patch {
        text: format!("--- {}\n+++ {}\n", header("a/", path), header("b/", path)),
        shows_secret: !secret_spans(path).is_empty(),
    };
    let ops = line_difference(&old_lines, &new_lines);
    for group in group_diff_ops(ops, CONTEXT_LINES) {
        let group = trim_context(group, &secret, old_lines.len());
        patch.hunk(&group, &old_lines, &new_lines, &secret);
    }
    patch
}

impl Patch {
    fn hunk(&mut self, group: &[DiffOp], old: &[&str], new: &[&str], secret: &[bool]) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            return;
        };
        let old_range = first.old_range().start..last.old_range().end;
        let new_range = first.new_range().start..last.new_range().end;
        let _ = writeln!(
            self.text,
            "@@ -{} +{} @@",
            hunk_range(&old_range),
            hunk_range(&new_range)
        );
        self.shows_secret |= secret[old_range].iter().any(|&secret| secret);
        for op in group {
            if op.tag() == DiffTag::Equal {
                self.lines(' ', &old[op.old_range()]);
            } else {
                self.lines('-', &old[op.old_range()]);
                self.lines('+', &new[op.new_range()]);
            }
        }
    }

    fn lines(&mut self, sign: char, lines: &[&str]) {
        for line in lines {
            self.text.push(sign);
            self.text.push_str(line);
            if !line.ends_with('\n') {
                self.text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
}

/// Shortens the context at both ends so that it contains no secret. One line after the change remains,
/// unless the file ends there: without it, `git apply` expects the end of the file.
fn trim_context(mut group: Vec<DiffOp>, secret: &[bool], old_len: usize) -> Vec<DiffOp> {
    if let Some(&DiffOp::Equal {
        old_index,
        new_index,
        len,
    }) = group.first()
    {
        let kept = (0..len)
            .rev()
            .take_while(|&at| !secret[old_index + at])
            .count();
        group[0] = DiffOp::Equal {
            old_index: old_index + len - kept,
            new_index: new_index + len - kept,
            len: kept,
        };
    }
    if let Some(DiffOp::Equal { old_index, len, .. }) = group.last_mut() {
        let kept = (0..*len).take_while(|&at| !secret[*old_index + at]).count();
        let ends_file = *old_index == old_len;
        *len = kept.max(usize::from(!ends_file && *len > 0));
    }
    group
}

/// For each line of the text, whether it contains a part of a secret.
fn secret_lines(text: &str) -> Vec<bool> {
    let spans = secret_spans(text);
    let mut spans = spans.iter().peekable();
    let mut end = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let start = end;
            end += line.len();
            while spans.next_if(|span| span.end as usize <= start).is_some() {}
            spans.peek().is_some_and(|span| (span.start as usize) < end)
        })
        .collect()
}

/// A range as diffs write it: `start,length`. An empty range has the number of the line before it.
fn hunk_range(range: &std::ops::Range<usize>) -> String {
    let begin = if range.is_empty() {
        range.start
    } else {
        range.start + 1
    };
    match range.len() {
        1 => begin.to_string(),
        length => format!("{begin},{length}"),
    }
}

/// A file name as `git apply` reads it: quoted if necessary, and followed by a tab if it contains
/// spaces.
fn header(prefix: &str, path: &str) -> String {
    let needs_quotes = path
        .chars()
        .any(|c| c.is_control() || matches!(c, '"' | '\\'));
    if !needs_quotes {
        let tab = if path.contains(' ') { "\t" } else { "" };
        return format!("{prefix}{path}{tab}");
    }
    let mut quoted = format!("\"{prefix}");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(byte));
            }
            b' '..=b'~' => quoted.push(char::from(byte)),
            _ => {
                let _ = write!(quoted, "\\{byte:03o}");
            }
        }
    }
    quoted.push('"');
    quoted
}
