//! The tree of a parsed file and the questions that rules ask of it.
//!
//! In: a [`Tree`] and the text that it was parsed from. Out: elements by local name, decoded
//! values and the source span of each of them. Spans are byte offsets into the file as it is on
//! disk, byte order mark included.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::encoding::BYTE_ORDER_MARK;
use super::value::{CDATA_END, CDATA_START, Piece, PieceKind, Segment, Value};
use crate::text::Span;

/// An element's place in its [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

const NONE: u32 = u32::MAX;

/// One element.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// The local name, without a prefix.
    pub(crate) name: Span,
    /// The whole element, from `<` of the start tag to `>` of the end tag.
    pub(crate) span: Span,
    /// Offset behind the start tag.
    pub(crate) start_tag_end: u32,
    /// Offset of the end tag; of the element's end when it is self-closed.
    pub(crate) content_end: u32,
    pub(crate) parent: u32,
    pub(crate) first_child: u32,
    pub(crate) next_sibling: u32,
    /// The content is at most one run of characters, so that the value is a slice of the file.
    pub(crate) plain: bool,
    /// `xsi:nil` is true.
    pub(crate) nil: bool,
    /// The element belongs to a namespace other than Salesforce's.
    pub(crate) foreign: bool,
}

impl Node {
    #[inline]
    pub(crate) fn open(name: Span, start_tag: Span, parent: Option<NodeId>) -> Self {
        Self {
            name,
            span: start_tag,
            start_tag_end: start_tag.end,
            content_end: start_tag.end,
            parent: parent.map_or(NONE, |parent| parent.0),
            first_child: NONE,
            next_sibling: NONE,
            plain: true,
            nil: false,
            foreign: false,
        }
    }
}

/// The elements of one file in document order; the first is the root. Reused from file to file so
/// that a clean file allocates nothing.
#[derive(Debug, Default, Clone)]
pub struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// The children of the root: like ones follow each other, so there are few runs even where
    /// there are ten thousands of children, of which every rule looks for some.
    pub(crate) runs: Vec<Run>,
}

/// Children of the root with one name that follow each other.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub name: Span,
    pub first: u32,
    pub last: u32,
}

impl Tree {
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.runs.clear();
    }

    /// Gives back the room that is left: for trees that are kept.
    pub fn shrink_to_fit(&mut self) {
        self.nodes.shrink_to_fit();
        self.runs.shrink_to_fit();
    }

    /// Notes a child of the root.
    #[inline]
    pub(crate) fn note_run(&mut self, source: &str, id: NodeId, name: Span) {
        match self.runs.last_mut() {
            Some(run) if source.as_bytes()[run.name.range()] == source.as_bytes()[name.range()] => {
                run.last = id.0;
            }
            _ => self.runs.push(Run {
                name,
                first: id.0,
                last: id.0,
            }),
        }
    }
}

/// A tree together with its text.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    source: &'a str,
    tree: &'a Tree,
}

impl<'a> Document<'a> {
    /// Reads `tree` as what [`super::parse`] made of `source`.
    pub fn new(source: &'a str, tree: &'a Tree) -> Self {
        Self { source, tree }
    }

    /// The file's whole text.
    pub fn source(self) -> &'a str {
        self.source
    }

    /// The root element.
    #[inline]
    pub fn root(self) -> NodeId {
        NodeId(0)
    }

    /// Every element in document order.
    pub fn all(self) -> impl Iterator<Item = NodeId> {
        (0..self.tree.nodes.len() as u32).map(NodeId)
    }

    #[inline]
    fn node(self, id: NodeId) -> &'a Node {
        &self.tree.nodes[id.0 as usize]
    }

    /// The element's local name.
    #[inline]
    pub fn name(self, id: NodeId) -> &'a str {
        &self.source[self.node(id).name.range()]
    }

    /// Whether this stands there. Looks at bytes alone, and not for where characters begin.
    #[inline]
    fn reads(self, place: Span, name: &str) -> bool {
        self.source.as_bytes()[place.range()] == *name.as_bytes()
    }

    /// The name as it is written, with its prefix.
    pub fn qualified_name(self, id: NodeId) -> &'a str {
        let node = self.node(id);
        &self.source[node.span.start as usize + 1..node.name.end as usize]
    }

    /// The whole element.
    #[inline]
    pub fn span(self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// The start tag; of a self-closed element the whole of it.
    pub fn start_tag(self, id: NodeId) -> Span {
        let node = self.node(id);
        Span {
            start: node.span.start,
            end: node.start_tag_end,
        }
    }

    /// What stands between the tags; empty, at the element's end, when it is self-closed.
    #[inline]
    pub fn content(self, id: NodeId) -> Span {
        let node = self.node(id);
        Span {
            start: node.start_tag_end,
            end: node.content_end,
        }
    }

    /// Whether the element is written as one tag, `<x/>`.
    pub fn is_self_closed(self, id: NodeId) -> bool {
        let node = self.node(id);
        node.start_tag_end == node.span.end
    }

    /// Whether `xsi:nil` says that the element has no value.
    #[inline]
    pub fn is_nil(self, id: NodeId) -> bool {
        self.node(id).nil
    }

    /// Whether the element is Salesforce's, or of no namespace.
    #[inline]
    pub fn is_metadata(self, id: NodeId) -> bool {
        !self.node(id).foreign
    }

    /// The element around this one.
    pub fn parent(self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id).parent;
        (parent != NONE).then_some(NodeId(parent))
    }

    /// The child elements in document order, those of foreign namespaces included.
    pub fn children(self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let mut next = self.node(id).first_child;
        std::iter::from_fn(move || {
            let child = (next != NONE).then_some(NodeId(next))?;
            next = self.node(child).next_sibling;
            Some(child)
        })
    }

    /// The children with this local name that are Salesforce's.
    #[inline]
    pub fn children_named<'n>(
        self,
        id: NodeId,
        name: &'n str,
    ) -> impl Iterator<Item = NodeId> + use<'a, 'n> {
        let is_root = id == self.root();
        let (runs, mut next) = match is_root {
            true => (self.tree.runs.as_slice(), NONE),
            false => (&[][..], self.node(id).first_child),
        };
        let mut runs = runs.iter();
        let mut last = NONE;
        std::iter::from_fn(move || {
            loop {
                if next == NONE {
                    let run = runs.find(|run| self.reads(run.name, name))?;
                    (next, last) = (run.first, run.last);
                }
                let child = NodeId(next);
                next = match next == last {
                    true => NONE,
                    false => self.node(child).next_sibling,
                };
                if self.is_metadata(child) && (is_root || self.reads(self.node(child).name, name)) {
                    return Some(child);
                }
            }
        })
    }

    /// The pieces of which the element's direct content is made, in order. Child elements are
    /// passed over.
    pub fn pieces(self, id: NodeId) -> Vec<Piece<'a>> {
        let content = self.content(id);
        let mut pieces = Vec::new();
        let mut depth = 0usize;
        // quick-xml takes U+FEFF at the beginning for a byte order mark and drops it without
        // counting it; here it is text.
        let text = self.source[content.range()].trim_start_matches(BYTE_ORDER_MARK);
        let base = content.end as usize - text.len();
        if base > content.start as usize {
            pieces.push(self.piece(PieceKind::Text, content.start as usize, base));
        }
        let mut reader = Reader::from_str(text);
        loop {
            let start = reader.buffer_position() as usize;
            // The content was parsed before as part of its file, so no event can fail here; if one
            // did, the pieces so far are all there is.
            let Ok(event) = reader.read_event() else {
                break;
            };
            let end = reader.buffer_position() as usize;
            let kind = match event {
                Event::Eof => break,
                Event::Start(_) => {
                    depth += 1;
                    continue;
                }
                Event::End(_) => {
                    depth = depth.saturating_sub(1);
                    continue;
                }
                Event::Text(_) => PieceKind::Text,
                Event::CData(_) => PieceKind::CData,
                Event::GeneralRef(_) => PieceKind::Reference,
                Event::Comment(_) | Event::PI(_) => PieceKind::Comment,
                Event::Empty(_) | Event::Decl(_) | Event::DocType(_) => continue,
            };
            if depth == 0 {
                pieces.push(self.piece(kind, base + start, base + end));
            }
        }
        pieces
    }

    fn piece(self, kind: PieceKind, start: usize, end: usize) -> Piece<'a> {
        Piece {
            kind,
            span: Span::new(start, end),
            raw: &self.source[start..end],
        }
    }

    /// Every comment in document order, with the element that it stands before, if there is one
    /// between it and the end of what is around it.
    pub fn comments(self) -> Vec<(Span, Option<NodeId>)> {
        let mut comments = Vec::new();
        // From here on the comments wait for their element.
        let mut waiting = 0;
        let mut elements = 0;
        let text = self.source.trim_start_matches(BYTE_ORDER_MARK);
        let base = self.source.len() - text.len();
        let mut reader = Reader::from_str(text);
        loop {
            let start = base + reader.buffer_position() as usize;
            // The file was parsed before, so no event can fail here.
            let Ok(event) = reader.read_event() else {
                break;
            };
            match event {
                Event::Eof => break,
                Event::Comment(_) => {
                    let end = base + reader.buffer_position() as usize;
                    comments.push((Span::new(start, end), None));
                }
                Event::Start(_) | Event::Empty(_) => {
                    for (_, element) in &mut comments[waiting..] {
                        *element = Some(NodeId(elements));
                    }
                    waiting = comments.len();
                    elements += 1;
                }
                Event::End(_) => waiting = comments.len(),
                _ => {}
            }
        }
        comments
    }

    /// The element's text: entities decoded, CDATA counted, comments left out, outer whitespace
    /// no part of it.
    pub fn value(self, id: NodeId) -> Value<'a> {
        let content = self.content(id);
        if self.node(id).plain {
            return Value {
                text: Cow::Borrowed(&self.source[content.range()]),
                segments: Vec::new(),
                start: content.start as usize,
            };
        }
        let mut text = String::new();
        let mut segments = Vec::new();
        for piece in self.pieces(id) {
            let decoded = piece.decoded();
            if decoded.is_empty() {
                continue;
            }
            let source = match piece.kind {
                PieceKind::CData => Span::new(
                    piece.span.start as usize + CDATA_START.len(),
                    piece.span.end as usize - CDATA_END.len(),
                ),
                _ => piece.span,
            };
            segments.push(Segment {
                decoded: text.len(),
                source,
                verbatim: piece.kind != PieceKind::Reference,
            });
            text.push_str(&decoded);
        }
        Value {
            text: Cow::Owned(text),
            segments,
            start: content.start as usize,
        }
    }
}
