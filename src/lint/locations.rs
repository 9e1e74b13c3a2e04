//! Converts byte spans of a document to locations with excerpts.

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

use crate::engine::{FileText, LongText, Subject};
use crate::finding::{Detail, Excerpt, LineHash, Location, line_hashes};
use crate::fix::Change;
use crate::project::{PieceKind, SourceFile};
use crate::text::{LineIndex, secret_spans};
use crate::xml::{NodeId, Span};

/// The locations in a document: one file, or the files of a decomposed component.
pub(super) struct Locations<'a> {
    /// By the offset of their text.
    files: Vec<FileLocations<'a>>,
    pub detail: Detail,
}

/// The locations in one file.
pub(super) struct FileLocations<'a> {
    pub file: Arc<SourceFile>,
    /// Its path in reports.
    path: Arc<str>,
    /// The offset of its text in the document.
    start: u32,
    pub lines: LineIndex<'a>,
    /// In ascending order, without overlaps, found when they are needed.
    secrets: OnceCell<Vec<Span>>,
    /// The same, if the text is kept for other findings.
    shared_secrets: Option<&'a OnceLock<Vec<Span>>>,
    hashes: Vec<LineHash>,
}

impl<'a> FileLocations<'a> {
    fn new(file: &SourceFile, start: u32, source: &'a str, detail: Detail) -> Self {
        // A reader learns nothing from the text of a certificate, and the file can contain anything else.
        let is_content = file.piece().is_some_and(PieceKind::is_content);
        let all = || OnceCell::from(vec![Span::new(0, source.len())]);
        Self {
            file: Arc::new(file.clone()),
            path: file.report_path().into(),
            start,
            lines: LineIndex::new(source),
            secrets: is_content.then(all).unwrap_or_default(),
            shared_secrets: None,
            hashes: match detail.line_hashes {
                true => line_hashes(source),
                false => Vec::new(),
            },
        }
    }

    /// Converts a span of the document to one of the file.
    pub(super) fn in_file(&self, span: Span) -> Span {
        let end = self.lines.text().len();
        let inside = |at: u32| (at.saturating_sub(self.start) as usize).min(end);
        Span::new(inside(span.start), inside(span.end))
    }

    fn secrets(&self) -> &[Span] {
        let find = || merged(secret_spans(self.lines.text()));
        match self.shared_secrets {
            Some(shared) => shared.get_or_init(find),
            None => self.secrets.get_or_init(find),
        }
    }

    /// The first secret that a span of the file overlaps.
    fn secret_in(&self, span: Span) -> Option<Span> {
        let secrets = self.secrets();
        let next = secrets.partition_point(|secret| secret.end <= span.start);
        let next = secrets.get(next).copied();
        next.filter(|secret| secret.start < span.end)
    }

    /// Whether the new text of a change contains a secret: its own, or a part of one that it replaces. The
    /// spans are those of the file.
    pub(super) fn contain_secret(&self, changes: &[Change]) -> bool {
        changes.iter().any(|(span, text)| {
            // A boolean is never a secret, and most changes write one.
            if matches!(text.as_str(), "true" | "false") {
                return false;
            }
            let replaces_text = !span.is_empty() && !text.is_empty();
            let replaces_secret = || self.secret_in(*span).is_some();
            replaces_text && replaces_secret() || !secret_spans(text).is_empty()
        })
    }
}

impl<'a> Locations<'a> {
    /// The locations in one file.
    pub(super) fn new(file: &SourceFile, source: &'a str, detail: Detail) -> Self {
        Self {
            files: vec![FileLocations::new(file, 0, source, detail)],
            detail,
        }
    }

    /// The locations in a file whose text is kept.
    pub(super) fn in_long_text(file: &SourceFile, long: &'a LongText, detail: Detail) -> Self {
        let file = FileLocations {
            file: Arc::new(file.clone()),
            path: file.report_path().into(),
            start: 0,
            lines: LineIndex::with_lines(&long.text, Arc::clone(&long.lines)),
            secrets: OnceCell::new(),
            shared_secrets: Some(&long.secrets),
            hashes: Vec::new(),
        };
        Self {
            files: vec![file],
            detail,
        }
    }

    /// The locations in a document with the text of `files`. Without files, it is that of `file`.
    pub(super) fn of_files(
        files: &[FileText],
        file: &SourceFile,
        source: &'a str,
        detail: Detail,
    ) -> Self {
        if files.is_empty() {
            return Self::new(file, source, detail);
        }
        let files = files.iter().map(|it| {
            let text = &source[it.text.range()];
            FileLocations::new(&it.file, it.text.start, text, detail)
        });
        Self {
            files: files.collect(),
            detail,
        }
    }

    fn index_of(&self, span: Span) -> usize {
        let after = self.files.partition_point(|file| file.start <= span.start);
        after.saturating_sub(1)
    }

    /// The file of a span.
    pub(super) fn of(&self, span: Span) -> &FileLocations<'a> {
        &self.files[self.index_of(span)]
    }

    /// Treats the whole text as a secret.
    pub(super) fn mask_all(&mut self) {
        for file in &mut self.files {
            file.secrets = OnceCell::from(vec![Span::new(0, file.lines.text().len())]);
        }
    }

    /// Masks the elements that rules about secrets found, whatever their names are.
    pub(super) fn mask_found(&mut self, found: &[NodeId], subject: Subject<'_>) {
        let contents = found.iter().map(|node| {
            let content = subject.document.content(*node);
            subject.replaced.source_span(content)
        });
        let mut contents: Vec<(usize, Span)> = contents.map(|it| (self.index_of(it), it)).collect();
        contents.sort();
        for here in contents.chunk_by(|one, other| one.0 == other.0) {
            let file = &mut self.files[here[0].0];
            let mut secrets = file.secrets().to_vec();
            secrets.extend(here.iter().map(|(_, content)| file.in_file(*content)));
            secrets.sort();
            file.secrets = OnceCell::from(merged(secrets));
        }
    }

    /// Whether a part of a span is a secret.
    pub(super) fn hide(&self, span: Span) -> bool {
        let file = self.of(span);
        file.secret_in(file.in_file(span)).is_some()
    }

    pub(super) fn location(&self, span: Span) -> Location {
        let file = self.of(span);
        let excerpt = self
            .detail
            .excerpts
            .then(|| Excerpt::new(&file.lines, file.in_file(span), file.secrets()))
            .map(Box::new);
        Location {
            excerpt,
            ..self.without_excerpt(span)
        }
    }

    pub(super) fn without_excerpt(&self, span: Span) -> Location {
        let file = self.of(span);
        let span = file.in_file(span);
        Location {
            path: Arc::clone(&file.path),
            start: file.lines.position(span.start as usize),
            end: file.lines.position(span.end as usize),
            excerpt: None,
        }
    }

    pub(super) fn line_hash(&self, span: Span) -> Option<String> {
        let file = self.of(span);
        let start = file.in_file(span).start;
        let line = file.lines.position(start as usize).line;
        let last = file.hashes.len().checked_sub(1)?;
        file.hashes
            .get((line - 1).min(last))
            .map(LineHash::to_string)
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
