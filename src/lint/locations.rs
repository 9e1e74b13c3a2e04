//! Converts byte spans of a file to locations with excerpts.

use crate::engine::Subject;
use crate::finding::{Detail, Excerpt, Location, line_hashes};
use crate::project::SourceFile;
use crate::text::{LineIndex, secret_spans};
use crate::xml::{NodeId, Span};

pub(super) struct Locations<'a> {
    path: String,
    pub lines: LineIndex<'a>,
    /// In ascending order, without overlaps.
    secrets: Vec<Span>,
    hashes: Vec<String>,
    pub detail: Detail,
}

impl<'a> Locations<'a> {
    pub(super) fn new(file: &SourceFile, source: &'a str, detail: Detail) -> Self {
        Self {
            path: file.report_path(),
            lines: LineIndex::new(source),
            secrets: match detail.excerpts {
                true => merged(secret_spans(source)),
                false => Vec::new(),
            },
            hashes: match detail.line_hashes {
                true => line_hashes(source),
                false => Vec::new(),
            },
            detail,
        }
    }

    /// Treats the whole file as a secret.
    pub(super) fn mask_all(&mut self) {
        self.secrets = vec![Span::new(0, self.lines.text().len())];
    }

    /// Masks the elements that rules about secrets found, whatever their names are.
    pub(super) fn mask_found(&mut self, found: &[NodeId], subject: Subject<'_>) {
        let contents = found.iter().map(|node| subject.document.content(*node));
        let mut secrets = std::mem::take(&mut self.secrets);
        secrets.extend(contents);
        secrets.sort();
        self.secrets = merged(secrets);
    }

    pub(super) fn location(&self, span: Span) -> Location {
        let excerpt = self
            .detail
            .excerpts
            .then(|| Excerpt::new(&self.lines, span, &self.secrets));
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
