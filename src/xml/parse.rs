//! The parser: quick-xml's events, checked for what it leaves unchecked, into a [`Tree`].
//!
//! In: the bytes of a file. Out: its elements, or the first place where it is no XML that the
//! Salesforce CLI could deploy. No entity is expanded and no DTD read.

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use super::document::{Node, NodeId, Span, Tree, trim};
use super::well_formed;
use super::{MAX_DEPTH, METADATA_NAMESPACE};

const BYTE_ORDER_MARK: &str = "\u{FEFF}";
const XSI_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Why a file cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The exact place.
    pub span: Span,
    /// What is wrong there, without a full stop.
    pub reason: String,
    /// A second place that explains the first, with a label.
    pub related: Option<(Span, String)>,
}

impl Malformed {
    /// `reason` at `span`.
    pub fn new(span: Span, reason: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
            related: None,
        }
    }

    fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }
}

/// Takes bytes as UTF-8.
///
/// # Errors
/// Says which other encoding the bytes seem to have. The span is then that of the first byte that
/// is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<&str, Malformed> {
    let other = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', 0, ..] | [0, b'<', ..] => Some("UTF-16"),
        _ => None,
    };
    if let Some(other) = other {
        return Err(Malformed::new(
            Span::at(0),
            format!("the file is {other}; metadata has to be UTF-8"),
        ));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Malformed::new(
            Span::new(at, at + error.error_len().unwrap_or(1)),
            format!(
                "the byte 0x{:02X} is not UTF-8; the file seems to have another encoding",
                bytes[at]
            ),
        )
    })
}

/// Parses `source` into `tree`, which is emptied first.
///
/// # Errors
/// The first place at which the file is not well-formed, has an unresolved merge conflict, an
/// undefined entity, another encoding than UTF-8, a foreign root namespace or more than
/// [`MAX_DEPTH`] levels.
pub fn parse(source: &str, tree: &mut Tree) -> Result<(), Malformed> {
    tree.nodes.clear();
    if let Some(conflict) = merge_conflict(source) {
        return Err(conflict);
    }
    let base = if source.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    if let Some(forbidden) = well_formed::forbidden_character(&source[base..], base) {
        return Err(forbidden);
    }
    let mut reader = Reader::from_str(&source[base..]);
    reader.config_mut().check_comments = true;
    let mut builder = Builder {
        source,
        tree,
        open: Vec::new(),
        last_closed: None,
        bindings: Vec::new(),
        root_closed: false,
        doctype_seen: false,
    };
    loop {
        // quick-xml does not count a byte order mark, so the reader never sees it.
        let start = base + reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = base + reader.error_position() as usize;
                return Err(builder.reader_error(&error, at));
            }
        };
        let span = Span::new(start, base + reader.buffer_position() as usize);
        match event {
            Event::Start(tag) => builder.start(&tag, span, false)?,
            Event::Empty(tag) => builder.start(&tag, span, true)?,
            Event::End(_) => builder.end(span),
            Event::Text(_) => builder.text(span)?,
            Event::CData(_) => builder.inside_root(span, "a CDATA section")?,
            Event::GeneralRef(reference) => {
                builder.inside_root(span, "a reference")?;
                if well_formed::resolve_reference(&reference).is_none() {
                    return Err(Malformed::new(
                        span,
                        "a reference that XML does not define; it is never expanded",
                    ));
                }
            }
            Event::Comment(_) => builder.not_plain(),
            Event::PI(instruction) => {
                let target = instruction.target();
                if !well_formed::is_local_name(target) || target.eq_ignore_ascii_case("xml") {
                    return Err(Malformed::new(span, "this is no processing instruction"));
                }
                builder.not_plain();
            }
            Event::Decl(_) => {
                if start != base {
                    return Err(Malformed::new(
                        span,
                        "the XML declaration has to be the first thing in the file",
                    ));
                }
                declaration(source, span)?;
            }
            Event::DocType(_) => builder.doctype(span)?,
            Event::Eof => return builder.finish(),
        }
    }
}

/// `<?xml … encoding="…"?>` at `span`.
fn declaration(source: &str, span: Span) -> Result<(), Malformed> {
    let inside = &source[span.start as usize + 2..span.end as usize - 2];
    match well_formed::declaration(inside, span.start as usize + 2)? {
        Some((encoding, at))
            if !(encoding.eq_ignore_ascii_case("utf-8")
                || encoding.eq_ignore_ascii_case("us-ascii") && source.is_ascii()) =>
        {
            Err(Malformed::new(
                at,
                format!(
                    "the file says that it is {}; metadata has to be UTF-8",
                    encoding.chars().take(40).collect::<String>()
                ),
            ))
        }
        _ => Ok(()),
    }
}

/// A conflict that git left behind: its markers at the beginning of lines, in their order.
fn merge_conflict(source: &str) -> Option<Malformed> {
    let ours = marker(source, 0, "<<<<<<<")?;
    let middle = marker(source, ours.end as usize, "=======")?;
    let theirs = marker(source, middle.end as usize, ">>>>>>>")?;
    Some(
        Malformed::new(ours, "an unresolved merge conflict begins here")
            .related(theirs, "and ends here"),
    )
}

fn marker(source: &str, from: usize, marker: &str) -> Option<Span> {
    memchr::memmem::find_iter(&source.as_bytes()[from..], marker)
        .map(|at| from + at)
        .find(|&at| {
            let begins_line = at == 0 || matches!(source.as_bytes()[at - 1], b'\n' | b'\r');
            let behind = source.as_bytes().get(at + marker.len());
            begins_line && matches!(behind, None | Some(b' ' | b'\n' | b'\r'))
        })
        .map(|at| Span::new(at, at + marker.len()))
}

/// A prefix (empty for the default) bound to a namespace at some depth.
struct Binding<'s> {
    depth: usize,
    prefix: &'s str,
    namespace: Namespace,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Namespace {
    None,
    Metadata,
    Xsi,
    Other,
}

impl Namespace {
    fn of(uri: &str) -> Self {
        match uri {
            "" => Self::None,
            METADATA_NAMESPACE => Self::Metadata,
            XSI_NAMESPACE => Self::Xsi,
            _ => Self::Other,
        }
    }
}

struct Builder<'s, 't> {
    source: &'s str,
    tree: &'t mut Tree,
    /// The elements around the current place.
    open: Vec<NodeId>,
    /// The element that closed last, if it is a child of the innermost open one.
    last_closed: Option<NodeId>,
    bindings: Vec<Binding<'s>>,
    root_closed: bool,
    doctype_seen: bool,
}

impl<'s> Builder<'s, '_> {
    fn start(&mut self, tag: &BytesStart<'_>, span: Span, empty: bool) -> Result<(), Malformed> {
        if self.root_closed {
            return Err(Malformed::new(span, "a second root element"));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(Malformed::new(
                span,
                format!("elements are nested more than {MAX_DEPTH} levels deep"),
            ));
        }
        let inside_start = span.start as usize + 1;
        let inside = &self.source[inside_start..inside_start + tag.len()];
        let name = &inside[..tag.name().0.len()];
        let Some((prefix, local)) = well_formed::split_name(name) else {
            return Err(Malformed::new(span, "this is no element name"));
        };
        let parent = self.open.last().copied();
        let name_end = inside_start + name.len();
        let mut node = Node::open(Span::new(name_end - local.len(), name_end), span, parent);
        let depth = self.open.len();
        if inside.len() > name.len() {
            node.nil = self.attributes(inside, name.len(), inside_start, depth)?;
        }
        let namespace = self.namespace(prefix, Span::new(inside_start, name_end))?;
        node.foreign = !matches!(namespace, Namespace::None | Namespace::Metadata);
        if node.foreign && parent.is_none() {
            return Err(Malformed::new(
                span,
                format!("the root element is not of the namespace {METADATA_NAMESPACE}"),
            ));
        }
        let id = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.push(node);
        match (parent, self.last_closed) {
            (_, Some(sibling)) => self.tree.nodes[sibling.0 as usize].next_sibling = id.0,
            (Some(parent), None) => self.tree.nodes[parent.0 as usize].first_child = id.0,
            (None, None) => {}
        }
        self.not_plain();
        self.last_closed = None;
        self.open.push(id);
        if empty {
            self.close(span.end, span.end);
        }
        Ok(())
    }

    /// Reads the attributes of a start tag, binds the namespaces that it declares, and tells
    /// whether it says `xsi:nil`.
    fn attributes(
        &mut self,
        inside: &'s str,
        name_len: usize,
        base: usize,
        depth: usize,
    ) -> Result<bool, Malformed> {
        let attributes = well_formed::attributes(inside, name_len, base)?;
        for attribute in &attributes {
            let prefix = match (attribute.prefix, attribute.local) {
                ("", "xmlns") => "",
                ("xmlns", local) => local,
                _ => continue,
            };
            let uri = well_formed::decode_attribute(attribute.value);
            let reserved = uri == XMLNS_NAMESPACE
                || prefix == "xmlns"
                || (uri == XML_NAMESPACE) != (prefix == "xml");
            if reserved || (uri.is_empty() && !prefix.is_empty()) {
                return Err(Malformed::new(
                    attribute.span,
                    "this namespace cannot be declared so",
                ));
            }
            self.bindings.push(Binding {
                depth,
                prefix,
                namespace: Namespace::of(&uri),
            });
        }
        let mut nil = false;
        for (at, attribute) in attributes.iter().enumerate() {
            if matches!(attribute.prefix, "" | "xmlns") {
                continue;
            }
            let namespace = self.namespace(attribute.prefix, attribute.span)?;
            let twice = attributes[..at].iter().any(|other| {
                other.local == attribute.local
                    && !matches!(other.prefix, "" | "xmlns")
                    && self.binds_alike(other.prefix, attribute.prefix, &attributes)
            });
            if twice {
                return Err(Malformed::new(attribute.span, "the same attribute twice"));
            }
            if namespace == Namespace::Xsi && attribute.local == "nil" {
                let value = well_formed::decode_attribute(attribute.value);
                nil = matches!(trim(&value), "true" | "1");
            }
        }
        Ok(nil)
    }

    /// Whether two prefixes stand for one namespace. Only the namespaces that matter are told
    /// apart by their names; others compare by what this very tag declares.
    fn binds_alike(
        &self,
        one: &str,
        other: &str,
        attributes: &[well_formed::Attribute<'_>],
    ) -> bool {
        let declared = |prefix: &str| {
            attributes
                .iter()
                .find(|attribute| attribute.prefix == "xmlns" && attribute.local == prefix)
                .map(|attribute| well_formed::decode_attribute(attribute.value))
        };
        let known = |prefix: &str| self.bindings.iter().rev().find(|b| b.prefix == prefix);
        match (declared(one), declared(other)) {
            (Some(one), Some(other)) => one == other,
            _ => match (known(one), known(other)) {
                (Some(one), Some(other)) => {
                    one.namespace == other.namespace && one.namespace != Namespace::Other
                }
                _ => false,
            },
        }
    }

    fn namespace(&self, prefix: &str, at: Span) -> Result<Namespace, Malformed> {
        let binding = self.bindings.iter().rev().find(|b| b.prefix == prefix);
        match (binding, prefix) {
            (Some(binding), _) => Ok(binding.namespace),
            (None, "") => Ok(Namespace::None),
            (None, "xml") => Ok(Namespace::Other),
            (None, _) => Err(Malformed::new(
                at,
                format!("the prefix `{prefix}` is bound to no namespace"),
            )),
        }
    }

    fn end(&mut self, span: Span) {
        self.close(span.start, span.end);
    }

    fn close(&mut self, content_end: u32, end: u32) {
        // quick-xml matches the names of start and end tags, so something is open here.
        let Some(id) = self.open.pop() else { return };
        let node = &mut self.tree.nodes[id.0 as usize];
        node.content_end = content_end;
        node.span.end = end;
        let depth = self.open.len();
        while self.bindings.last().is_some_and(|b| b.depth >= depth) {
            self.bindings.pop();
        }
        self.last_closed = Some(id);
        self.root_closed = self.open.is_empty();
    }

    fn text(&mut self, span: Span) -> Result<(), Malformed> {
        let text = &self.source[span.range()];
        if self.open.is_empty() {
            let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
            return match text.as_bytes().iter().position(|byte| !is_blank(byte)) {
                None => Ok(()),
                Some(at) => {
                    let start = span.start as usize + at;
                    let end = span.start as usize + text.trim_end().len();
                    Err(Malformed::new(
                        Span::new(start, end),
                        "text outside the root element",
                    ))
                }
            };
        }
        if memchr::memchr(b'>', text.as_bytes()).is_some()
            && let Some(at) = text.find("]]>")
        {
            let start = span.start as usize + at;
            return Err(Malformed::new(
                Span::new(start, start + 3),
                "`]]>` is not allowed in text",
            ));
        }
        Ok(())
    }

    fn inside_root(&mut self, span: Span, what: &str) -> Result<(), Malformed> {
        if self.open.is_empty() {
            return Err(Malformed::new(
                span,
                format!("{what} outside the root element"),
            ));
        }
        self.not_plain();
        Ok(())
    }

    fn not_plain(&mut self) {
        if let Some(id) = self.open.last() {
            self.tree.nodes[id.0 as usize].plain = false;
        }
    }

    fn doctype(&mut self, span: Span) -> Result<(), Malformed> {
        let inside = self.source[span.range()]
            .get("<!DOCTYPE".len()..)
            .unwrap_or_default();
        let spaced = inside.starts_with([' ', '\t', '\r', '\n']);
        if self.doctype_seen || !self.tree.nodes.is_empty() || !spaced {
            return Err(Malformed::new(span, "a DOCTYPE where none is allowed"));
        }
        self.doctype_seen = true;
        Ok(())
    }

    fn finish(self) -> Result<(), Malformed> {
        if let Some(&id) = self.open.last() {
            return Err(self.unclosed(id));
        }
        if self.tree.nodes.is_empty() {
            let end = self.source.len();
            let reason = if self.source.trim().is_empty() {
                "the file is empty"
            } else {
                "the file has no element"
            };
            return Err(Malformed::new(Span::at(end), reason));
        }
        Ok(())
    }

    /// The file ends inside of `id`.
    fn unclosed(&self, id: NodeId) -> Malformed {
        let node = &self.tree.nodes[id.0 as usize];
        let name = &self.source[node.span.start as usize + 1..node.name.end as usize];
        Malformed::new(
            Span::at(self.source.len()),
            format!("the file ends before `<{name}>` is closed"),
        )
        .related(node.span, "opened here")
    }

    fn reader_error(&self, error: &Error, at: usize) -> Malformed {
        let rest = Span::new(at, at + self.line_rest(at));
        match error {
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                let opened = self.open.last().map(|id| {
                    let node = &self.tree.nodes[id.0 as usize];
                    Span {
                        start: node.span.start,
                        end: node.start_tag_end,
                    }
                });
                let found: String = found.chars().take(80).collect();
                let malformed = Malformed::new(
                    rest,
                    format!("`</{found}>` stands where `</{expected}>` is expected"),
                );
                match opened {
                    Some(opened) => malformed.related(opened, "opened here"),
                    None => malformed,
                }
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) => {
                Malformed::new(rest, "an end tag that closes nothing")
            }
            Error::IllFormed(IllFormedError::DoubleHyphenInComment) => {
                Malformed::new(rest, "`--` inside of a comment")
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => {
                Malformed::new(rest, "`&` that begins no reference; write `&amp;`")
            }
            Error::Syntax(syntax) => Malformed::new(
                rest,
                format!("the file ends inside of {}", unclosed_markup(syntax)),
            ),
            other => Malformed::new(rest, other.to_string()),
        }
    }

    /// Bytes from `at` to the end of its line, at most 40 of them.
    fn line_rest(&self, at: usize) -> usize {
        let rest = self.source.get(at..).unwrap_or_default();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        line.char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|&end| end <= 40)
            .last()
            .unwrap_or(0)
    }
}

fn unclosed_markup(error: &SyntaxError) -> &'static str {
    match error {
        SyntaxError::InvalidBangMarkup => "a `<!` markup",
        SyntaxError::UnclosedPI => "a processing instruction",
        SyntaxError::UnclosedXmlDecl => "the XML declaration",
        SyntaxError::UnclosedComment => "a comment",
        SyntaxError::UnclosedDoctype => "a DOCTYPE",
        SyntaxError::UnclosedCData => "a CDATA section",
        SyntaxError::UnclosedTag => "a tag",
        SyntaxError::UnclosedSingleQuotedAttributeValue
        | SyntaxError::UnclosedDoubleQuotedAttributeValue => "the value of an attribute",
    }
}
