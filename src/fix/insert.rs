//! Inserts missing elements.
//!
//! Elements are inserted directly after a tag, in schema order (the ASCII order of their names), with
//! the line end and the indentation of the surrounding lines.

use quick_xml::escape::partial_escape;

use super::change::{Change, open_tag};
use crate::xml::{Document, NodeId, Span};

/// The line ends of text files, the longest first.
pub(super) const LINE_ENDS: [&str; 3] = ["\r\n", "\n", "\r"];

/// Missing elements, by parent.
#[derive(Default)]
pub(super) struct Insertions {
    parents: Vec<(NodeId, Vec<Missing>)>,
}

/// An element to insert.
struct Missing {
    name: String,
    content: Content,
}

enum Content {
    Text(String),
    Elements(Vec<Missing>),
}

/// The line end before an element and its indentation, if the element starts a line.
type Layout<'a> = Option<(&'a str, String)>;

impl Insertions {
    /// Adds the element at the path `names` below `parent` with a value. None of these elements
    /// exists.
    pub(super) fn add(&mut self, parent: NodeId, names: &[String], to: &str) {
        let at = match self.parents.iter().position(|(known, _)| *known == parent) {
            Some(at) => at,
            None => {
                self.parents.push((parent, Vec::new()));
                self.parents.len() - 1
            }
        };
        add_element(&mut self.parents[at].1, names, to);
    }

    /// The changes of the text. Insertions at the same offset are one change.
    pub(super) fn changes(self, document: Document<'_>) -> Vec<Change> {
        self.parents
            .into_iter()
            .flat_map(|(parent, missing)| insert(document, parent, missing))
            .collect()
    }
}

fn add_element(siblings: &mut Vec<Missing>, names: &[String], to: &str) {
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
        Content::Elements(elements) if !inner.is_empty() => add_element(elements, inner, to),
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

/// The text of several elements, each on a separate line if there is a layout.
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

/// Inserts elements into a parent that has no elements with their names.
fn insert(document: Document<'_>, parent: NodeId, missing: Vec<Missing>) -> Vec<Change> {
    let prefix = document.prefix(parent);
    let children = document.children_in_file(parent);
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
        let after = match before {
            Some(sibling) => document.span(sibling).end,
            None => document.start_tag(parent).end,
        };
        let layout = before
            .and_then(|sibling| line_start(document, sibling))
            .or_else(|| line_start(document, *children.get(at)?))
            .map(|(line_end, indent)| (line_end, indent.to_owned()));
        let offset = match layout {
            Some(_) => after_comments(document, after as usize),
            None => after as usize,
        };
        let text = lines(&[element], prefix, &layout, unit);
        match changes.last_mut() {
            Some((span, before)) if *span == Span::at(offset) => before.push_str(&text),
            _ => changes.push((Span::at(offset), text)),
        }
    }
    changes
}

/// Inserts elements into an empty parent.
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
    let after = after_comments(document, content.start as usize);
    let rest = &document.source()[after..content.end as usize];
    let rest = rest.trim_start_matches([' ', '\t']);
    if rest.is_empty() {
        // The existing blanks would be added to the indentation of the end tag.
        (Span::new(after, content.end as usize), closing)
    } else if rest.starts_with(['\n', '\r']) {
        (Span::at(after), text)
    } else {
        (Span::at(after), closing)
    }
}

/// The line end before an element and its indentation, if the element starts a line.
fn line_start(document: Document<'_>, id: NodeId) -> Option<(&str, &str)> {
    let before = &document.source()[..document.span(id).start as usize];
    let line = before.trim_end_matches([' ', '\t']);
    let indent = &before[line.len()..];
    let line_end = LINE_ENDS
        .into_iter()
        .find(|line_end| line.ends_with(line_end))?;
    Some((line_end, indent))
}

/// The file's unit of indentation: the indentation of the first element below the root.
fn indent_unit(document: Document<'_>) -> &str {
    let first = document.children(document.root()).next();
    match first.and_then(|first| line_start(document, first)) {
        Some((_, indent)) => indent,
        None => "    ",
    }
}

/// The offset after the comments and processing instructions at the end of a line or of the parent.
/// They are about what is before them, so nothing is inserted between.
fn after_comments(document: Document<'_>, offset: usize) -> usize {
    let source = document.source();
    let mut after = offset;
    loop {
        let rest = source[after..].trim_start_matches([' ', '\t']);
        if rest.starts_with(['\n', '\r']) || rest.starts_with("</") {
            return after;
        }
        let next = [("<!--", "-->"), ("<?", "?>")]
            .into_iter()
            .find_map(|(start, end)| Some(rest.strip_prefix(start)?.split_once(end)?.1));
        match next {
            Some(next) => after = source.len() - next.len(),
            None => return offset,
        }
    }
}
