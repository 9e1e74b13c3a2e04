//! The parser: spans are in the file, and the tree is nested like the elements.

use forcelint::text::LineIndex;
use forcelint::xml::{
    Document, Item, MAX_DEPTH, Malformed, NodeId, PieceKind, Span, Tree, decode, parse,
};

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
    // A tree is reused for the next file. It must not keep anything of the previous one.
    let mut used = Tree::default();
    let _ = parse("<a><b/><b><c/></b></a>", &mut used);
    assert_eq!(parse(text, &mut used), result);
    match result {
        Ok(()) => {
            let document = Document::new(text, &tree);
            check_tree(document);
            assert!(document.all().eq(Document::new(text, &used).all()));
            comments(document);
            positions(document);
        }
        Err(malformed) => check_error(text, &malformed),
    }
}

fn assert_in_text(text: &str, span: Span) {
    assert!(
        text.get(span.range()).is_some(),
        "{span:?} is not in the text"
    );
}

fn check_error(text: &str, malformed: &Malformed) {
    assert!(!malformed.reason.is_empty());
    assert_in_text(text, malformed.span);
    if let Some((span, label)) = &malformed.related {
        assert_in_text(text, *span);
        assert!(!label.is_empty());
    }
}

fn check_tree(document: Document<'_>) {
    let mut count = 0;
    // Elements with their depth.
    let mut open: Vec<(NodeId, usize)> = vec![(document.root(), 1)];
    while let Some((id, depth)) = open.pop() {
        count += 1;
        assert!(depth <= MAX_DEPTH);
        element(document, id);
        let content = document.content(id);
        let mut end = content.start;
        for child in document.children(id) {
            assert_eq!(document.parent(child), Some(id));
            let span = document.span(child);
            assert!(end <= span.start && content.contains(span));
            end = span.end;
            open.push((child, depth + 1));
        }
    }
    assert_eq!(document.parent(document.root()), None);
    assert_eq!(
        count,
        document.all().count(),
        "an element is not a child of another"
    );
}

fn element(document: Document<'_>, id: NodeId) {
    let text = document.source();
    let (span, tag, content) = (
        document.span(id),
        document.start_tag(id),
        document.content(id),
    );
    for part in [span, tag, content] {
        assert_in_text(text, part);
    }
    let source = &text[span.range()];
    assert!(source.starts_with('<') && source.ends_with('>'));
    assert!(text[tag.range()].ends_with('>'));
    assert!(span.contains(tag) && span.contains(content));
    assert_eq!(tag.start, span.start);
    assert_eq!(tag.end, content.start);
    let name = document.qualified_name(id);
    assert!(source[1..].starts_with(name) && name.ends_with(document.name(id)));
    if document.is_self_closed(id) {
        assert!(source.ends_with("/>") && content.is_empty());
    } else {
        let end_tag = &text[content.end as usize..span.end as usize];
        let end_name = end_tag.strip_prefix("</").expect("an end tag");
        assert!(end_name.starts_with(name), "{end_tag:?} ends {name:?}");
    }
    pieces(document, id);
    values(document, id);
}

/// Pieces and children cover the content without gaps.
fn pieces(document: Document<'_>, id: NodeId) {
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
        assert_in_text(document.source(), piece.span);
        let raw = &document.source()[piece.span.range()];
        match piece.kind {
            PieceKind::Text => assert_eq!(piece.decoded(), raw),
            PieceKind::CData => assert_eq!(format!("<![CDATA[{}]]>", piece.decoded()), raw),
            PieceKind::Reference => assert_eq!(piece.decoded().chars().count(), 1),
            PieceKind::Comment => assert_eq!(piece.decoded(), ""),
        }
    }
}

fn values(document: Document<'_>, id: NodeId) {
    let content = document.content(id);
    let value = document.value(id);
    assert_eq!(value.whole().text, value.text());
    let item = |item: Item<'_>| {
        assert_in_text(document.source(), item.span);
        assert!(content.contains(item.span) || item.text.is_empty());
    };
    item(value.whole());
    for separator in ['\n', ',', ' '] {
        let mut end = content.start;
        for part in value.split(separator) {
            assert!(!part.text.is_empty());
            item(part);
            assert!(end <= part.span.start, "items overlap");
            end = part.span.end;
        }
    }
}

fn comments(document: Document<'_>) {
    let mut end = 0;
    for (span, element) in document.comments() {
        let comment = &document.source()[span.range()];
        assert!(comment.starts_with("<!--") && comment.ends_with("-->"));
        assert!(end <= span.start);
        end = span.end;
        if let Some(element) = element {
            assert!(span.end <= document.span(element).start);
        }
    }
}

/// Positions can be converted back to offsets.
fn positions(document: Document<'_>) {
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
