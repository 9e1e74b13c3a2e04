//! The decoded text of an element, with the location of each part in the file.

use std::borrow::Cow;

use super::well_formed;
use crate::text::Span;

pub(super) const CDATA_START: &str = "<![CDATA[";
pub(super) const CDATA_END: &str = "]]>";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// Character data.
    Text,
    /// A CDATA section, including its delimiters.
    CData,
    /// A character or entity reference.
    Reference,
    /// A comment or a processing instruction, which is not part of the value.
    Comment,
}

/// A part of an element's own content.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    pub kind: PieceKind,
    /// Including delimiters.
    pub span: Span,
    pub(super) raw: &'a str,
}

impl<'a> Piece<'a> {
    /// What the piece contributes to the element's value.
    pub fn decoded(&self) -> Cow<'a, str> {
        match self.kind {
            PieceKind::Text => Cow::Borrowed(self.raw),
            PieceKind::CData => Cow::Borrowed(
                self.raw
                    .strip_prefix(CDATA_START)
                    .and_then(|raw| raw.strip_suffix(CDATA_END))
                    .unwrap_or_default(),
            ),
            PieceKind::Reference => {
                match well_formed::resolve_reference(&self.raw[1..self.raw.len() - 1]) {
                    Some(character) => Cow::Owned(character.to_string()),
                    None => Cow::Borrowed(""),
                }
            }
            PieceKind::Comment => Cow::Borrowed(""),
        }
    }
}

#[derive(Debug)]
pub(super) struct Segment {
    pub decoded: usize,
    pub source: Span,
    pub verbatim: bool,
}

/// An element's decoded text, with the location of each part in the file.
#[derive(Debug)]
pub struct Value<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) segments: Vec<Segment>,
    pub(super) start: usize,
}

/// A value, or one item of a split one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'v> {
    /// The trimmed text.
    pub text: &'v str,
    /// The location in the file.
    pub span: Span,
}

impl Value<'_> {
    /// The text without surrounding XML whitespace.
    #[inline]
    pub fn text(&self) -> &str {
        well_formed::trim(&self.text)
    }

    /// The whole value as one item.
    pub fn whole(&self) -> Item<'_> {
        self.item(&self.text)
    }

    /// The non-empty items between separators.
    pub fn split(&self, separator: char) -> impl Iterator<Item = Item<'_>> {
        self.text
            .split(move |c| c == separator || (separator == '\n' && c == '\r'))
            .filter(|part| !well_formed::trim(part).is_empty())
            .map(|part| self.item(part))
    }

    fn item<'v>(&'v self, part: &'v str) -> Item<'v> {
        let text = well_formed::trim(part);
        let start = text.as_ptr() as usize - self.text.as_ptr() as usize;
        let source_start = self.source_offset(start, false);
        // An empty item has no last character.
        let source_end = if text.is_empty() {
            source_start
        } else {
            self.source_offset(start + text.len(), true)
        };
        Item {
            text,
            span: Span::new(source_start, source_end),
        }
    }

    /// The offset in the file of an offset in the decoded text. With `is_end`, it is where the
    /// preceding character ends in the file.
    fn source_offset(&self, decoded: usize, is_end: bool) -> usize {
        let at = self
            .segments
            .partition_point(|segment| segment.decoded < decoded + usize::from(!is_end));
        match at.checked_sub(1).map(|at| &self.segments[at]) {
            None => self.start + if self.segments.is_empty() { decoded } else { 0 },
            Some(segment) if segment.verbatim => {
                segment.source.start as usize + (decoded - segment.decoded)
            }
            Some(segment) if is_end => segment.source.end as usize,
            Some(segment) => segment.source.start as usize,
        }
    }
}
