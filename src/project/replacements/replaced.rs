//! What `replacements` make of a file: the text that is deployed, and which parts of it are unknown.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::deployed::{AnythingPossible, Deployed, Piece, PieceKind, Reading, applied, deploy};
use super::entry::{Folders, Replacement};
use crate::xml::{self, Document, NodeId, Span, Tree};

/// What `replacements` make of a file.
#[derive(Debug, Default)]
pub struct Replaced {
    /// The text that is deployed. Absent if it differs from the file only in unknown parts, which then
    /// still have their text of the file.
    text: Option<String>,
    /// If there is a text, its pieces.
    pieces: Vec<Piece>,
    /// The unknown parts of the deployed text, in order.
    unknown: Vec<Span>,
    uncompilable: Option<String>,
    /// How many replacements apply to the file, or to the file of a composed document that has the most.
    count: usize,
    /// Of a composed document, which elements the root has is unknown.
    hides_root: bool,
    hidden: OnceLock<HashSet<NodeId>>,
}

/// A file that replacements may apply to.
pub(crate) struct FileToDeploy<'a> {
    /// The absolute path with `/`.
    pub path: &'a str,
    /// The folder of the project with `/`.
    pub root: &'a str,
    pub source: &'a str,
    /// The file is XML, and not a text that becomes an element of a component.
    pub is_xml: bool,
    /// The CLI parses files of its type before it deploys them.
    pub is_parsed_by_cli: bool,
    /// The CLI may also deploy the file without replacements.
    pub may_stay: bool,
}

/// What replacements make of a file of a composed document.
pub(crate) struct ReplacedFile {
    pub replaced: Replaced,
    /// Its text in that of all files.
    pub source: Span,
    /// Its deployed text in that of all files.
    pub deployed: Span,
}

impl Replaced {
    /// How many replacements apply to the file. They need not match anything in it.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Whether nothing is replaced.
    pub fn is_empty(&self) -> bool {
        self.text.is_none() && self.unknown.is_empty() && self.uncompilable.is_none()
    }

    /// The text that is deployed, if it differs from that of the file in known parts. Spans of this text
    /// are what all methods expect. It must not be printed.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Applies the replacements to a file. The deployed text must be well-formed XML whose root has a name
    /// that `accepts_root` accepts: otherwise, everything is unknown.
    pub(crate) fn find(
        replacements: &[Replacement],
        file: &FileToDeploy<'_>,
        folders: Folders<'_>,
        accepts_root: impl FnOnce(&str) -> bool,
    ) -> Self {
        let applied = applied(replacements, file.path, file.root, folders);
        if applied.is_empty() {
            return Self::default();
        }
        let count = applied.len();
        let streamed = deploy(file.source, &applied, Reading::Stream);
        let deployed = match streamed {
            Ok(streamed) if file.is_parsed_by_cli => {
                match deploy(file.source, &applied, Reading::Whole) {
                    Ok(whole) if whole.replaces_the_same(&streamed) => Ok(whole),
                    Ok(_) => Err(AnythingPossible::by(&applied[0])),
                    Err(pattern) => Err(pattern),
                }
            }
            other => other,
        };
        let replaced = deployed.and_then(|deployed| {
            let has_new_text = deployed
                .pieces
                .iter()
                .any(|it| it.kind == PieceKind::Inserted);
            match has_new_text && file.is_xml && !is_valid(&deployed.text, accepts_root) {
                // The deploy fails, or the new text comments something out, for example.
                true => Err(AnythingPossible::by(&applied[0])),
                false => Ok(Self::of(deployed, has_new_text && !file.may_stay)),
            }
        });
        let replaced = replaced.unwrap_or_else(|AnythingPossible { pattern }| Self {
            uncompilable: Some(pattern),
            ..Self::default()
        });
        Self { count, ..replaced }
    }

    /// Joins what replacements make of the files of a composed document. `text` is the deployed text of all, if
    /// that of one of them differs. `is_inside` returns whether a range is inside an element of the component.
    pub(crate) fn join(
        files: Vec<ReplacedFile>,
        text: Option<String>,
        is_inside: impl Fn(Span) -> bool,
    ) -> Self {
        let mut joined = Self {
            text,
            ..Self::default()
        };
        for it in files {
            let ReplacedFile {
                replaced,
                source,
                deployed,
            } = it;
            let moved = |span: Span, by: Span| Span {
                start: span.start + by.start,
                end: span.end + by.start,
            };
            match replaced.pieces.is_empty() {
                true => joined.pieces.push(Piece {
                    span: deployed,
                    source,
                    kind: PieceKind::Kept,
                }),
                false => joined
                    .pieces
                    .extend(replaced.pieces.iter().map(|piece| Piece {
                        span: moved(piece.span, deployed),
                        source: moved(piece.source, source),
                        kind: piece.kind,
                    })),
            }
            for unknown in replaced.unknown {
                let unknown = moved(unknown, deployed);
                joined.hides_root |= !is_inside(unknown);
                joined.unknown.push(unknown);
            }
            joined.count = joined.count.max(replaced.count);
            joined.uncompilable = joined.uncompilable.or(replaced.uncompilable);
        }
        joined
    }

    /// `is_known`: the inserted texts are what is deployed.
    fn of(deployed: Deployed, is_known: bool) -> Self {
        if is_known {
            let unknown = deployed
                .pieces
                .iter()
                .filter(|it| it.kind == PieceKind::Unknown);
            return Self {
                unknown: unknown.map(|piece| piece.span).collect(),
                text: Some(deployed.text),
                pieces: deployed.pieces,
                ..Self::default()
            };
        }
        let replaced = deployed
            .pieces
            .iter()
            .filter(|it| it.kind != PieceKind::Kept);
        Self {
            unknown: joined(replaced.map(|piece| piece.source).collect()),
            ..Self::default()
        }
    }

    /// A pattern that forcelint cannot interpret, and which may match in this file. Then everything in the
    /// file is unknown.
    pub fn uncompilable(&self) -> Option<&str> {
        self.uncompilable.as_deref()
    }

    /// The range of the file that a range of the deployed text comes from.
    pub(crate) fn source_span(&self, span: Span) -> Span {
        if self.text.is_none() {
            return span;
        }
        let start = self.piece_at(span.start, false);
        let end = self.piece_at(span.end, !span.is_empty());
        let (Some(start), Some(end)) = (start, end) else {
            return Span::at(0);
        };
        let at = span.range();
        let first = start.source_part(&(at.start..at.start)).start;
        let last = match span.is_empty() {
            true => first,
            false => end.source_part(&(at.end..at.end)).end,
        };
        Span::new(first as usize, last.max(first) as usize)
    }

    /// The last piece that contains an offset, or the first one that ends there.
    fn piece_at(&self, offset: u32, ends: bool) -> Option<&Piece> {
        let at = match ends {
            true => self.pieces.partition_point(|piece| piece.span.end < offset),
            false => self
                .pieces
                .partition_point(|piece| piece.span.end <= offset),
        };
        self.pieces.get(at).or(self.pieces.last())
    }

    /// The range of the file in which an edit of the deployed text can be made. `None` if replacements
    /// match in it.
    pub(crate) fn editable(&self, span: Span) -> Option<Span> {
        let touches = |replaced: Span| {
            let inside = |one: Span, other: Span| {
                one.is_empty() && other.start < one.start && one.start < other.end
            };
            replaced.overlaps(span)
                || inside(span, replaced)
                || inside(replaced, span)
                || (replaced.is_empty() && replaced == span)
        };
        if self.uncompilable.is_some() || self.unknown.iter().any(|it| touches(*it)) {
            return None;
        }
        let mut inserted = self.pieces.iter().filter(|it| it.kind != PieceKind::Kept);
        if inserted.any(|piece| touches(piece.span)) {
            return None;
        }
        Some(self.source_span(span))
    }

    /// Whether a range of the file, not of the deployed text, is deployed as it is.
    pub(crate) fn keeps(&self, span: Span) -> bool {
        let is_apart = |other: Span| other.end <= span.start || span.end <= other.start;
        let mut replaced = self.pieces.iter().filter(|it| it.kind != PieceKind::Kept);
        self.uncompilable.is_none()
            && replaced.all(|piece| is_apart(piece.source))
            && (self.text.is_some() || self.unknown.iter().all(|it| is_apart(*it)))
    }

    /// Whether a range of the deployed text contains text from another file, which must not be printed.
    pub(crate) fn is_inserted(&self, span: Span) -> bool {
        let first = self
            .pieces
            .partition_point(|piece| piece.span.end < span.start);
        self.pieces[first..]
            .iter()
            .take_while(|piece| piece.span.start <= span.end)
            .any(|piece| piece.kind == PieceKind::Inserted && piece.span.overlaps(span))
    }

    /// The unknown parts that overlap a range, or are inside it.
    fn unknown_in(&self, span: Span) -> &[Span] {
        let first = self.unknown.partition_point(|it| it.end <= span.start);
        let from_first = &self.unknown[first..];
        &from_first[..from_first.partition_point(|it| it.start < span.end)]
    }

    /// Whether the element may be missing or another one after deployment.
    #[inline]
    pub fn hides_element(&self, document: Document<'_>, id: NodeId) -> bool {
        if self.uncompilable.is_some() || (self.hides_root && id == document.root()) {
            return true;
        }
        if self.unknown.is_empty() {
            return false;
        }
        let content = document.content(id);
        // If one of them is partly outside the content, the first or the last one is.
        let inside = self.unknown_in(document.span(id));
        let ends = [inside.first(), inside.last()];
        ends.into_iter().flatten().any(|it| !content.contains(*it))
    }

    /// Whether the element's value or list of children may be another after deployment: a replacement
    /// changes it outside its child elements.
    #[inline]
    pub fn hides_content(&self, document: Document<'_>, id: NodeId) -> bool {
        if self.uncompilable.is_some() || (self.hides_root && id == document.root()) {
            return true;
        }
        !self.unknown.is_empty() && self.hidden(document).contains(&id)
    }

    /// The elements with hidden content, found at the first use: some of them are asked for very often.
    fn hidden(&self, document: Document<'_>) -> &HashSet<NodeId> {
        self.hidden.get_or_init(|| {
            let mut hidden = HashSet::new();
            for &unknown in &self.unknown {
                // Elements that begin before it, from the innermost to the one around all of it.
                let before = match unknown.start.checked_sub(u32::from(unknown.is_empty())) {
                    Some(start) => document.count_starting_by(start),
                    None => 0,
                };
                let mut around = before.checked_sub(1).map(|last| NodeId(last as u32));
                while let Some(id) = around {
                    let span = document.span(id);
                    if span.start < unknown.end && unknown.start < span.end {
                        hidden.insert(id);
                        if span.contains(unknown) {
                            break;
                        }
                    }
                    around = document.parent(id);
                }
                if !unknown.is_empty() {
                    let inside = before..document.count_starting_by(unknown.end - 1);
                    hidden.extend(inside.map(|id| NodeId(id as u32)));
                }
            }
            hidden
        })
    }
}

/// Sorts spans, and joins those that overlap.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.overlaps(span) || *last == span => {
                last.end = last.end.max(span.end);
            }
            _ => joined.push(span),
        }
    }
    joined
}

/// Whether the text is well-formed and has a root element that is accepted.
fn is_valid(text: &str, accepts_root: impl FnOnce(&str) -> bool) -> bool {
    let mut tree = Tree::default();
    if text.len() > xml::MAX_FILE_BYTES || xml::parse(text, &mut tree).is_err() {
        return false;
    }
    let document = Document::new(text, &tree);
    accepts_root(document.name(document.root()))
}
