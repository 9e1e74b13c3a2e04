//! A name for a finding that survives reformatting and moving its file.
//!
//! In: rule, component and element path. Out: a versioned hash. Findings that are alike in all of
//! these are numbered in the order of the report.

use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::finding::Finding;
use crate::text::secret_spans;
use crate::xml::{Document, NodeId};

/// Children that name their parent among its like.
const KEYS: [&str; 3] = ["name", "fullName", "key"];

/// The names from below the root to the element; a repeated one carries a key in brackets.
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
    if document.children_named(parent, name).nth(1).is_some() {
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

/// Gives every finding of a sorted report its fingerprint.
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

/// 128 bits of SHA-256 in hexadecimal.
fn hash(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    let digest = Sha256::digest(text.as_bytes());
    let bytes = digest[..16].iter();
    bytes
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)])
        .collect()
}
