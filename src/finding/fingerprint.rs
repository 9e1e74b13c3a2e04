//! The fingerprint of a finding, which stays the same when its file is reformatted or moved.
//!
//! It is a versioned hash of the rule, the component, the path of the element, and the number of the
//! finding among those for which all of these are equal.

use std::cell::RefCell;
use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::finding::Finding;
use crate::project::PieceKind;
use crate::text::secret_spans;
use crate::xml::{Document, NodeId};

/// Child elements that identify an element among its siblings.
const KEYS: [&str; 3] = ["name", "fullName", "key"];

/// The paths of elements. Each is built once, because many findings can be in one large element.
pub(crate) struct ElementPaths<'a> {
    document: Document<'a>,
    known: RefCell<HashMap<NodeId, String>>,
}

impl<'a> ElementPaths<'a> {
    pub(crate) fn new(document: Document<'a>) -> Self {
        Self {
            document,
            known: RefCell::default(),
        }
    }

    /// The names of the elements from below the root to this one. A repeated element has a key in
    /// brackets.
    pub(crate) fn path(&self, id: NodeId) -> String {
        let Some(parent) = self.document.parent(id) else {
            return String::new();
        };
        if let Some(known) = self.known.borrow().get(&id) {
            return known.clone();
        }
        let mut path = self.path(parent);
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(self.document.name(id));
        if self.is_repeated(parent, id) {
            path.push_str(&key(self.document, id));
        }
        self.known.borrow_mut().insert(id, path.clone());
        path
    }

    /// Whether there are, or can be in another piece, other elements of the name.
    fn is_repeated(&self, parent: NodeId, id: NodeId) -> bool {
        let document = self.document;
        let name = document.name(id);
        document.find_children(parent, name).len() > 1
            || (parent == document.root() && is_piece(document.name(parent), name))
    }
}

/// The key of a repeated element.
fn key(document: Document<'_>, id: NodeId) -> String {
    let key = KEYS
        .iter()
        .find_map(|key| document.find_children(id, key).first());
    let source = &document.source()[document.span(id).range()];
    match key {
        Some(key) => format!("[{}]", document.value(*key).text()),
        None if secret_spans(source).is_empty() => {
            format!("[{}]", hash(document.value(id).text()))
        }
        None => "[]".to_owned(),
    }
}

/// Whether an element can be a separate file of a decomposed component. It always has a key, because a piece
/// does not show whether the component has others of that name.
fn is_piece(root: &str, element: &str) -> bool {
    PieceKind::all().any(|kind| kind.element() == Some(element) && kind.whole().name() == root)
}

/// Sets the fingerprints of all findings of a sorted report.
pub(crate) fn add_fingerprints(findings: &mut [Box<Finding>]) {
    let mut seen: HashMap<_, usize> = HashMap::new();
    let ordinals = findings.iter().map(|finding| {
        let component = finding.component();
        let type_name = component.metadata_type.name();
        let ordinal = seen
            .entry((&finding.rule, type_name, &component.name, &finding.element))
            .or_default();
        *ordinal += 1;
        *ordinal
    });
    let ordinals: Vec<usize> = ordinals.collect();
    for (finding, ordinal) in findings.iter_mut().zip(ordinals) {
        let component = finding.component();
        finding.fingerprint = hash(&format!(
            "v1\0{}\0{}\0{}\0{}\0{ordinal}",
            finding.rule,
            component.metadata_type.name(),
            component.name,
            finding.element
        ));
    }
}

/// The first 128 bits of the SHA-256 hash, in hexadecimal.
fn hash(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    let digest = Sha256::digest(text.as_bytes());
    let bytes = digest[..16].iter();
    bytes
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)])
        .collect()
}
