//! Converts byte spans of a file to locations with excerpts.

use crate::engine::{Diagnostic, Subject};
use crate::finding::{Detail, Excerpt, Location, line_hashes};
use crate::project::SourceFile;
use crate::text::{LineIndex, secret_spans};
use crate::xml::Span;

pub(super) struct Locations<'a> {
    path: String,
    pub lines: LineIndex<'a>,
    /// In ascending order.
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
                true => secret_spans(source),
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
    pub(super) fn mask_found(&mut self, diagnostics: &[Diagnostic<'_>], subject: Subject<'_>) {
        let found = diagnostics.iter().filter(|found| found.rule.secret);
        let nodes = found.filter_map(|found| found.failure.node);
        self.secrets
            .extend(nodes.map(|node| subject.document.content(node)));
        self.secrets.sort();
    }

    pub(super) fn location(&self, span: Span) -> Location {
        let excerpt = self
            .detail
            .excerpts
            .then(|| Excerpt::new(&self.lines, span, &self.secrets));
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
