//! Placeholders, which another tool replaces before a deploy.

/// Whether the text contains the start of a template expression.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let open = ["${", "{{", "__", "%%", "<%", "@@"];
    open.into_iter().any(|open| text.contains(open))
}
