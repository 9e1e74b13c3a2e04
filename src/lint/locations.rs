//! Converts byte spans of a document to locations with excerpts.

use crate::engine::{Diagnostic, FileText, Subject};
use crate::finding::{Detail, Excerpt, Location, line_hashes};
use crate::project::SourceFile;
use crate::text::{LineIndex, Position, secret_spans};
use crate::xml::Span;

/// The locations in a document: one file, or the files of a decomposed component.
pub(super) struct Locations<'a> {
    /// By the offset of their text.
    files: Vec<FileLocations<'a>>,
    pub detail: Detail,
}

struct FileLocations<'a> {
    file: SourceFile,
    /// The offset of its text in the document.
    start: u32,
    lines: LineIndex<'a>,
    /// In ascending order.
    secrets: Vec<Span>,
    hashes: Vec<String>,
}

impl<'a> FileLocations<'a> {
    fn new(file: &SourceFile, start: u32, source: &'a str, detail: Detail) -> Self {
        Self {
            file: file.clone(),
            start,
            lines: LineIndex::new(source),
            secrets: match detail.excerpts {
                true => secret_spans(source),
                false => Vec::new(),
            },
            hashes: match detail.line_hashes {
                true => line_hashes(source),
                false => Vec::new(),
            },
        }
    }

    /// Converts a span of the document to one of the file.
    fn in_file(&self, span: Span) -> Span {
        let end = self.lines.text().len();
        let inside = |at: u32| (at.saturating_sub(self.start) as usize).min(end);
        Span::new(inside(span.start), inside(span.end))
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

    /// The file of a span.
    fn of(&self, span: Span) -> &FileLocations<'a> {
        let after = self.files.partition_point(|file| file.start <= span.start);
        &self.files[after.saturating_sub(1)]
    }

    /// The file of a span.
    pub(super) fn file(&self, span: Span) -> &SourceFile {
        &self.of(span).file
    }

    /// Treats the whole text as a secret.
    pub(super) fn mask_all(&mut self) {
        for file in &mut self.files {
            file.secrets = vec![Span::new(0, file.lines.text().len())];
        }
    }

    /// Masks the elements that rules about secrets found, whatever their names are.
    pub(super) fn mask_found(&mut self, diagnostics: &[Diagnostic<'_>], subject: Subject<'_>) {
        let found = diagnostics.iter().filter(|found| found.rule.secret);
        for node in found.filter_map(|found| found.failure.node) {
            let content = subject.document.content(node);
            let after = self
                .files
                .partition_point(|file| file.start <= content.start);
            let file = &mut self.files[after.saturating_sub(1)];
            file.secrets.push(file.in_file(content));
        }
        for file in &mut self.files {
            file.secrets.sort();
        }
    }

    pub(super) fn location(&self, span: Span) -> Location {
        let file = self.of(span);
        let span = file.in_file(span);
        let excerpt = self
            .detail
            .excerpts
            .then(|| Excerpt::new(&file.lines, span, &file.secrets));
        Location {
            path: file.file.report_path(),
            start: file.lines.position(span.start as usize),
            end: file.lines.position(span.end as usize),
            excerpt,
        }
    }

    /// The positions of a span in its file.
    pub(super) fn positions(&self, span: Span) -> (Position, Position) {
        let file = self.of(span);
        let span = file.in_file(span);
        let position = |at: u32| file.lines.position(at as usize);
        (position(span.start), position(span.end))
    }

    pub(super) fn line_hash(&self, span: Span) -> Option<String> {
        let file = self.of(span);
        let start = file.in_file(span).start;
        let line = file.lines.position(start as usize).line;
        let last = file.hashes.len().checked_sub(1)?;
        file.hashes.get((line - 1).min(last)).cloned()
    }
}
