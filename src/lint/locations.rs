//! Converts byte spans of a file to locations with excerpts.

use std::cell::OnceCell;

use crate::engine::{Diagnostic, Subject};
use crate::finding::{Detail, Excerpt, Location, line_hashes};
use crate::fix::Change;
use crate::project::SourceFile;
use crate::text::{LineIndex, secret_spans};
use crate::xml::Span;

pub(super) struct Locations<'a> {
    path: String,
    pub lines: LineIndex<'a>,
    /// In ascending order, found when they are needed.
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
        self.secrets.get_or_init(|| secret_spans(self.lines.text()))
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
    pub(super) fn mask_found(&mut self, diagnostics: &[Diagnostic<'_>], subject: Subject<'_>) {
        let found = diagnostics.iter().filter(|found| found.rule.secret);
        let nodes = found.filter_map(|found| found.failure.node);
        let found: Vec<Span> = nodes.map(|node| subject.document.content(node)).collect();
        if !found.is_empty() {
            let mut secrets = self.secrets().to_vec();
            secrets.extend(found);
            secrets.sort();
            secrets.dedup_by(|next, kept| {
                let overlaps = next.start <= kept.end;
                kept.end = kept.end.max(if overlaps { next.end } else { 0 });
                overlaps
            });
            self.secrets = OnceCell::from(secrets);
        }
    }

    pub(super) fn location(&self, span: Span) -> Location {
        let excerpt = self
            .detail
            .excerpts
            .then(|| Excerpt::new(&self.lines, span, self.secrets()));
        Location {
            path: self.path.clone(),
            start: self.lines.position(span.start as usize),
            end: self.lines.position(span.end as usize),
            excerpt,
        }
    }

    pub(super) fn line_hash(&self, span: Span) -> Option<String> {
        let line = self.lines.position(span.start as usize).line;
        let last = self.hashes.len().checked_sub(1)?;
        self.hashes.get((line - 1).min(last)).cloned()
    }
}
