//! The file under check.

use smallvec::SmallVec;

use crate::project::{PieceKind, Replaced, SourceFile};
use crate::rule::FieldPath;
use crate::text::display_value;
use crate::xml::{Document, NodeId};

/// A parsed metadata file, without any other files.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub document: Document<'a>,
    /// What `replacements` change when the file is deployed.
    pub replaced: &'a Replaced,
    pub file: &'a SourceFile,
    /// The document is one element of the component. What the component has beside it is unknown.
    pub is_piece: bool,
}

/// What is shown in place of text that `replacements` insert.
const REPLACED: &str = "(replaced)";

/// What is shown in place of the text of a content file.
const NOT_SHOWN: &str = "(not shown)";

/// Elements in document order. Most paths lead to one element.
pub(crate) type Elements = SmallVec<[NodeId; 4]>;

/// The elements at a path.
pub(crate) enum Found {
    /// At least one element, and not all of them are nil.
    Elements(Elements),
    /// No element, or only nil ones. It would be in this one.
    Missing(NodeId),
    /// `replacements`, or another file of the component, decide whether there is an element.
    Unknown,
}

impl<'a> Subject<'a> {
    /// Follows a path from the element `node`, or from the root.
    pub(crate) fn find(&self, path: &FieldPath, node: NodeId) -> Found {
        let document = self.document;
        if path.from_root && self.is_piece {
            return Found::Unknown;
        }
        let start = if path.from_root {
            document.root()
        } else {
            node
        };
        let mut here = Elements::new();
        for (depth, name) in path.names.iter().enumerate() {
            let mut next = Elements::new();
            let parents = if depth == 0 {
                &[start]
            } else {
                here.as_slice()
            };
            for &parent in parents {
                let before = next.len();
                let mut all_nil = true;
                for child in document.children_named(parent, name) {
                    if self.replaced.hides_element(document, child) {
                        return Found::Unknown;
                    }
                    all_nil &= document.is_nil(child);
                    next.push(child);
                }
                if all_nil {
                    // A nil element next to one with a value is kept: the element is repeated.
                    next.truncate(before);
                }
            }
            if next.is_empty() {
                let hidden = parents
                    .iter()
                    .any(|&parent| self.replaced.hides_content(document, parent));
                return if hidden {
                    Found::Unknown
                } else {
                    Found::Missing(parents[0])
                };
            }
            here = next;
        }
        if path.names.is_empty() {
            here.push(start);
        }
        Found::Elements(here)
    }

    /// The text of an element, or of an item of it, for messages. Text that `replacements` insert is not
    /// shown, because it can be a secret, and neither is the text of a content file.
    pub(crate) fn displayed(&self, node: NodeId, name: &str, text: &str) -> String {
        if self.replaced.is_inserted(self.document.span(node)) {
            REPLACED.to_owned()
        } else if self.is_content(node) && !text.is_empty() {
            NOT_SHOWN.to_owned()
        } else {
            display_value(name, text)
        }
    }

    /// Whether an element has the text of a content file, which can be long and contain anything.
    fn is_content(&self, node: NodeId) -> bool {
        let document = self.document;
        let content = PieceKind::content_element(self.file.component.metadata_type);
        content == Some(document.name(node)) && document.parent(node) == Some(document.root())
    }

    /// The name of the element that a path leads to from `node`.
    pub(crate) fn field_name<'p>(&self, path: &'p FieldPath, node: NodeId) -> &'p str
    where
        'a: 'p,
    {
        if path.is_start() {
            self.document.name(node)
        } else {
            path.last()
        }
    }
}
