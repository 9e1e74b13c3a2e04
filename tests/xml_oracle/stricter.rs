//! Reasons to reject what roxmltree accepts.

use forcelint::xml::Malformed;

/// Whether a reason applies to a source, given also what stands from the reported place on.
type Applies = fn(&str, &str) -> bool;

/// Part of a reason, and when it is one although roxmltree sees nothing wrong. The comments name
/// the authority: the design, XML 1.0 (fifth edition) or Namespaces in XML 1.0.
pub const STRICTER: &[(&str, Applies)] = &[
    // Design: at most 64 levels, no merge conflicts, Salesforce's root, no entities but XML's own,
    // no other encoding, and no file that takes long.
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
    // XML [2], [66]: roxmltree puts U+FFFD for a number that is no character.
    ("a character that XML does not allow", |source, _| {
        has_number(source)
    }),
    // XML [16], [17]: `xml` in any case is reserved, a space follows the target; Namespaces, 7:
    // no colon in a target.
    ("invalid processing instruction", |_, _| true),
    ("must be at the start", |_, at| {
        at.starts_with("<?xml") && !at.starts_with("<?xml ")
    }),
    // Namespaces [7]: a name does not begin with a colon.
    ("no attribute name", |_, at| at.starts_with(':')),
    ("no element name", |_, at| at.starts_with("<:")),
    ("instead of", |_, at| at.starts_with("</:")),
    // XML 3.1: roxmltree takes a second `xmlns` on one tag.
    ("duplicate attribute", |_, at| at.starts_with("xmlns")),
    // Namespaces, 2.2 and 3: no prefix is undeclared, none but `xml` is bound to its namespace.
    ("invalid namespace declaration", |_, _| true),
    // roxmltree takes any `…:xmlns="…"` for a declaration of the default namespace.
    ("is not bound to a namespace", |source, _| {
        source.contains(":xmlns")
    }),
    // XML [28]-[76]: roxmltree skims a DOCTYPE.
    ("ends inside a DOCTYPE", |_, _| true),
    ("invalid DOCTYPE", |_, _| true),
    ("is not allowed in XML", |source, _| {
        source.contains("<!DOCTYPE")
    }),
];

fn has_number(source: &str) -> bool {
    source.contains("&#")
}

/// XML [23]-[26], [32], [80]: roxmltree skips the values in a declaration, and takes `<?xml` before
/// a tab or a line end for a processing instruction.
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
