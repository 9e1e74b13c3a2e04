//! Compares the parser with roxmltree for one document.

use forcelint::xml;
use forcelint::xml::{Document, METADATA_NAMESPACE, Malformed, NodeId, Tree};
use proptest::prelude::*;

use crate::XSI;
use crate::stricter::is_justified;

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

pub fn options<'input>() -> roxmltree::ParsingOptions<'input> {
    roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    }
}

/// Compares `parse` with roxmltree. Returns whether both accept the document.
pub fn compare(source: &str) -> Result<bool, TestCaseError> {
    let mut tree = Tree::default();
    let result = xml::parse(source, &mut tree);
    let oracle = roxmltree::Document::parse_with_options(source, options());
    match (result, oracle) {
        (Ok(()), Ok(oracle)) => {
            same_elements(Document::new(source, &tree), &oracle)?;
            Ok(true)
        }
        // Namespaces, 3: `xml` is bound without a declaration. roxmltree implements this only for
        // attributes.
        (Ok(()), Err(roxmltree::Error::UnknownNamespace(prefix, _))) if prefix == "xml" => {
            Ok(false)
        }
        (Ok(()), Err(error)) => {
            prop_assert!(false, "accepted, but {error}: {source:?}");
            Ok(false)
        }
        (Err(malformed), oracle) => {
            check_report(source, &malformed)?;
            prop_assert!(
                oracle.is_err() || is_justified(source, &malformed),
                "{malformed:?} has no justification: {source:?}"
            );
            Ok(false)
        }
    }
}

pub fn check_report(source: &str, malformed: &Malformed) -> Result<(), TestCaseError> {
    let related = malformed.related.iter().map(|(span, _)| span);
    for span in std::iter::once(&malformed.span).chain(related) {
        prop_assert!(span.start <= span.end, "{malformed:?}: {source:?}");
        prop_assert!(
            source.get(span.range()).is_some(),
            "{malformed:?}: {source:?}"
        );
    }
    prop_assert!(!malformed.reason.is_empty() && !malformed.reason.ends_with('.'));
    prop_assert!(malformed.reason.chars().count() < 300, "{malformed:?}");
    Ok(())
}

fn same_elements(
    document: Document<'_>,
    oracle: &roxmltree::Document<'_>,
) -> Result<(), TestCaseError> {
    let source = document.source();
    // roxmltree treats any `…:xmlns="…"` as a declaration of the default namespace.
    let namespaces_agree = !source.contains(":xmlns");
    let elements: Vec<_> = oracle
        .descendants()
        .filter(|node| node.is_element())
        .collect();
    let ids: Vec<NodeId> = document.all().collect();
    prop_assert_eq!(ids.len(), elements.len(), "{:?}", source);
    let number = |element: roxmltree::Node<'_, '_>| elements.iter().position(|&e| e == element);
    for (&id, &element) in ids.iter().zip(&elements) {
        let name = element.tag_name().name();
        prop_assert_eq!(document.name(id), name);
        prop_assert_eq!(document.span(id).range(), element.range(), "{:?}", source);
        let parent = document
            .parent(id)
            .and_then(|parent| ids.iter().position(|&i| i == parent));
        prop_assert_eq!(
            parent,
            element.parent_element().and_then(number),
            "{:?}",
            source
        );
        let children: Vec<_> = document
            .children(id)
            .map(|child| document.span(child).range())
            .collect();
        let expected: Vec<_> = element
            .children()
            .filter(|node| node.is_element())
            .map(|node| node.range())
            .collect();
        prop_assert_eq!(children, expected, "{:?}", source);
        if namespaces_agree {
            let namespace = element.tag_name().namespace().unwrap_or_default();
            prop_assert_eq!(
                document.is_metadata(id),
                matches!(namespace, "" | METADATA_NAMESPACE),
                "{:?}",
                source
            );
            let nil = element
                .attribute((XSI, "nil"))
                .map(|value| value.trim_matches(SPACE));
            prop_assert_eq!(
                document.is_nil(id),
                matches!(nil, Some("true" | "1")),
                "{:?}",
                source
            );
        }
        same_tags(document, id)?;
        same_value(document, id, element)?;
        pieces_cover_the_content(document, id)?;
    }
    Ok(())
}

fn same_tags(document: Document<'_>, id: NodeId) -> Result<(), TestCaseError> {
    let text = |span: xml::Span| &document.source()[span.range()];
    let name = document.qualified_name(id);
    let opening = format!("<{name}");
    let start_tag = text(document.start_tag(id));
    prop_assert!(start_tag.starts_with(&opening) && start_tag.ends_with('>'));
    prop_assert_eq!(document.content(id).start, document.start_tag(id).end);
    if document.is_self_closed(id) {
        prop_assert!(start_tag.ends_with("/>"));
        prop_assert!(document.content(id).is_empty());
        prop_assert_eq!(document.content(id).end, document.span(id).end);
    } else {
        let end_tag = &text(document.span(id))
            [(document.content(id).end - document.span(id).start) as usize..];
        let inside = end_tag
            .strip_prefix("</")
            .and_then(|tag| tag.strip_suffix('>'));
        prop_assert_eq!(
            inside.map(|inside| inside.trim_end_matches(SPACE)),
            Some(name)
        );
    }
    Ok(())
}

/// A character of an element's value, with its start and end offsets.
type SpannedChar = (char, usize, usize);

/// The value, computed differently than by the parser: roxmltree locates comments, instructions and
/// elements, and the text between them is read character by character.
fn spanned_characters(
    document: Document<'_>,
    id: NodeId,
    element: roxmltree::Node<'_, '_>,
) -> Vec<SpannedChar> {
    let source = document.source();
    let content = document.content(id).range();
    let mut at = content.start;
    let mut characters = Vec::new();
    let mut skip: Vec<_> = element
        .children()
        .filter(|node| !node.is_text())
        .map(|node| node.range())
        .collect();
    skip.push(content.end..content.end);
    for skipped in skip {
        while at < skipped.start {
            let rest = &source[at..skipped.start];
            if let Some(after) = rest.strip_prefix("<![CDATA[") {
                at += "<![CDATA[".len();
                let inside = after.split_once("]]>").unwrap().0;
                for c in inside.chars() {
                    characters.push((c, at, at + c.len_utf8()));
                    at += c.len_utf8();
                }
                at += "]]>".len();
            } else if let Some(after) = rest.strip_prefix('&') {
                let name = after.split_once(';').unwrap().0;
                let end = at + name.len() + 2;
                characters.push((referenced(name), at, end));
                at = end;
            } else {
                let c = rest.chars().next().unwrap();
                characters.push((c, at, at + c.len_utf8()));
                at += c.len_utf8();
            }
        }
        at = skipped.end;
    }
    characters
}

fn referenced(name: &str) -> char {
    let number =
        |digits, radix| char::from_u32(u32::from_str_radix(digits, radix).unwrap()).unwrap();
    match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "quot" => '"',
        _ if name.starts_with("#x") => number(&name[2..], 16),
        _ => number(&name[1..], 10),
    }
}

fn same_value(
    document: Document<'_>,
    id: NodeId,
    element: roxmltree::Node<'_, '_>,
) -> Result<(), TestCaseError> {
    let source = document.source();
    // roxmltree normalizes line ends, but forcelint must not.
    let without_line_ends = |text: &str| text.replace(['\r', '\n'], "");
    let expected: String = element
        .children()
        .filter(|node| node.is_text())
        .filter_map(|node| node.text())
        .collect();
    let value = document.value(id);
    let (read, expected) = (
        without_line_ends(value.text()),
        without_line_ends(&expected),
    );
    prop_assert_eq!(
        read.trim_matches(SPACE),
        expected.trim_matches(SPACE),
        "{:?}",
        source
    );
    let characters = spanned_characters(document, id, element);
    let found = |item: xml::Item<'_>| (item.text.to_owned(), item.span.range());
    let whole = found(value.whole());
    match trimmed(&characters) {
        Some(expected_item) => prop_assert_eq!(whole, expected_item, "{:?}", source),
        None => {
            prop_assert_eq!(&whole.0, "");
            let content = document.content(id).range();
            prop_assert!(
                whole.1.is_empty() && content.start <= whole.1.start && whole.1.end <= content.end
            );
        }
    }
    for separator in ['\n', ',', ';', ' '] {
        let is_separator =
            |&(c, ..): &SpannedChar| c == separator || (separator == '\n' && c == '\r');
        let expected: Vec<_> = characters.split(is_separator).filter_map(trimmed).collect();
        let items: Vec<_> = value.split(separator).map(found).collect();
        prop_assert_eq!(items, expected, "{:?} {:?}", separator, source);
    }
    Ok(())
}

fn trimmed(characters: &[SpannedChar]) -> Option<(String, std::ops::Range<usize>)> {
    let is_text = |(c, ..): &SpannedChar| !SPACE.contains(c);
    let first = characters.iter().position(is_text)?;
    let last = characters.iter().rposition(is_text)?;
    let kept_characters = &characters[first..=last];
    Some((
        kept_characters.iter().map(|&(c, ..)| c).collect(),
        characters[first].1..characters[last].2,
    ))
}

fn pieces_cover_the_content(document: Document<'_>, id: NodeId) -> Result<(), TestCaseError> {
    let pieces = document
        .pieces(id)
        .into_iter()
        .map(|piece| piece.span.range());
    let mut parts: Vec<_> = document
        .children(id)
        .map(|child| document.span(child).range())
        .chain(pieces)
        .collect();
    parts.sort_by_key(|part| part.start);
    let content = document.content(id).range();
    let mut at = content.start;
    for part in parts {
        prop_assert_eq!(part.start, at, "{:?}", document.source());
        at = part.end;
    }
    prop_assert_eq!(at, content.end);
    Ok(())
}
