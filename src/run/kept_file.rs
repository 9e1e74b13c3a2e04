//! A parsed file that is checked again.

use crate::project::ComponentFiles;
use crate::xml::{Document, Tree};

/// A component that is checked after the index of its scope has been built.
pub(super) struct Deferred {
    pub component: ComponentFiles,
    /// Its file, unless memory does not suffice, or it has several.
    pub kept: Option<KeptFile>,
}

impl From<ComponentFiles> for Deferred {
    fn from(component: ComponentFiles) -> Self {
        Self {
            component,
            kept: None,
        }
    }
}

/// The text of a file, and its elements.
pub(super) struct KeptFile {
    text: String,
    tree: Tree,
}

impl KeptFile {
    /// `None` if the bytes are not text.
    pub(super) fn new(bytes: &[u8], tree: &Tree) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        Some(Self {
            text: text.to_owned(),
            tree: tree.clone(),
        })
    }

    /// Its memory in bytes.
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.tree.size()
    }

    pub(super) fn document(&self) -> Document<'_> {
        Document::new(&self.text, &self.tree)
    }
}
