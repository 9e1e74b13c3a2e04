//! The XML parser: every span is inside the file, and the tree has the structure of the elements.

use forcelint::text::LineIndex;
use forcelint::xml::{
    Document, Item, MAX_DEPTH, Malformed, NodeId, PieceKind, Span, Tree, decode, parse,
};

/// Parses the bytes.
pub fn check(bytes: &[u8]) {
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(malformed) => {
            let span = malformed.span.range();
            assert!(span.start <= span.end && span.end <= bytes.len());
            assert!(std::str::from_utf8(&bytes[..span.start]).is_ok());
            return;
        }
    };
    let mut tree = Tree::default();
    let result = parse(text, &mut tree);
    // A tree is reused for other files, and must not keep anything of the previous one.
    let mut used = Tree::default();
    let _ = parse("<a><b/><b><c/></b></a>", &mut used);
    assert_eq!(parse(text, &mut used), result);
    match result {
        Ok(()) => {
            let document = Document::new(text, &tree);
            check_tree(document);
            assert!(document.all().eq(Document::new(text, &used).all()));
            check_comments(document);
            check_positions(document);
        }
        Err(malformed) => check_malformed(text, &malformed),
    }
}

fn assert_inside(text: &str, span: Span) {
    assert!(
        text.get(span.range()).is_some(),
        "{span:?} is not a range of the text"
    );
}

fn check_malformed(text: &str, malformed: &Malformed) {
    assert!(!malformed.reason.is_empty());
    assert_inside(text, malformed.span);
    if let Some((span, label)) = &malformed.related {
        assert_inside(text, *span);
        assert!(!label.is_empty());
    }
}

fn check_tree(document: Document<'_>) {
    let mut seen = 0;
    // Each element with its depth.
    let mut open: Vec<(NodeId, usize)> = vec![(document.root(), 1)];
    while let Some((id, depth)) = open.pop() {
        seen += 1;
        assert!(depth <= MAX_DEPTH);
        check_element(document, id);
        let content = document.content(id);
        let mut previous_end = content.start;
        for child in document.children(id) {
            assert_eq!(document.parent(child), Some(id));
            let span = document.span(child);
            assert!(previous_end <= span.start && content.contains(span));
            previous_end = span.end;
            open.push((child, depth + 1));
        }
    }
    assert_eq!(document.parent(document.root()), None);
    assert_eq!(seen, document.all().count(), "an element is not a child");
}

fn check_element(document: Document<'_>, id: NodeId) {
    let text = document.source();
    let (span, tag, content) = (
        document.span(id),
        document.start_tag(id),
        document.content(id),
    );
    for part in [span, tag, content] {
        assert_inside(text, part);
    }
    let written = &text[span.range()];
    assert!(written.starts_with('<') && written.ends_with('>'));
    assert!(text[tag.range()].ends_with('>'));
    assert!(span.contains(tag) && span.contains(content));
    assert_eq!(tag.start, span.start);
    assert_eq!(tag.end, content.start);
    let name = document.qualified_name(id);
    assert!(written[1..].starts_with(name) && name.ends_with(document.name(id)));
    if document.is_self_closed(id) {
        assert!(written.ends_with("/>") && content.is_empty());
    } else {
        let end_tag = &text[content.end as usize..span.end as usize];
        let end_name = end_tag.strip_prefix("</").expect("an end tag");
        assert!(end_name.starts_with(name), "{end_tag:?} ends {name:?}");
    }
    check_pieces(document, id);
    check_values(document, id);
}

/// The pieces and the children cover the content without gaps.
fn check_pieces(document: Document<'_>, id: NodeId) {
    let pieces = document.pieces(id);
    let children = document.children(id).map(|child| document.span(child));
    let mut parts: Vec<Span> = pieces
        .iter()
        .map(|piece| piece.span)
        .chain(children)
        .collect();
    parts.sort();
    let content = document.content(id);
    let mut at = content.start;
    for part in parts {
        assert_eq!(part.start, at);
        at = part.end;
    }
    assert_eq!(at, content.end);
    for piece in pieces {
        assert_inside(document.source(), piece.span);
        let raw = &document.source()[piece.span.range()];
        match piece.kind {
            PieceKind::Text => assert_eq!(piece.decoded(), raw),
            PieceKind::CData => assert_eq!(format!("<![CDATA[{}]]>", piece.decoded()), raw),
            PieceKind::Reference => assert_eq!(piece.decoded().chars().count(), 1),
            PieceKind::Comment => assert_eq!(piece.decoded(), ""),
        }
    }
}

fn check_values(document: Document<'_>, id: NodeId) {
    let content = document.content(id);
    let value = document.value(id);
    assert_eq!(value.whole().text, value.text());
    let check_item = |item: Item<'_>| {
        assert_inside(document.source(), item.span);
        assert!(content.contains(item.span) || item.text.is_empty());
    };
    check_item(value.whole());
    for separator in ['\n', ',', ' '] {
        let mut previous_end = content.start;
        for part in value.split(separator) {
            assert!(!part.text.is_empty());
            check_item(part);
            assert!(previous_end <= part.span.start, "items overlap");
            previous_end = part.span.end;
        }
    }
}

fn check_comments(document: Document<'_>) {
    let mut previous_end = 0;
    for (span, element) in document.comments() {
        let comment = &document.source()[span.range()];
        assert!(comment.starts_with("<!--") && comment.ends_with("-->"));
        assert!(previous_end <= span.start);
        previous_end = span.end;
        if let Some(element) = element {
            assert!(span.end <= document.span(element).start);
        }
    }
}

/// The lines and columns of an offset are correct.
fn check_positions(document: Document<'_>) {
    let lines = LineIndex::new(document.source());
    for id in document.all().take(64) {
        let offset = document.span(id).start as usize;
        let position = lines.position(offset);
        assert_eq!(position.offset, offset);
        let start = lines.line_start(position.line);
        let before = &document.source()[start..offset];
        assert_eq!(before.chars().count() + 1, position.column);
        assert_eq!(before.encode_utf16().count() + 1, position.utf16_column);
        assert!(!before.contains(['\n', '\r']));
    }
}
