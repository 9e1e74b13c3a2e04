//! Values that something else fills in before a deploy.

/// Whether the text has the mark of a template in it.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let open = ["${", "{{", "__", "%%", "<%", "@@"];
    open.into_iter().any(|open| text.contains(open))
}
