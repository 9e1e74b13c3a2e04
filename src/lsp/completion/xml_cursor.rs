//! The context of a cursor in XML that is being typed: the open elements, what the cursor is inside, and
//! the siblings.
//!
//! It only reads tags and accepts any text: a tag without an end ends where the next one begins, and an
//! end tag closes the nearest element of its name.

use std::ops::Range;

use memchr::{memchr, memmem};

/// The context of a byte offset.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::lsp) struct XmlCursor<'t> {
    /// The names of the elements that are open, from the root.
    pub path: Vec<&'t str>,
    pub inside: Inside,
    /// The names of the other children of the innermost open element.
    pub siblings: Vec<&'t str>,
}

/// What a cursor is inside, with its range in bytes.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::lsp) enum Inside {
    /// The name of a start tag, perhaps not typed yet.
    Name(Range<usize>),
    /// The name of an end tag, whose element is the innermost open one.
    EndName(Range<usize>),
    /// The text between two tags.
    Content(Range<usize>),
    /// Attributes, comments, and other markup.
    Elsewhere,
}

/// An element without its end tag.
struct Open<'t> {
    name: &'t str,
    children: Vec<&'t str>,
}

/// A tag or other markup.
struct Tag<'t> {
    /// Offset after it.
    end: usize,
    kind: Kind<'t>,
}

enum Kind<'t> {
    Start { name: &'t str, is_closed: bool },
    End { name: &'t str },
    Other,
}

/// The context of a byte offset between two characters.
pub(in crate::lsp) fn xml_cursor(text: &str, at: usize) -> XmlCursor<'_> {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut begin = 0;
    let mut cursor = None;
    while let Some(found) = memchr(b'<', &text.as_bytes()[begin..]) {
        let start = begin + found;
        if start >= at {
            break;
        }
        let tag = tag(text, start);
        if at < tag.end || (at == tag.end && !text[..at].ends_with('>')) {
            cursor = Some((start, tag));
            break;
        }
        apply(&mut open, &tag.kind);
        begin = tag.end;
    }
    let (inside, rest, own) = match cursor {
        Some((start, tag)) => {
            let inside = within(text, start, &tag, at);
            // The tag at the cursor is not its own sibling.
            let rest = match &tag.kind {
                Kind::End { .. } => start,
                _ => tag.end,
            };
            let own = match tag.kind {
                Kind::Start {
                    name,
                    is_closed: false,
                } => Some(name),
                _ => None,
            };
            (inside, rest, own)
        }
        None => {
            let next = memchr(b'<', &text.as_bytes()[at..]).map_or(text.len(), |next| at + next);
            (Inside::Content(begin..next), next, None)
        }
    };
    let path: Vec<&str> = open.iter().map(|element| element.name).collect();
    let mut siblings = open.pop().map_or(Vec::new(), |element| element.children);
    // `own` is open after the cursor without being its parent.
    siblings_after(text, rest, own, &mut siblings);
    XmlCursor {
        path,
        inside,
        siblings,
    }
}

fn apply<'t>(open: &mut Vec<Open<'t>>, kind: &Kind<'t>) {
    match *kind {
        Kind::Start { name, is_closed } => {
            if let Some(parent) = open.last_mut() {
                parent.children.push(name);
            }
            if !is_closed {
                let children = Vec::new();
                open.push(Open { name, children });
            }
        }
        Kind::End { name } => {
            if let Some(depth) = open.iter().rposition(|element| element.name == name) {
                open.truncate(depth);
            }
        }
        Kind::Other => {}
    }
}

/// The tag that begins at `start`.
fn tag(text: &str, start: usize) -> Tag<'_> {
    let bytes = text.as_bytes();
    let rest = &bytes[start..];
    for (opening, closing) in [
        ("<!--", "-->"),
        ("<![CDATA[", "]]>"),
        ("<?", "?>"),
        ("<!", ">"),
    ] {
        if rest.starts_with(opening.as_bytes()) {
            let inside = &rest[opening.len()..];
            let found = memmem::find(inside, closing.as_bytes());
            let end = found.map_or(text.len(), |at| start + opening.len() + at + closing.len());
            let kind = Kind::Other;
            return Tag { end, kind };
        }
    }
    let inside = &rest[1..];
    let length = inside.iter().position(|&byte| matches!(byte, b'<' | b'>'));
    let length = length.unwrap_or(inside.len());
    let is_ended = inside.get(length) == Some(&b'>');
    let content = &text[start + 1..start + 1 + length];
    let end = start + 1 + length + usize::from(is_ended);
    let kind = match content.strip_prefix('/') {
        Some(name) => Kind::End {
            name: local(first_word(name)),
        },
        // It is being typed: it opens nothing.
        None if !is_ended => Kind::Other,
        None => Kind::Start {
            name: local(first_word(content)),
            is_closed: content.ends_with('/'),
        },
    };
    Tag { end, kind }
}

fn first_word(text: &str) -> &str {
    let is_end = |c: char| c.is_whitespace() || c == '/';
    &text[..text.find(is_end).unwrap_or(text.len())]
}

/// The name without a prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Which part of a tag the cursor is in.
fn within(text: &str, start: usize, tag: &Tag<'_>, at: usize) -> Inside {
    let is_markup = text[start..].starts_with("<!") || text[start..].starts_with("<?");
    if is_markup {
        return Inside::Elsewhere;
    }
    let is_end = text[start + 1..].starts_with('/');
    let name_start = start + 1 + usize::from(is_end);
    let inner = &text[name_start..tag.end.max(name_start)];
    let length = inner.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '<'));
    let name = name_start..name_start + length.unwrap_or(inner.len());
    match (name.start <= at && at <= name.end, is_end) {
        (true, true) => Inside::EndName(name),
        (true, false) => Inside::Name(name),
        (false, _) => Inside::Elsewhere,
    }
}

/// Adds the siblings after the cursor, up to the end of their parent.
fn siblings_after<'t>(
    text: &'t str,
    from: usize,
    own: Option<&'t str>,
    siblings: &mut Vec<&'t str>,
) {
    let mut open: Vec<&str> = own.into_iter().collect();
    let mut begin = from.min(text.len());
    while let Some(found) = memchr(b'<', &text.as_bytes()[begin..]) {
        let tag = tag(text, begin + found);
        match tag.kind {
            Kind::Start { name, is_closed } => {
                if open.is_empty() {
                    siblings.push(name);
                }
                if !is_closed {
                    open.push(name);
                }
            }
            Kind::End { name } => match open.iter().rposition(|other| *other == name) {
                Some(depth) => open.truncate(depth),
                None => return,
            },
            Kind::Other => {}
        }
        begin = tag.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The context of `|`, in short form.
    fn at(text: &str) -> (String, String, String) {
        let at = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let cursor = xml_cursor(&text, at);
        let inside = match cursor.inside {
            Inside::Name(range) => format!("<{}", &text[range]),
            Inside::EndName(range) => format!("</{}", &text[range]),
            Inside::Content(range) => format!("={}", &text[range]),
            Inside::Elsewhere => "-".to_owned(),
        };
        (cursor.path.join("/"), inside, cursor.siblings.join(" "))
    }

    #[test]
    fn contexts_in_complete_and_in_broken_text() {
        for (text, path, inside, siblings) in [
            ("<A><b>x|y</b><c/></A>", "A/b", "=xy", ""),
            ("<A><b>1</b>|<c/></A>", "A", "=", "b c"),
            ("<A><b>1</b><|</A>", "A", "<", "b"),
            ("<A><b>1</b><is|\n<c/></A>", "A", "<is", "b c"),
            ("<A><b>1</b><is|", "A", "<is", "b"),
            ("<A><b>1</|b><c/></A>", "A/b", "</b", ""),
            ("<A><b|>1</b></A>", "A", "<b", ""),
            ("<A|><b>1</b></A>", "", "<A", ""),
            ("<A><b|><c/></b><d/></A>", "A", "<b", "d"),
            ("<A x='|'><b/></A>", "", "-", ""),
            ("<A><!-- <z>| --><b/></A>", "A", "-", "b"),
            ("<A><b><![CDATA[<x>]]>|</b></A>", "A/b", "=", ""),
            ("<p:A><p:b>|</p:b></p:A>", "A/b", "=", ""),
            ("<A><b>1<c>|</c></A>", "A/b/c", "=", ""),
            ("<A><b><c></b>|</A>", "A", "=", "b"),
            ("|", "", "=", ""),
            ("</x>|<", "", "=", ""),
            (
                "<A><b><c>1</c></b>|<d><e/></d><f/></A><g/>",
                "A",
                "=",
                "b d f",
            ),
        ] {
            let expected = (path.to_owned(), inside.to_owned(), siblings.to_owned());
            assert_eq!(at(text), expected, "{text}");
        }
    }
}
