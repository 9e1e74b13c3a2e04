//! The parser: builds a [`Tree`] from the events of quick-xml.
//!
//! It also checks what quick-xml does not, so that a file that the Salesforce CLI could not deploy
//! is malformed. It expands no entities and reads no DTD.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesStart, Event};
use smallvec::SmallVec;

use super::document::{Node, NodeId, Tree};
use super::encoding::BYTE_ORDER_MARK;
use super::limits::{MAX_ATTRIBUTES, MAX_DEPTH, METADATA_NAMESPACE, TOOLING_NAMESPACE};
use super::malformed::Malformed;
use super::merge_conflict::merge_conflict;
use super::well_formed;
use crate::text::{Span, display_value};

const LONE_AMPERSAND: &str = "`&` does not begin a reference; write `&amp;`";
const XSI_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// The declaration that the Salesforce CLI writes, with which nearly every file begins. Files are
/// small, and parsing its attributes took a fifth of the total time.
const USUAL_DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
/// The text after the name in the root element's start tag, in nearly every file.
const USUAL_ATTRIBUTES: &str = " xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

/// Parses `source` into `tree`, which is cleared first.
///
/// # Errors
/// The first location at which the file is not well-formed, or has an unresolved merge conflict, an
/// undefined entity, an encoding other than UTF-8, a root element in a foreign namespace, or more
/// than [`MAX_DEPTH`] levels or [`MAX_ATTRIBUTES`] attributes.
pub fn parse(source: &str, tree: &mut Tree) -> Result<(), Malformed> {
    tree.clear();
    if let Some(conflict) = merge_conflict(source) {
        return Err(conflict);
    }
    // quick-xml drops a byte order mark without counting it, so it is removed here.
    let text = source.strip_prefix(BYTE_ORDER_MARK).unwrap_or(source);
    let base = source.len() - text.len();
    if text.starts_with(BYTE_ORDER_MARK) {
        return Err(Malformed::new(
            Span::new(base, base + BYTE_ORDER_MARK.len_utf8()),
            "a second byte order mark",
        ));
    }
    if let Some(forbidden) = well_formed::forbidden_character(text, base) {
        return Err(forbidden);
    }
    // About as many as metadata has in a text of this length.
    tree.nodes.reserve(text.len() / 48);
    let mut reader = Reader::from_str(text);
    let mut builder = Builder {
        source,
        tree,
        open: SmallVec::new(),
        last_closed: None,
        bindings: SmallVec::new(),
        root_closed: false,
        doctype_seen: false,
    };
    loop {
        let start = base + reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = base + reader.error_position() as usize;
                return Err(builder.reader_error(&error, at));
            }
        };
        let span = Span::new(start, base + reader.buffer_position() as usize);
        match &event {
            Event::Start(tag) => builder.start(tag, span, false)?,
            Event::Empty(tag) => builder.start(tag, span, true)?,
            Event::End(_) => builder.end(span),
            Event::Text(_) => builder.text(span)?,
            Event::CData(_) => builder.inside_root(span, "a CDATA section")?,
            Event::GeneralRef(name) => builder.reference(name, span)?,
            Event::Comment(text) => {
                well_formed::comment(text, span.start as usize + "<!--".len())?;
                builder.not_plain();
            }
            Event::PI(instruction) => {
                if !well_formed::is_instruction_target(instruction.target()) {
                    return Err(Malformed::new(span, "invalid processing instruction"));
                }
                builder.not_plain();
            }
            Event::Decl(_) => {
                if start != base {
                    return Err(Malformed::new(
                        span,
                        "the XML declaration must be at the start of the file",
                    ));
                }
                declaration(source, span)?;
            }
            Event::DocType(_) => builder.doctype(span)?,
            Event::Eof => return builder.finish(),
        }
    }
}

/// Checks `<?xml … encoding="…"?>` at `span`.
fn declaration(source: &str, span: Span) -> Result<(), Malformed> {
    if &source[span.range()] == USUAL_DECLARATION {
        return Ok(());
    }
    let inside = &source[span.start as usize + 2..span.end as usize - 2];
    let Some((encoding, at)) = well_formed::declaration(inside, span.start as usize + 2)? else {
        return Ok(());
    };
    let is_ascii = encoding.eq_ignore_ascii_case("us-ascii") && source.is_ascii();
    if is_ascii || encoding.eq_ignore_ascii_case("utf-8") {
        return Ok(());
    }
    let encoding = shortened(encoding);
    Err(Malformed::new(
        at,
        format!("the file declares the encoding {encoding}; metadata must be UTF-8"),
    ))
}

/// A namespace declaration.
struct Binding<'s> {
    depth: usize,
    /// Empty for the default namespace.
    prefix: &'s str,
    uri: Cow<'s, str>,
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
            METADATA_NAMESPACE | TOOLING_NAMESPACE => Self::Metadata,
            XSI_NAMESPACE => Self::Xsi,
            _ => Self::Other,
        }
    }
}

struct Builder<'s, 't> {
    source: &'s str,
    tree: &'t mut Tree,
    /// The open elements, the innermost last.
    open: SmallVec<[NodeId; 16]>,
    /// The element that was closed last, if it is a child of the innermost open one.
    last_closed: Option<NodeId>,
    bindings: SmallVec<[Binding<'s>; 2]>,
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
            let reason = if name.is_empty() {
                "`<` does not begin a tag; write `&lt;`"
            } else {
                "invalid element name"
            };
            return Err(Malformed::new(
                Span::new(span.start as usize, inside_start + name.len()),
                reason,
            ));
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
                format!("the root element is not in the namespace {METADATA_NAMESPACE}"),
            ));
        }
        let id = NodeId(self.tree.nodes.len() as u32);
        if depth == 1 {
            self.tree.add_to_runs(self.source, id, node.name);
        }
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

    /// Parses the attributes of a start tag, records its namespace declarations, and returns whether
    /// `xsi:nil` is true.
    fn attributes(
        &mut self,
        inside: &'s str,
        name_len: usize,
        base: usize,
        depth: usize,
    ) -> Result<bool, Malformed> {
        if depth == 0 && &inside[name_len..] == USUAL_ATTRIBUTES {
            self.bindings.push(Binding {
                depth,
                prefix: "",
                namespace: Namespace::Metadata,
                uri: Cow::Borrowed(METADATA_NAMESPACE),
            });
            return Ok(false);
        }
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
                    "invalid namespace declaration",
                ));
            }
            if self.bindings.len() == MAX_ATTRIBUTES {
                return Err(Malformed::new(
                    attribute.span,
                    format!("more than {MAX_ATTRIBUTES} namespaces are declared here"),
                ));
            }
            self.bindings.push(Binding {
                depth,
                prefix,
                namespace: Namespace::of(&uri),
                uri,
            });
        }
        let mut nil = false;
        for (at, attribute) in attributes.iter().enumerate() {
            if matches!(attribute.prefix, "" | "xmlns") {
                continue;
            }
            let namespace = self.namespace(attribute.prefix, attribute.span)?;
            let is_duplicate = attributes[..at].iter().any(|other| {
                other.local == attribute.local
                    && !matches!(other.prefix, "" | "xmlns")
                    && self.is_same_namespace(other.prefix, attribute.prefix)
            });
            if is_duplicate {
                return Err(Malformed::new(attribute.span, "duplicate attribute"));
            }
            if namespace == Namespace::Xsi && attribute.local == "nil" {
                let value = well_formed::decode_attribute(attribute.value);
                nil = matches!(well_formed::trim(&value), "true" | "1");
            }
        }
        Ok(nil)
    }

    #[inline]
    fn binding(&self, prefix: &str) -> Option<&Binding<'s>> {
        // Most elements have no prefix. Comparing two empty strings by `memcmp` took a quarter of
        // the time of parsing: the pointer of a literal `""` is not valid memory, which makes masked
        // vector loads slow.
        self.bindings.iter().rev().find(|binding| {
            let is_default = binding.prefix.is_empty();
            is_default == prefix.is_empty() && (is_default || binding.prefix == prefix)
        })
    }

    /// Whether two prefixes are bound to the same namespace.
    fn is_same_namespace(&self, one: &str, other: &str) -> bool {
        match (self.binding(one), self.binding(other)) {
            (Some(one), Some(other)) => one.uri == other.uri,
            _ => false,
        }
    }

    #[inline]
    fn namespace(&self, prefix: &str, at: Span) -> Result<Namespace, Malformed> {
        match (self.binding(prefix), prefix) {
            (Some(binding), _) => Ok(binding.namespace),
            (None, "") => Ok(Namespace::None),
            (None, "xml") => Ok(Namespace::Other),
            (None, _) => Err(Malformed::new(
                at,
                format!(
                    "the prefix `{}` is not bound to a namespace",
                    shortened(prefix)
                ),
            )),
        }
    }

    #[inline]
    fn end(&mut self, span: Span) {
        self.close(span.start, span.end);
    }

    #[inline]
    fn close(&mut self, content_end: u32, end: u32) {
        // quick-xml matches the names of start and end tags, so an element is open here.
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

    #[inline]
    fn text(&mut self, span: Span) -> Result<(), Malformed> {
        let text = &self.source[span.range()];
        if self.open.is_empty() {
            let stray = well_formed::trim(text);
            if stray.is_empty() {
                return Ok(());
            }
            let start = stray.as_ptr() as usize - self.source.as_ptr() as usize;
            return Err(Malformed::new(
                Span::new(start, start + stray.len()),
                "text outside the root element",
            ));
        }
        // Few texts have a `>`, and one byte is found faster than three.
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

    fn reference(&mut self, name: &str, span: Span) -> Result<(), Malformed> {
        self.inside_root(span, "a reference")?;
        if well_formed::resolve_reference(name).is_some() {
            return Ok(());
        }
        Err(if well_formed::is_local_name(name) {
            // The name is not shown, because it could be a part of a secret with an `&` in it.
            Malformed::new(
                span,
                "undefined entity; only `&lt;`, `&gt;`, `&amp;`, `&apos;` and `&quot;` are allowed",
            )
        } else if name.starts_with('#') {
            Malformed::new(
                span,
                "this reference is to a character that XML does not allow",
            )
        } else {
            Malformed::new(
                Span::new(span.start as usize, span.start as usize + 1),
                LONE_AMPERSAND,
            )
        })
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

    #[inline]
    fn not_plain(&mut self) {
        if let Some(id) = self.open.last() {
            self.tree.nodes[id.0 as usize].plain = false;
        }
    }

    fn doctype(&mut self, span: Span) -> Result<(), Malformed> {
        if self.doctype_seen || !self.tree.nodes.is_empty() {
            return Err(Malformed::new(span, "a DOCTYPE is not allowed here"));
        }
        self.doctype_seen = true;
        well_formed::doctype(&self.source[span.range()], span.start as usize)
    }

    fn finish(self) -> Result<(), Malformed> {
        if let Some(&id) = self.open.last() {
            return Err(self.unclosed(id));
        }
        if self.tree.nodes.is_empty() {
            let end = self.source.len();
            let text = self.source.strip_prefix(BYTE_ORDER_MARK);
            let reason = if well_formed::trim(text.unwrap_or(self.source)).is_empty() {
                "the file is empty"
            } else {
                "the file has no element"
            };
            return Err(Malformed::new(Span::at(end), reason));
        }
        Ok(())
    }

    /// The error for a file that ends inside the element `id`.
    fn unclosed(&self, id: NodeId) -> Malformed {
        let node = &self.tree.nodes[id.0 as usize];
        let name = &self.source[node.span.start as usize + 1..node.name.end as usize];
        Malformed::new(
            Span::at(self.source.len()),
            format!("the file ends before `<{}>` is closed", shortened(name)),
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
                let malformed = Malformed::new(
                    rest,
                    format!(
                        "found `</{}>` instead of `</{}>`",
                        shortened(found),
                        shortened(expected)
                    ),
                );
                match opened {
                    Some(opened) => malformed.related(opened, "opened here"),
                    None => malformed,
                }
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) => {
                Malformed::new(rest, "end tag without a start tag")
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => {
                Malformed::new(Span::new(at, at + 1), LONE_AMPERSAND)
            }
            Error::IllFormed(IllFormedError::MissingDoctypeName) => {
                Malformed::new(rest, well_formed::INVALID_DOCTYPE)
            }
            Error::Syntax(syntax) => Malformed::new(rest, self.syntax_error(syntax, at)),
            other => Malformed::new(rest, other.to_string()),
        }
    }

    /// What is wrong with the markup at `at`. quick-xml reports unknown markup as unclosed, so the
    /// text decides.
    fn syntax_error(&self, error: &SyntaxError, at: usize) -> &'static str {
        let markup = &self.source[at..];
        match error {
            SyntaxError::UnclosedComment if markup.starts_with("<!--") => {
                "the file ends inside a comment"
            }
            SyntaxError::UnclosedCData if markup.starts_with("<![CDATA[") => {
                "the file ends inside a CDATA section"
            }
            SyntaxError::UnclosedDoctype if markup.starts_with("<!DOCTYPE") => {
                "the file ends inside a DOCTYPE"
            }
            SyntaxError::InvalidBangMarkup
            | SyntaxError::UnclosedComment
            | SyntaxError::UnclosedCData
            | SyntaxError::UnclosedDoctype => {
                "`<!` does not begin a comment, a CDATA section or a DOCTYPE"
            }
            SyntaxError::UnclosedPI if markup.starts_with("<?>") => {
                "invalid processing instruction"
            }
            SyntaxError::UnclosedPI => "the file ends inside a processing instruction",
            SyntaxError::UnclosedXmlDecl => "the file ends inside the XML declaration",
            SyntaxError::UnclosedTag => "the file ends inside a tag",
            SyntaxError::UnclosedSingleQuotedAttributeValue
            | SyntaxError::UnclosedDoubleQuotedAttributeValue => {
                "the file ends inside an attribute value of this tag"
            }
        }
    }

    /// The number of bytes from `at` to the end of its line, at most 40.
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

/// A name of any length, shortened for a message. It can be anything, such as a token with a `<` before.
fn shortened(name: &str) -> String {
    display_value("", name)
}
