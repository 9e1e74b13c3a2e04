//! The elements of a parsed file and where in the file each of them is.
//!
//! Spans are byte offsets into the file on disk, including its byte order mark.

use std::borrow::Cow;
use std::sync::OnceLock;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::encoding::BYTE_ORDER_MARK;
use super::value::{CDATA_END, CDATA_START, Piece, PieceKind, Segment, Value};
use crate::text::Span;

/// The index of an element in its [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// The local name, without a prefix.
    pub(crate) name: Span,
    /// The whole element, from `<` of the start tag to `>` of the end tag.
    pub(crate) span: Span,
    /// Offset after the start tag.
    pub(crate) start_tag_end: u32,
    /// Offset of the end tag, or of the element's end if it is self-closed.
    pub(crate) content_end: u32,
    pub(crate) parent: u32,
    pub(crate) first_child: u32,
    pub(crate) next_sibling: u32,
    /// The content is at most one run of characters, so the value is a slice of the file.
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

/// The elements of one file in document order, starting with the root. It is reused from file to
/// file, so that a file without findings allocates nothing.
#[derive(Debug, Default, Clone)]
pub struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// The children of the root, by name. Elements of one name usually follow each other, so there
    /// are few runs even in a file with tens of thousands of elements, and rules find theirs fast.
    pub(crate) runs: Vec<Run>,
    /// The elements by parent and name, each list in document order; sorted when this is needed.
    by_name: OnceLock<Vec<NodeId>>,
}

/// Consecutive children of the root with the same name.
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
        self.by_name.take();
    }

    /// Frees unused capacity, for trees that are kept.
    pub fn shrink_to_fit(&mut self) {
        self.nodes.shrink_to_fit();
        self.runs.shrink_to_fit();
    }

    /// Adds a child of the root to the runs.
    #[inline]
    pub(crate) fn add_to_runs(&mut self, source: &str, id: NodeId, name: Span) {
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

/// A tree and the text it was parsed from.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    source: &'a str,
    tree: &'a Tree,
}

impl<'a> Document<'a> {
    /// `tree` is the result of [`super::parse`] for `source`.
    pub fn new(source: &'a str, tree: &'a Tree) -> Self {
        Self { source, tree }
    }

    pub fn source(self) -> &'a str {
        self.source
    }

    #[inline]
    pub fn root(self) -> NodeId {
        NodeId(0)
    }

    /// All elements in document order.
    pub fn all(self) -> impl Iterator<Item = NodeId> {
        (0..self.tree.nodes.len() as u32).map(NodeId)
    }

    /// The number of elements that begin at or before an offset.
    pub(crate) fn count_starting_by(self, offset: u32) -> usize {
        let nodes = &self.tree.nodes;
        nodes.partition_point(|node| node.span.start <= offset)
    }

    #[inline]
    fn node(self, id: NodeId) -> &'a Node {
        &self.tree.nodes[id.0 as usize]
    }

    /// The name without its prefix.
    #[inline]
    pub fn name(self, id: NodeId) -> &'a str {
        &self.source[self.node(id).name.range()]
    }

    /// Whether the text at `span` is `name`. It compares bytes, so it needs no check of character
    /// boundaries.
    #[inline]
    fn is_text_at(self, span: Span, name: &str) -> bool {
        self.source.as_bytes()[span.range()] == *name.as_bytes()
    }

    /// The name with its prefix.
    pub fn qualified_name(self, id: NodeId) -> &'a str {
        let node = self.node(id);
        &self.source[node.span.start as usize + 1..node.name.end as usize]
    }

    /// The whole element, including its tags.
    #[inline]
    pub fn span(self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// The start tag. For a self-closed element this is the whole element.
    pub fn start_tag(self, id: NodeId) -> Span {
        let node = self.node(id);
        Span {
            start: node.span.start,
            end: node.start_tag_end,
        }
    }

    /// The span between the tags. For a self-closed element it is empty, at the element's end.
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

    /// Whether the content consists only of characters, without references, comments or elements.
    pub fn is_plain(self, id: NodeId) -> bool {
        self.node(id).plain
    }

    /// Whether the attribute `xsi:nil` declares that the element has no value.
    #[inline]
    pub fn is_nil(self, id: NodeId) -> bool {
        self.node(id).nil
    }

    /// Whether the element is in Salesforce's metadata namespace or in none.
    #[inline]
    pub fn is_metadata(self, id: NodeId) -> bool {
        !self.node(id).foreign
    }

    pub fn parent(self, id: NodeId) -> Option<NodeId> {
        let parent = self.node(id).parent;
        (parent != NONE).then_some(NodeId(parent))
    }

    /// The child elements in document order, including those in foreign namespaces.
    pub fn children(self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let mut next = self.node(id).first_child;
        std::iter::from_fn(move || {
            let child = (next != NONE).then_some(NodeId(next))?;
            next = self.node(child).next_sibling;
            Some(child)
        })
    }

    /// The child elements with this local name, without those in foreign namespaces.
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
                    let run = runs.find(|run| self.is_text_at(run.name, name))?;
                    (next, last) = (run.first, run.last);
                }
                let child = NodeId(next);
                next = match next == last {
                    true => NONE,
                    false => self.node(child).next_sibling,
                };
                if self.is_metadata(child)
                    && (is_root || self.is_text_at(self.node(child).name, name))
                {
                    return Some(child);
                }
            }
        })
    }

    /// The same elements as [`Self::children_named`]. This does not search through the children, so it can be
    /// used for each of many elements of one parent. The first use sorts all elements of the file.
    pub fn find_children(self, id: NodeId, name: &str) -> &'a [NodeId] {
        let key = |id: &NodeId| (self.node(*id).parent, self.name(*id));
        let sorted = self.tree.by_name.get_or_init(|| {
            let mut all: Vec<NodeId> = self.all().filter(|id| self.is_metadata(*id)).collect();
            all.sort_by(|one, other| key(one).cmp(&key(other)));
            all
        });
        let wanted = (id.0, name);
        let start = sorted.partition_point(|id| key(id) < wanted);
        let length = sorted[start..].partition_point(|id| key(id) == wanted);
        &sorted[start..start + length]
    }

    /// The parts of the element's own content in order, without child elements.
    pub fn pieces(self, id: NodeId) -> Vec<Piece<'a>> {
        let content = self.content(id);
        let mut pieces = Vec::new();
        let mut depth = 0usize;
        // quick-xml drops U+FEFF at the beginning as a byte order mark without counting it. Inside
        // an element it is text.
        let text = self.source[content.range()].trim_start_matches(BYTE_ORDER_MARK);
        let base = content.end as usize - text.len();
        if base > content.start as usize {
            pieces.push(self.piece(PieceKind::Text, content.start as usize, base));
        }
        let mut reader = Reader::from_str(text);
        loop {
            let start = reader.buffer_position() as usize;
            // The content was parsed before as part of its file, so reading it cannot fail.
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

    /// All comments in document order, each with the next element in the same parent, if there is
    /// one.
    pub fn comments(self) -> Vec<(Span, Option<NodeId>)> {
        let mut comments = Vec::new();
        // The first comment whose next element has not been found yet.
        let mut pending = 0;
        let mut elements = 0;
        let text = self.source.trim_start_matches(BYTE_ORDER_MARK);
        let base = self.source.len() - text.len();
        let mut reader = Reader::from_str(text);
        loop {
            let start = base + reader.buffer_position() as usize;
            // The file was parsed before, so reading it cannot fail.
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
                    for (_, element) in &mut comments[pending..] {
                        *element = Some(NodeId(elements));
                    }
                    pending = comments.len();
                    elements += 1;
                }
                Event::End(_) => pending = comments.len(),
                _ => {}
            }
        }
        comments
    }

    /// The element's text, with references decoded, with the text of CDATA sections, and without
    /// comments. `Value` trims it.
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
