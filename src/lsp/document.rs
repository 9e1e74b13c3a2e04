//! The open documents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;

use super::document_text::{DocumentText, PositionEncoding};
use crate::finding::{Finding, NotChecked, Report};
use crate::lsp::uri;
use crate::project::SourceFile;

/// An open document.
#[derive(Debug)]
pub(super) struct Document {
    /// The client's name for it.
    pub uri: lsp::Uri,
    /// Its file. `untitled:` documents and the like have none.
    pub path: Option<PathBuf>,
    /// The client's version number.
    pub version: i32,
    pub text: DocumentText,
    /// The rules do not see this text yet.
    pub is_edited: bool,
    /// The results are out of date.
    pub is_stale: bool,
    /// It has had no results yet.
    pub is_new: bool,
    /// The root folder of its project.
    pub project: Option<PathBuf>,
    /// The document as a metadata file, if rules check it and nothing excludes it.
    pub file: Option<SourceFile>,
    /// The results for this text, unless they are stale.
    pub results: FileResults,
}

impl Document {
    /// Starts a new version of the text. Edits follow.
    pub(super) fn start_version(&mut self, version: i32) {
        self.version = version;
        self.is_edited = true;
        self.is_stale = true;
    }

    /// Replaces a range of the text, or all of it.
    pub(super) fn replace(
        &mut self,
        range: Option<lsp::Range>,
        text: String,
        encoding: PositionEncoding,
    ) {
        match range {
            Some(range) => {
                let bytes = self.text.bytes(range, encoding);
                self.text.replace(bytes, &text);
            }
            None => self.text = DocumentText::new(text),
        }
    }
}

/// What was found in one file.
#[derive(Debug, Default)]
pub(super) struct FileResults {
    /// The reported findings, in order.
    pub findings: Vec<Box<Finding>>,
    pub suppressed: Vec<Box<Finding>>,
    pub not_checked: Vec<NotChecked>,
    pub notes: Vec<String>,
    pub errors: Vec<String>,
}

impl FileResults {
    /// The results of a report about one file.
    pub(super) fn new(report: Report) -> Self {
        let errors = report.errors.iter();
        Self {
            errors: errors
                .map(|error| format!("{}: {}", error.path, error.message))
                .collect(),
            findings: report.findings,
            suppressed: report.suppressed,
            not_checked: report.not_checked,
            notes: report.notes,
        }
    }

    /// Whether there is anything to show.
    pub(super) fn has_diagnostics(&self) -> bool {
        !(self.findings.is_empty()
            && self.not_checked.is_empty()
            && self.notes.is_empty()
            && self.errors.is_empty())
    }
}

/// The open documents, by URI.
#[derive(Debug, Default)]
pub(super) struct Documents {
    by_uri: BTreeMap<String, Document>,
}

impl Documents {
    /// Opens a document. One that is open already is replaced.
    pub(super) fn open(&mut self, item: lsp::TextDocumentItem) {
        let document = Document {
            path: uri::to_path(&item.uri),
            uri: item.uri,
            version: item.version,
            text: DocumentText::new(item.text),
            is_edited: true,
            is_stale: true,
            is_new: true,
            project: None,
            file: None,
            results: FileResults::default(),
        };
        self.by_uri
            .insert(document.uri.as_ref().to_owned(), document);
    }

    /// Closes a document and returns it.
    pub(super) fn close(&mut self, uri: &lsp::Uri) -> Option<Document> {
        self.by_uri.remove(uri.as_ref())
    }

    pub(super) fn get(&self, uri: &lsp::Uri) -> Option<&Document> {
        self.by_uri.get(uri.as_ref())
    }

    pub(super) fn get_mut(&mut self, uri: &lsp::Uri) -> Option<&mut Document> {
        self.by_uri.get_mut(uri.as_ref())
    }

    /// The document of a file.
    pub(super) fn at_path(&self, path: &Path) -> Option<&Document> {
        let mut all = self.by_uri.values();
        all.find(|document| document.path.as_deref() == Some(path))
    }

    /// The client's name for a file, and its version if it is open.
    pub(super) fn identify(&self, file: &Path) -> (lsp::Uri, Option<i32>) {
        match self.at_path(file) {
            Some(document) => (document.uri.clone(), Some(document.version)),
            None => (uri::of_path(file), None),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.by_uri.values()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Document> {
        self.by_uri.values_mut()
    }
}
