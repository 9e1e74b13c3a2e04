//! The fingerprint of a finding, which stays the same when its file is reformatted or moved.
//!
//! It is a versioned hash of the rule, the component, the path of the element, and the number of the
//! finding among those for which all of these are equal.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::finding::Finding;
use crate::project::PieceKind;
use crate::text::secret_spans;
use crate::xml::{Document, NodeId};

/// Child elements that identify an element among its siblings.
const KEYS: [&str; 3] = ["name", "fullName", "key"];

/// The names of the elements from below the root to this one. A repeated element has a key in
/// brackets.
pub(crate) fn element_path(document: Document<'_>, id: NodeId) -> String {
    let Some(parent) = document.parent(id) else {
        return String::new();
    };
    let mut path = element_path(document, parent);
    if !path.is_empty() {
        path.push('/');
    }
    let name = document.name(id);
    path.push_str(name);
    let is_repeated = document.children_named(parent, name).nth(1).is_some();
    if is_repeated || (parent == document.root() && is_piece(document.name(parent), name)) {
        let key = KEYS
            .iter()
            .find_map(|key| document.children_named(id, key).next())
            .map(|key| document.value(key).text().to_owned());
        let source = &document.source()[document.span(id).range()];
        match key {
            Some(key) => {
                let _ = write!(path, "[{key}]");
            }
            None if secret_spans(source).is_empty() => {
                let _ = write!(path, "[{}]", hash(document.value(id).text()));
            }
            None => path.push_str("[]"),
        }
    }
    path
}

/// Whether an element can be a separate file of a decomposed component. It always has a key, because a piece
/// does not show whether the component has others of that name.
fn is_piece(root: &str, element: &str) -> bool {
    PieceKind::all().any(|kind| kind.element() == Some(element) && kind.whole().name() == root)
}

/// Sets the fingerprints of all findings of a sorted report.
pub(crate) fn add_fingerprints(findings: &mut [Finding]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let component = finding.component();
        let base = format!(
            "{}\0{}\0{}\0{}",
            finding.rule,
            component.metadata_type.name(),
            component.name,
            finding.element
        );
        let ordinal = seen.entry(base.clone()).or_default();
        *ordinal += 1;
        finding.fingerprint = hash(&format!("v1\0{base}\0{ordinal}"));
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
