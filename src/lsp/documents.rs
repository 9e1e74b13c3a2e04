//! What is open in the editor.
//!
//! In: notifications about texts. Out: [`Document`]s as the person in front of the editor sees
//! them. A change that cannot be applied is told: from then on the texts would differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;

use super::parameters::{Changed, Opened};
use super::positions::{Encoding, Text};
use crate::finding::{Finding, NotChecked};
use crate::lsp::uri;
use crate::project::SourceFile;

/// An open document.
#[derive(Debug)]
pub(super) struct Document {
    /// What the client calls it.
    pub uri: lsp::Uri,
    /// Its file; `untitled:` documents and the like have none.
    pub path: Option<PathBuf>,
    /// The client's count of its changes.
    pub version: i32,
    /// What it holds.
    pub text: Text,
    /// The text is not yet the one that rules see.
    pub is_edited: bool,
    /// What was found is out of date.
    pub is_stale: bool,
    /// The folder of its project.
    pub project: Option<PathBuf>,
    /// What it is, if rules judge it and nothing excludes it.
    pub file: Option<SourceFile>,
    /// What was found in it, in this very text unless it is stale.
    pub judged: Judged,
}

/// What was found in a file.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What counts and is reported, in order.
    pub findings: Vec<Finding>,
    /// What does not count.
    pub suppressed: Vec<Finding>,
    /// What could not be judged.
    pub not_checked: Vec<NotChecked>,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// What went wrong.
    pub errors: Vec<String>,
}

impl Judged {
    /// Whether there is anything to draw.
    pub(super) fn is_drawn(&self) -> bool {
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
    /// Opens one; one that is open already starts anew.
    pub(super) fn open(&mut self, item: Opened) -> &mut Document {
        let document = Document {
            path: uri::to_path(&item.uri),
            uri: item.uri,
            version: item.version,
            text: Text::new(item.text),
            is_edited: true,
            is_stale: true,
            project: None,
            file: None,
            judged: Judged::default(),
        };
        let key = document.uri.as_ref().to_owned();
        self.by_uri.insert(key.clone(), document);
        // It was put there just now.
        self.by_uri.get_mut(&key).expect("an open document")
    }

    /// Applies the changes of a document.
    ///
    /// # Errors
    /// When it is not open.
    pub(super) fn change(&mut self, parameters: Changed, encoding: Encoding) -> Result<(), String> {
        let id = parameters.text_document;
        let uri = id.uri;
        let document = self.by_uri.get_mut(uri.as_ref());
        let document = document.ok_or_else(|| format!("{uri} was changed, but is not open"))?;
        document.version = id.version;
        document.is_edited = true;
        document.is_stale = true;
        for change in parameters.content_changes {
            match change.range {
                Some(range) => {
                    let range = document.text.bytes(range, encoding);
                    document.text.replace(range, &change.text);
                }
                None => document.text = Text::new(change.text),
            }
        }
        Ok(())
    }

    /// Closes one.
    pub(super) fn close(&mut self, uri: &lsp::Uri) -> Option<Document> {
        self.by_uri.remove(uri.as_ref())
    }

    /// The document of this URI.
    pub(super) fn get(&self, uri: &lsp::Uri) -> Option<&Document> {
        self.by_uri.get(uri.as_ref())
    }

    /// The document that shows a file.
    pub(super) fn at(&self, path: &Path) -> Option<&Document> {
        let mut all = self.by_uri.values();
        all.find(|document| document.path.as_deref() == Some(path))
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.by_uri.values()
    }

    /// All of them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Document> {
        self.by_uri.values_mut()
    }
}
