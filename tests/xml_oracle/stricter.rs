//! Reasons to reject documents that roxmltree accepts.

use forcelint::xml::Malformed;

/// Whether a reason applies to a source and its rest, starting at the reported position.
type Applies = fn(&str, &str) -> bool;

/// Parts of reasons, and when forcelint may reject a document for them. The comments name the
/// specification: forcelint's own limits, XML 1.0 (fifth edition) or Namespaces in XML 1.0.
pub const STRICTER: &[(&str, Applies)] = &[
    // forcelint allows at most 64 levels, no merge conflicts, only the namespace of Salesforce,
    // only predefined entities, only UTF-8, and at most 64 attributes and namespaces.
    ("levels deep", |_, _| true),
    ("merge conflict", |_, _| true),
    ("the root element is not in the namespace", |_, _| true),
    ("undefined entity", |source, _| source.contains("<!ENTITY")),
    ("undefined reference", |source, _| {
        source.contains("<!ENTITY") || has_number(source)
    }),
    ("the file declares the encoding", |_, _| true),
    ("more than 64", |source, _| {
        source.len() > 64 * " a=''".len()
    }),
    // XML [2], [66]: roxmltree replaces a reference to a number that is not a character with
    // U+FFFD.
    ("a character that XML does not allow", |source, _| {
        has_number(source)
    }),
    // XML [16], [17]: `xml` in any case is reserved, and a space follows the target. Namespaces, 7:
    // a target has no colon.
    ("invalid processing instruction", |_, _| true),
    ("must be at the start", |_, at| {
        at.starts_with("<?xml") && !at.starts_with("<?xml ")
    }),
    // Namespaces [7]: a name does not begin with a colon.
    ("invalid attribute name", |_, at| at.starts_with(':')),
    ("invalid element name", |_, at| at.starts_with("<:")),
    ("instead of", |_, at| at.starts_with("</:")),
    // XML 3.1: roxmltree accepts a second `xmlns` attribute.
    ("duplicate attribute", |_, at| at.starts_with("xmlns")),
    // Namespaces, 2.2 and 3: a prefix cannot be undeclared, and only `xml` is bound to its
    // namespace.
    ("invalid namespace declaration", |_, _| true),
    // roxmltree treats any `…:xmlns="…"` as a declaration of the default namespace.
    ("is not bound to a namespace", |source, _| {
        source.contains(":xmlns")
    }),
    // XML [28]-[76]: roxmltree does not check a DOCTYPE completely.
    ("ends inside a DOCTYPE", |_, _| true),
    ("invalid DOCTYPE", |_, _| true),
    ("is not allowed in XML", |source, _| {
        source.contains("<!DOCTYPE")
    }),
];

fn has_number(source: &str) -> bool {
    source.contains("&#")
}

/// XML [23]-[26], [32], [80]: roxmltree does not check values in an XML declaration, and treats
/// `<?xml` before a tab or line end as a processing instruction.
fn is_in_declaration(source: &str, at: usize) -> bool {
    let text = source.trim_start_matches('\u{FEFF}');
    let end = source.find("?>").unwrap_or(source.len());
    text.starts_with("<?xml") && at <= end
}

pub fn is_justified(source: &str, malformed: &Malformed) -> bool {
    let start = malformed.span.range().start;
    is_in_declaration(source, start)
        || STRICTER.iter().any(|(reason, applies)| {
            malformed.reason.contains(reason) && applies(source, &source[start..])
        })
}
