//! Elements that are missing, put to their places.
//!
//! In: the tree, and what should stand where. Out: insertions right behind a tag, in schema order
//! (that of the ASCII names), with the line end and the indentation that the file uses there.

use quick_xml::escape::partial_escape;

use super::change::{Change, open_tag};
use crate::xml::{Document, NodeId, Span};

/// The line ends of text files, the longest first.
pub(super) const LINE_ENDS: [&str; 3] = ["\r\n", "\n", "\r"];

/// What is missing, by the element that should hold it.
#[derive(Default)]
pub(super) struct Insertions {
    parents: Vec<(NodeId, Vec<Missing>)>,
}

/// An element to write.
struct Missing {
    name: String,
    content: Content,
}

enum Content {
    Text(String),
    Elements(Vec<Missing>),
}

/// The line end before an element and its indentation.
type Layout<'a> = Option<(&'a str, String)>;

impl Insertions {
    /// Wants the element at `names` below `parent`, where none of them exists, with a value.
    pub(super) fn add(&mut self, parent: NodeId, names: &[String], to: &str) {
        let at = match self.parents.iter().position(|(known, _)| *known == parent) {
            Some(at) => at,
            None => {
                self.parents.push((parent, Vec::new()));
                self.parents.len() - 1
            }
        };
        place(&mut self.parents[at].1, names, to);
    }

    /// The changes that put everything to its place; those at the same place are one.
    pub(super) fn changes(self, document: Document<'_>) -> Vec<Change> {
        self.parents
            .into_iter()
            .flat_map(|(parent, missing)| insert(document, parent, missing))
            .collect()
    }
}

fn place(siblings: &mut Vec<Missing>, names: &[String], to: &str) {
    let Some((name, inner)) = names.split_first() else {
        return;
    };
    let at = match siblings.binary_search_by(|sibling| sibling.name.cmp(name)) {
        Ok(at) => at,
        Err(at) => {
            let content = Content::Elements(Vec::new());
            let name = name.clone();
            siblings.insert(at, Missing { name, content });
            at
        }
    };
    let content = &mut siblings[at].content;
    match content {
        Content::Elements(elements) if !inner.is_empty() => place(elements, inner, to),
        _ => *content = Content::Text(to.to_owned()),
    }
}

impl Missing {
    fn write(&self, prefix: &str, layout: &Layout<'_>, unit: &str) -> String {
        let name = &self.name;
        let content = match &self.content {
            Content::Text(text) => partial_escape(text.as_str()).into_owned(),
            Content::Elements(elements) => {
                let inner: Layout<'_> = layout
                    .as_ref()
                    .map(|(line_end, indent)| (*line_end, format!("{indent}{unit}")));
                let mut content = lines(elements, prefix, &inner, unit);
                if let Some((line_end, indent)) = layout {
                    content.push_str(line_end);
                    content.push_str(indent);
                }
                content
            }
        };
        format!("<{prefix}{name}>{content}</{prefix}{name}>")
    }
}

/// The elements one behind the other, each on a line of its own where there are lines.
fn lines(elements: &[Missing], prefix: &str, layout: &Layout<'_>, unit: &str) -> String {
    let mut text = String::new();
    for element in elements {
        if let Some((line_end, indent)) = layout {
            text.push_str(line_end);
            text.push_str(indent);
        }
        text.push_str(&element.write(prefix, layout, unit));
    }
    text
}

/// Puts elements into a parent that holds none of their names.
fn insert(document: Document<'_>, parent: NodeId, missing: Vec<Missing>) -> Vec<Change> {
    let qualified = document.qualified_name(parent);
    let prefix = &qualified[..qualified.len() - document.name(parent).len()];
    let children: Vec<NodeId> = document.children(parent).collect();
    if children.is_empty() {
        return vec![fill(document, parent, prefix, &missing)];
    }
    let unit = indent_unit(document);
    let mut changes: Vec<Change> = Vec::new();
    for element in missing {
        let at = children
            .iter()
            .position(|&child| document.name(child) > element.name.as_str())
            .unwrap_or(children.len());
        let before = at.checked_sub(1).map(|at| children[at]);
        let behind = match before {
            Some(sibling) => document.span(sibling).end,
            None => document.start_tag(parent).end,
        };
        let layout = before
            .and_then(|sibling| line_start(document, sibling))
            .or_else(|| line_start(document, *children.get(at)?))
            .map(|(line_end, indent)| (line_end, indent.to_owned()));
        let place = match layout {
            Some(_) => behind_comment(document, behind as usize),
            None => behind as usize,
        };
        let text = lines(&[element], prefix, &layout, unit);
        match changes.last_mut() {
            Some((span, before)) if *span == Span::at(place) => before.push_str(&text),
            _ => changes.push((Span::at(place), text)),
        }
    }
    changes
}

/// Puts the first elements into an empty parent.
fn fill(document: Document<'_>, parent: NodeId, prefix: &str, missing: &[Missing]) -> Change {
    let content = document.content(parent);
    let unit = indent_unit(document);
    let Some((line_end, indent)) = line_start(document, parent) else {
        let text = lines(missing, prefix, &None, unit);
        return if document.is_self_closed(parent) {
            open_tag(document, parent, &text)
        } else {
            (Span::at(content.start as usize), text)
        };
    };
    let layout = Some((line_end, format!("{indent}{unit}")));
    let text = lines(missing, prefix, &layout, unit);
    let closing = format!("{text}{line_end}{indent}");
    if document.is_self_closed(parent) {
        return open_tag(document, parent, &closing);
    }
    let behind = behind_comment(document, content.start as usize);
    let rest = &document.source()[behind..content.end as usize];
    let rest = rest.trim_start_matches([' ', '\t']);
    if rest.is_empty() {
        // The blanks would indent the end tag once more.
        (Span::new(behind, content.end as usize), closing)
    } else if rest.starts_with(['\n', '\r']) {
        (Span::at(behind), text)
    } else {
        (Span::at(behind), closing)
    }
}

/// The line end before an element and its indentation, if it begins its line.
fn line_start(document: Document<'_>, id: NodeId) -> Option<(&str, &str)> {
    let before = &document.source()[..document.span(id).start as usize];
    let line = before.trim_end_matches([' ', '\t']);
    let indent = &before[line.len()..];
    let line_end = LINE_ENDS
        .into_iter()
        .find(|line_end| line.ends_with(line_end))?;
    Some((line_end, indent))
}

/// By what the file indents: the indentation of the first element below the root.
fn indent_unit(document: Document<'_>) -> &str {
    let first = document.children(document.root()).next();
    match first.and_then(|first| line_start(document, first)) {
        Some((_, indent)) => indent,
        None => "    ",
    }
}

/// Behind the comments and processing instructions that follow on the line of `offset` with
/// nothing but the line's or the parent's end behind them: they are about what stands before them.
fn behind_comment(document: Document<'_>, offset: usize) -> usize {
    let source = document.source();
    let mut behind = offset;
    loop {
        let rest = source[behind..].trim_start_matches([' ', '\t']);
        if rest.starts_with(['\n', '\r']) || rest.starts_with("</") {
            return behind;
        }
        let after = [("<!--", "-->"), ("<?", "?>")]
            .into_iter()
            .find_map(|(start, end)| Some(rest.strip_prefix(start)?.split_once(end)?.1));
        match after {
            Some(after) => behind = source.len() - after.len(),
            None => return offset,
        }
    }
}
