//! Converts byte spans of a file to locations with excerpts.

use std::cell::OnceCell;

use crate::engine::Subject;
use crate::finding::{Detail, Excerpt, Location, line_hashes};
use crate::fix::Change;
use crate::project::SourceFile;
use crate::text::{LineIndex, secret_spans};
use crate::xml::{NodeId, Span};

pub(super) struct Locations<'a> {
    path: String,
    pub lines: LineIndex<'a>,
    /// In ascending order, without overlaps, found when they are needed.
    secrets: OnceCell<Vec<Span>>,
    hashes: Vec<String>,
    pub detail: Detail,
}

impl<'a> Locations<'a> {
    pub(super) fn new(file: &SourceFile, source: &'a str, detail: Detail) -> Self {
        Self {
            path: file.report_path(),
            lines: LineIndex::new(source),
            secrets: OnceCell::new(),
            hashes: match detail.line_hashes {
                true => line_hashes(source),
                false => Vec::new(),
            },
            detail,
        }
    }

    /// Treats the whole file as a secret.
    pub(super) fn mask_all(&mut self) {
        self.secrets = OnceCell::from(vec![Span::new(0, self.lines.text().len())]);
    }

    fn secrets(&self) -> &[Span] {
        self.secrets
            .get_or_init(|| merged(secret_spans(self.lines.text())))
    }

    /// Whether the new text of a change contains a secret: its own, or a part of one that it replaces.
    pub(super) fn contain_secret(&self, changes: &[Change]) -> bool {
        changes.iter().any(|(span, text)| {
            let replaces_text = !span.is_empty() && !text.is_empty();
            let replaces_secret = || {
                let secrets = self.secrets();
                let next = secrets.partition_point(|secret| secret.end <= span.start);
                secrets
                    .get(next)
                    .is_some_and(|secret| secret.start < span.end)
            };
            replaces_text && replaces_secret() || !secret_spans(text).is_empty()
        })
    }

    /// Masks the elements that rules about secrets found, whatever their names are.
    pub(super) fn mask_found(&mut self, found: &[NodeId], subject: Subject<'_>) {
        if found.is_empty() {
            return;
        }
        let contents = found.iter().map(|node| {
            let content = subject.document.content(*node);
            subject.replaced.source_span(content)
        });
        let mut secrets = self.secrets().to_vec();
        secrets.extend(contents);
        secrets.sort();
        self.secrets = OnceCell::from(merged(secrets));
    }

    pub(super) fn location(&self, span: Span) -> Location {
        let excerpt = self
            .detail
            .excerpts
            .then(|| Excerpt::new(&self.lines, span, self.secrets()));
        Location {
            excerpt,
            ..self.without_excerpt(span)
        }
    }

    pub(super) fn without_excerpt(&self, span: Span) -> Location {
        Location {
            path: self.path.clone(),
            start: self.lines.position(span.start as usize),
            end: self.lines.position(span.end as usize),
            excerpt: None,
        }
    }

    pub(super) fn line_hash(&self, span: Span) -> Option<String> {
        let line = self.lines.position(span.start as usize).line;
        let last = self.hashes.len().checked_sub(1)?;
        self.hashes.get((line - 1).min(last)).cloned()
    }
}

/// Joins spans that overlap, which are in ascending order.
fn merged(spans: Vec<Span>) -> Vec<Span> {
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.overlaps(span) => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}
