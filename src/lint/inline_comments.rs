//! Comments that suppress findings: `<!-- forcelint-ignore rule-id: reason -->`.
//!
//! A comment covers the element that follows it, with everything inside. Before the root element, that
//! is the whole file. A comment without a reason or with an unknown rule has no effect, which a note
//! reports.

use std::collections::BTreeMap;

use crate::engine::FileText;
use crate::finding::{Suppression, SuppressionKind};
use crate::project::SourceFile;
use crate::rule::{MALFORMED, RuleSet};
use crate::text::{LineIndex, display_value, nearest};
use crate::xml::{Document, Span, trim};

/// The start of the comment.
const MARKER: &str = "forcelint-ignore";

/// What a new comment has instead of a reason. A comment that still has it has no effect.
pub(crate) const REASON_PLACEHOLDER: &str = "REASON";

/// A comment for a rule, with a placeholder instead of the reason.
pub(crate) fn ignore_comment(rule: &str) -> String {
    format!("<!-- {MARKER} {rule}: {REASON_PLACEHOLDER} -->")
}

/// The most notes about one file, so that notes about other files are not lost among them.
const MAX_NOTES: usize = 10;

/// The inline comments of a file.
#[derive(Debug, Default)]
pub(crate) struct InlineComments {
    /// For each rule, the covered spans with their reasons, in order and without overlaps.
    covered: BTreeMap<String, Vec<(Span, String)>>,
    /// Why some comments have no effect, with their positions.
    pub notes: Vec<String>,
}

impl InlineComments {
    /// The comments in a document: that of `file`, or that of a decomposed component with these `files`. None
    /// if they do not `apply`.
    pub(crate) fn find(
        document: Document<'_>,
        file: &SourceFile,
        files: &[FileText],
        rules: &RuleSet,
        apply: bool,
    ) -> Self {
        let mut found = Self::default();
        let source = document.source();
        if !apply || memchr::memmem::find(source.as_bytes(), MARKER.as_bytes()).is_none() {
            return found;
        }
        let mut problems = Vec::new();
        for (comment, element) in document.comments() {
            let text = source[comment.range()]
                .trim_start_matches("<!--")
                .trim_end_matches("-->");
            let Some(instruction) = trim(text).strip_prefix(MARKER) else {
                continue;
            };
            // `forcelint-ignored` is an ordinary word.
            if instruction.starts_with(|next: char| next.is_alphanumeric() || next == '-') {
                continue;
            }
            let covers = match element {
                None => Err("no element follows it".to_owned()),
                Some(element)
                    if !document.is_file_root(element) && is_trailing(source, comment) =>
                {
                    Err(
                        "it is at the end of a line; put it on a separate line before the element"
                            .to_owned(),
                    )
                }
                Some(element) => Ok(document.span(element)),
            };
            // Finding the rule that was meant takes time, and the other problems are only counted.
            let suggests = problems.len() < MAX_NOTES;
            let instruction =
                covers.and_then(|covers| Ok((covers, read(instruction, rules, suggests)?)));
            match instruction {
                Ok((covers, (ids, reason))) => {
                    for id in ids {
                        found.cover(id, covers, reason);
                    }
                }
                Err(problem) => problems.push((comment, problem)),
            }
        }
        // Comments are in document order, so those of a file follow each other.
        let file_of = |(comment, _): &(Span, String)| document.file_at(comment.start);
        for here in problems.chunk_by(|one, other| file_of(one) == file_of(other)) {
            match files.get(file_of(&here[0])) {
                Some(it) => found.note_problems(here, it.text, source, &it.file),
                None => found.note_problems(here, Span::new(0, source.len()), source, file),
            }
        }
        found
    }

    /// Adds a span. Comments are in document order, so only the last span can already cover it.
    fn cover(&mut self, rule: &str, covers: Span, reason: &str) {
        let spans = self.covered.entry(rule.to_owned()).or_default();
        if !spans.last().is_some_and(|(last, _)| last.contains(covers)) {
            spans.push((covers, reason.to_owned()));
        }
    }

    /// Adds the problems with comments in a file, whose text is that at `text` in `source`.
    fn note_problems(
        &mut self,
        problems: &[(Span, String)],
        text: Span,
        source: &str,
        file: &SourceFile,
    ) {
        let lines = LineIndex::new(&source[text.range()]);
        let path = file.report_path();
        for (comment, problem) in problems.iter().take(MAX_NOTES) {
            let position = lines.position((comment.start - text.start) as usize);
            self.notes.push(format!(
                "{path}:{}:{}: this {MARKER} comment has no effect: {problem}",
                position.line, position.column
            ));
        }
        if problems.len() > MAX_NOTES {
            let more = problems.len() - MAX_NOTES;
            self.notes.push(format!(
                "{path}: {more} more {MARKER} comments have no effect"
            ));
        }
    }

    /// The reason of the comment that covers a finding of `rule` at this byte.
    fn reason(&self, rule: &str, at: usize) -> Option<&str> {
        let spans = self.covered.get(rule)?;
        let before = spans.partition_point(|(span, _)| span.start as usize <= at);
        let (span, reason) = spans.get(before.checked_sub(1)?)?;
        span.range().contains(&at).then_some(reason)
    }

    /// Whether a comment covers a finding of `rule` at this byte.
    pub(crate) fn covers(&self, rule: &str, at: usize) -> bool {
        self.reason(rule, at).is_some()
    }

    /// The comment that covers a finding of `rule` at this byte.
    pub(crate) fn suppression(&self, rule: &str, at: usize) -> Option<Suppression> {
        self.reason(rule, at).map(|reason| Suppression {
            kind: SuppressionKind::Inline,
            reason: Some(reason.to_owned()),
            expires: None,
            owner: None,
        })
    }
}

/// Whether a comment is at the end of a line, after other text. Its author probably means that text,
/// and not the next line.
fn is_trailing(source: &str, comment: Span) -> bool {
    let is_space = |c: &char| matches!(c, ' ' | '\t');
    let before = source[..comment.start as usize].chars();
    let before = before.rev().find(|c| !is_space(c));
    let mut after = source[comment.end as usize..].chars();
    let after = after.find(|c| !is_space(c));
    let is_line_end = |c: Option<char>| matches!(c, Some('\n' | '\r'));
    is_line_end(after) && before.is_some() && !is_line_end(before)
}

/// The rule ids and the reason after the marker.
fn read<'w>(
    instruction: &'w str,
    rules: &RuleSet,
    suggests: bool,
) -> Result<(Vec<&'w str>, &'w str), String> {
    let (ids, reason) = instruction.split_once(':').unwrap_or((instruction, ""));
    let ids: Vec<&str> = ids
        .split(',')
        .map(trim)
        .filter(|id| !id.is_empty())
        .collect();
    if ids.is_empty() {
        return Err(format!(
            "it has no rule id; write <!-- {MARKER} rule-id: reason -->"
        ));
    }
    for id in &ids {
        if *id == MALFORMED {
            return Err(format!(
                "`{MALFORMED}` cannot be suppressed; fix the file or exclude it"
            ));
        }
        if !rules.known_ids().any(|known| known == *id) {
            let near = suggests.then(|| nearest(id, rules.known_ids())).flatten();
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let id = display_value("", id);
            return Err(format!("unknown rule `{id}`{near}"));
        }
    }
    let reason = trim(reason);
    if reason.is_empty() {
        return Err("it has no reason; add one after a colon".to_owned());
    }
    if reason.eq_ignore_ascii_case(REASON_PLACEHOLDER) {
        return Err(format!("it has no reason; replace `{reason}` with one"));
    }
    Ok((ids, reason))
}
