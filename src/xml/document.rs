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

pub(super) const NONE: u32 = u32::MAX;

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
    /// The files of a composed document, by offset. Empty for a document that is one file.
    pub(crate) files: Vec<FileRange>,
    /// The elements by parent and name, each list in document order; sorted when this is needed.
    by_name: OnceLock<Vec<NodeId>>,
}

impl Tree {
    /// A tree of one element, for a file that is not XML. Its tag and its name are the text at `span`.
    pub(crate) fn of_element(span: Span) -> Self {
        Self {
            nodes: vec![Node::open(span, span, None)],
            ..Self::default()
        }
    }
}

/// A file of a composed document.
#[derive(Debug, Clone)]
pub(crate) struct FileRange {
    pub text: Span,
    /// The root of the file. The other elements of the file follow it.
    pub root: NodeId,
    /// The name of the only element of the component that the file has, if it has the root of the whole.
    pub holds: Option<Span>,
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
        self.files.clear();
        self.by_name.take();
    }

    /// Frees unused capacity, for trees that are kept.
    pub fn shrink_to_fit(&mut self) {
        self.nodes.shrink_to_fit();
        self.runs.shrink_to_fit();
    }

    /// Its memory in bytes.
    pub(crate) fn size(&self) -> usize {
        size_of_val(self.nodes.as_slice()) + size_of_val(self.runs.as_slice())
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

    /// The name in the tag, with its prefix. In a composed document, the root of a file can have another
    /// name than the element of the component.
    pub fn qualified_name(self, id: NodeId) -> &'a str {
        let node = self.node(id);
        let start = node.span.start as usize + 1;
        if node.span.contains(node.name) {
            return &self.source[start..node.name.end as usize];
        }
        let has_tag = node.span.start < node.start_tag_end && node.start_tag_end <= node.span.end;
        if !has_tag {
            // The file is not XML.
            return self.name(id);
        }
        let tag = &self.source[start..node.start_tag_end as usize];
        let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
        &tag[..end.unwrap_or(tag.len())]
    }

    /// The prefix of the name, with its colon.
    pub fn prefix(self, id: NodeId) -> &'a str {
        let name = self.qualified_name(id);
        &name[..name.find(':').map_or(0, |colon| colon + 1)]
    }

    /// The index of the file at an offset, in a composed document. 0 for one file.
    pub(crate) fn file_at(self, offset: u32) -> usize {
        let files = &self.tree.files;
        let after = files.partition_point(|file| file.text.start <= offset);
        after.saturating_sub(1)
    }

    /// Whether the element is the root of a file, so that removing it leaves no XML.
    pub(crate) fn is_file_root(self, id: NodeId) -> bool {
        let file = || self.tree.files.get(self.file_at(self.span(id).start));
        id == self.root() || file().is_some_and(|file| file.root == id)
    }

    /// Whether no file has the root of the component.
    pub(crate) fn has_no_main_file(self) -> bool {
        let first = self.tree.files.first();
        first.is_some_and(|file| file.root != self.root())
    }

    /// The element into which a missing child of `parent` belongs. It differs from `parent` if a piece of
    /// a decomposed component has all elements of that name.
    pub(crate) fn parent_of_missing(self, parent: NodeId, name: &str) -> NodeId {
        if parent != self.root() {
            return parent;
        }
        let holds = |file: &&FileRange| file.holds.is_some_and(|it| self.is_text_at(it, name));
        let file = self.tree.files.iter().find(holds);
        file.map_or(parent, |file| file.root)
    }

    /// The child elements in the same file as the start tag, in document order.
    pub(crate) fn children_in_file(self, id: NodeId) -> Vec<NodeId> {
        if !self.is_file_root(id) || self.tree.files.is_empty() {
            return self.children(id).collect();
        }
        let here = self.file_at(self.span(id).start);
        let is_root_of_whole = self.parent(id).is_none();
        let parent = if is_root_of_whole { self.root() } else { id };
        let in_file = |child: &NodeId| self.file_at(self.span(*child).start) == here;
        let mut children: Vec<NodeId> = self.children(parent).filter(in_file).collect();
        children.sort_by_key(|child| self.span(*child).start);
        children
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
        if self.tree.files.is_empty() {
            return self.comments_in(Span::new(0, self.source.len()), self.root());
        }
        let files = self.tree.files.iter();
        files
            .flat_map(|file| self.comments_in(file.text, file.root))
            .collect()
    }

    /// The comments of one file with this root.
    fn comments_in(self, text: Span, root: NodeId) -> Vec<(Span, Option<NodeId>)> {
        let mut comments = Vec::new();
        // The first comment whose next element has not been found yet.
        let mut pending = 0;
        let mut elements = root.0;
        let end = text.end as usize;
        let text = self.source[text.range()].trim_start_matches(BYTE_ORDER_MARK);
        let base = end - text.len();
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
