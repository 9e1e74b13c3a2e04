//! Changes of a text.

use crate::xml::{Document, NodeId, Span};

/// A range of the text and its replacement.
pub(crate) type Change = (Span, String);

/// Replaces `<x/>` by `<x>content</x>`.
pub(super) fn open_tag(document: Document<'_>, id: NodeId, content: &str) -> Change {
    let span = document.span(id);
    let tag = &document.source()[span.range()];
    let kept = tag.trim_end_matches("/>").trim_end().len();
    let name = document.qualified_name(id);
    (
        Span::new(span.start as usize + kept, span.end as usize),
        format!(">{content}</{name}>"),
    )
}
