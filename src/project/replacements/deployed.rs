//! The text of a file after `replacements`, as the CLI deploys it.
//!
//! Some new texts are unknown. In their place, the text keeps what they replace, and a piece marks it.

use std::ops::Range;

use super::entry::{Applies, Folders, Pattern, Replacement};
use super::regex_program::Program;
use super::regex_search::{Match, find_all};
use crate::xml::Span;

/// A part of the deployed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// In the deployed text.
    pub span: Span,
    /// What it was in the file.
    pub source: Span,
    pub kind: PieceKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// The text of the file.
    Kept,
    /// A text from another file, which must not be printed.
    Inserted,
    /// Any text. The file's own text is in its place.
    Unknown,
}

/// A text that consists of pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deployed {
    pub text: String,
    /// In the order of the text, without gaps.
    pub pieces: Vec<Piece>,
}

/// A replacement can change any part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AnythingPossible {
    pub pattern: String,
}

impl AnythingPossible {
    pub(super) fn by(applied: &Applied<'_>) -> Self {
        let pattern = applied.replacement.pattern_text().to_owned();
        Self { pattern }
    }
}

/// The CLI reads files in chunks of this size, and replaces up to the last line end of each.
const CHUNK_BYTES: usize = 64 * 1024;
/// A longer deployed text is not built.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The most bytes that all replacements of a file search, for a limited time.
const MAX_SEARCHED_BYTES: usize = 256 * 1024 * 1024;

/// How the CLI reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// In chunks, of files that it deploys as they are.
    Stream,
    /// As a whole, of files that it parses.
    Whole,
}

/// A replacement of a file.
pub(super) struct Applied<'r> {
    replacement: &'r Replacement,
    /// Absent if it is unknown.
    new_text: Option<&'r str>,
}

/// The replacements that apply to a file.
pub(super) fn applied<'r>(
    replacements: &'r [Replacement],
    path: &str,
    root: &str,
    folders: Folders<'_>,
) -> Vec<Applied<'r>> {
    let mut all = Vec::new();
    for replacement in replacements {
        let new_text = match replacement.applies_to(path, root) {
            Applies::No => continue,
            Applies::Yes => replacement.new_text(folders),
            Applies::Unknown => None,
        };
        all.push(Applied {
            replacement,
            new_text,
        });
    }
    all
}

/// Applies the replacements to a text.
///
/// # Errors
/// If one of them can change any part of the text.
pub(super) fn deploy(
    source: &str,
    replacements: &[Applied<'_>],
    reading: Reading,
) -> Result<Deployed, AnythingPossible> {
    let mut all = Deployed {
        text: String::new(),
        pieces: Vec::new(),
    };
    let searched = source.len().saturating_mul(replacements.len());
    if searched > MAX_SEARCHED_BYTES {
        return Err(AnythingPossible::by(&replacements[0]));
    }
    let sections = match reading {
        Reading::Stream => sections(source),
        Reading::Whole => vec![Span::new(0, source.len())],
    };
    for section in sections {
        let mut part = Deployed::of(source, section);
        if reading == Reading::Stream {
            part.mark_cut_characters(section);
        }
        for applied in replacements {
            let changed = part.apply(applied);
            part = changed.ok_or_else(|| AnythingPossible::by(applied))?;
            if all.text.len() + part.text.len() > MAX_BYTES {
                return Err(AnythingPossible::by(applied));
            }
        }
        all.append(part);
    }
    Ok(all)
}

/// The parts of the text in which the CLI replaces separately: up to the last line end of each chunk.
fn sections(source: &str) -> Vec<Span> {
    let mut sections = Vec::new();
    let mut start = 0;
    let mut chunk = 0;
    while chunk < source.len() {
        let end = (chunk + CHUNK_BYTES).min(source.len());
        if let Some(line_end) = memchr::memrchr(b'\n', &source.as_bytes()[chunk..end]) {
            let next = chunk + line_end + 1;
            sections.push(Span::new(start, next));
            start = next;
        }
        chunk = end;
    }
    if start < source.len() {
        sections.push(Span::new(start, source.len()));
    }
    sections
}

/// What replaces one match.
struct Edit {
    /// In the text before the replacement.
    span: Span,
    /// Absent if it is unknown.
    text: Option<String>,
}

impl Deployed {
    fn of(source: &str, section: Span) -> Self {
        let text = source[section.range()].to_owned();
        let piece = Piece {
            span: Span::new(0, text.len()),
            source: section,
            kind: PieceKind::Kept,
        };
        Self {
            text,
            pieces: vec![piece],
        }
    }

    /// Whether another reading of the file replaces the same parts by the same texts.
    pub(super) fn replaces_the_same(&self, other: &Self) -> bool {
        let replaced = |it: &Self| -> Vec<Piece> {
            let pieces = it.pieces.iter().copied();
            pieces
                .filter(|piece| piece.kind != PieceKind::Kept)
                .collect()
        };
        self.text == other.text && replaced(self) == replaced(other)
    }

    /// Marks the characters that the CLI damages, because they are in two chunks.
    fn mark_cut_characters(&mut self, section: Span) {
        let range = section.range();
        let first = range.start / CHUNK_BYTES + 1;
        let mut edits = Vec::new();
        for at in (first..)
            .map(|it| it * CHUNK_BYTES)
            .take_while(|&at| at < range.end)
        {
            let inside = at - range.start;
            if self.text.is_char_boundary(inside) {
                continue;
            }
            let start = (0..inside).rev().find(|&at| self.text.is_char_boundary(at));
            let end = (inside..).find(|&at| self.text.is_char_boundary(at));
            if let (Some(start), Some(end)) = (start, end) {
                let span = Span::new(start, end);
                edits.push(Edit { span, text: None });
            }
        }
        if !edits.is_empty() {
            *self = self.edited(&edits);
        }
    }

    fn append(&mut self, part: Self) {
        let by = self.text.len();
        self.text.push_str(&part.text);
        self.pieces
            .extend(part.pieces.into_iter().map(|piece| Piece {
                span: Span::new(piece.span.start as usize + by, piece.span.end as usize + by),
                ..piece
            }));
    }

    /// The text after a replacement. `None` if the replacement can change any part of it.
    fn apply(&self, applied: &Applied<'_>) -> Option<Self> {
        let edits = match applied.replacement.pattern() {
            Pattern::Unsupported => return None,
            Pattern::Text(literal) => self.literal_edits(literal, applied.new_text)?,
            Pattern::Regex(_) if self.has_unknown() => {
                // The unknown text may contain a match, or be a part of one.
                return None;
            }
            Pattern::Regex(program) => self.regex_edits(program, applied.new_text)?,
        };
        let length: usize = edits
            .iter()
            .filter_map(|it| it.text.as_ref())
            .map(String::len)
            .sum();
        (length <= MAX_BYTES).then(|| self.edited(&edits))
    }

    fn has_unknown(&self) -> bool {
        self.count_unknown() > 0
    }

    fn count_unknown(&self) -> usize {
        let kinds = self.pieces.iter().map(|piece| piece.kind);
        kinds.filter(|&kind| kind == PieceKind::Unknown).count()
    }

    /// `None` if it takes too long.
    fn literal_edits(&self, literal: &str, new_text: Option<&str>) -> Option<Vec<Edit>> {
        let mut edits: Vec<Edit> = Vec::new();
        for (at, _) in self.text.match_indices(literal) {
            let span = Span::new(at, at + literal.len());
            let parts = [Some((at, at + literal.len()))];
            let text = new_text.map(|it| filled(it, &self.text, &parts, &[]));
            edits.push(Edit { span, text });
        }
        let unknown = self.count_unknown();
        if unknown > 0 {
            // Each part of the literal is compared with the text around each unknown piece.
            let compared = literal.len().saturating_mul(literal.len());
            if compared.saturating_mul(unknown) > MAX_SEARCHED_BYTES {
                return None;
            }
            self.spread_unknown(literal, &mut edits);
        }
        Some(edits)
    }

    /// The unknown text can be a part of a match together with the text around it.
    fn spread_unknown(&self, literal: &str, edits: &mut Vec<Edit>) {
        let unknown = self
            .pieces
            .iter()
            .filter(|it| it.kind == PieceKind::Unknown);
        for piece in unknown {
            let (before, after) = (
                &self.text[..piece.span.start as usize],
                &self.text[piece.span.end as usize..],
            );
            let cuts = || (1..literal.len()).filter(|&at| literal.is_char_boundary(at));
            let start = cuts().rev().find(|&at| before.ends_with(&literal[..at]));
            let end = cuts().find(|&at| after.starts_with(&literal[at..]));
            let span = Span::new(
                before.len() - start.unwrap_or(0),
                piece.span.end as usize + end.map_or(0, |at| literal.len() - at),
            );
            edits.push(Edit { span, text: None });
        }
        // Edits that touch become one, which is unknown.
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let mut merged: Vec<Edit> = Vec::new();
        for edit in edits.drain(..) {
            match merged.last_mut() {
                Some(last) if edit.span.start <= last.span.end => {
                    last.span.end = last.span.end.max(edit.span.end);
                    last.text = None;
                }
                _ => merged.push(edit),
            }
        }
        *edits = merged;
    }

    /// `None` if it takes too long or would cut a character in two.
    fn regex_edits(&self, program: &Program, new_text: Option<&str>) -> Option<Vec<Edit>> {
        let units = Units::of(&self.text);
        let found = find_all(program, &units.units).ok()?;
        let mut edits = Vec::with_capacity(found.len());
        let mut length = 0;
        for found in found {
            let groups = units.groups(&found, program.groups)?;
            let (start, end) = groups[0]?;
            let text = new_text.map(|it| filled(it, &self.text, &groups, &program.names));
            length += text.as_ref().map_or(0, String::len);
            if length > MAX_BYTES {
                return None;
            }
            let span = Span::new(start, end);
            edits.push(Edit { span, text });
        }
        Some(edits)
    }

    /// The text after edits, which are in order and do not overlap.
    fn edited(&self, edits: &[Edit]) -> Self {
        let mut new = Self {
            text: String::new(),
            pieces: Vec::new(),
        };
        let mut cursor = Cursor {
            pieces: &self.pieces,
            index: 0,
            at: 0,
        };
        for edit in edits {
            let range = edit.span.range();
            while let Some((part, piece)) = cursor.next_part(range.start, false) {
                new.push(
                    &self.text[part.clone()],
                    piece.source_part(&part),
                    piece.kind,
                );
            }
            let mut source = Span::at(cursor.source_position());
            let mut is_first = true;
            while let Some((part, piece)) = cursor.next_part(range.end, range.is_empty()) {
                let part = piece.source_part(&part);
                let start = if is_first { part.start } else { source.start };
                source = Span::new(start as usize, part.end as usize);
                is_first = false;
            }
            match &edit.text {
                Some(text) => new.push(text, source, PieceKind::Inserted),
                None => new.push(&self.text[range], source, PieceKind::Unknown),
            }
        }
        while let Some((part, piece)) = cursor.next_part(self.text.len(), true) {
            new.push(
                &self.text[part.clone()],
                piece.source_part(&part),
                piece.kind,
            );
        }
        new
    }

    fn push(&mut self, text: &str, source: Span, kind: PieceKind) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece {
            span: Span::new(start, self.text.len()),
            source,
            kind,
        });
    }
}

/// Reads pieces in parts.
struct Cursor<'p> {
    pieces: &'p [Piece],
    index: usize,
    at: usize,
}

impl Cursor<'_> {
    /// The next part before `end`. Empty pieces at `end` are only returned with `takes_empty`.
    fn next_part(&mut self, end: usize, takes_empty: bool) -> Option<(Range<usize>, Piece)> {
        let piece = *self.pieces.get(self.index)?;
        let range = piece.span.range();
        if range.is_empty() {
            let is_before = range.start < end || (takes_empty && range.start == end);
            self.index += usize::from(is_before);
            return is_before.then_some((range, piece));
        }
        if self.at >= end {
            return None;
        }
        let part = self.at..range.end.min(end);
        self.at = part.end;
        self.index += usize::from(part.end == range.end);
        Some((part, piece))
    }

    /// The offset in the file of the current position.
    fn source_position(&self) -> usize {
        let source = match self.pieces.get(self.index) {
            Some(piece) => piece.source_part(&(self.at..self.at)).start,
            None => self.pieces.last().map_or(0, |piece| piece.source.end),
        };
        source as usize
    }
}

impl Piece {
    /// The range of the file that a part of this piece comes from.
    pub(super) fn source_part(&self, part: &Range<usize>) -> Span {
        if self.kind != PieceKind::Kept {
            return self.source;
        }
        let by = |at: usize| self.source.start as usize + at - self.span.start as usize;
        Span::new(by(part.start), by(part.end))
    }
}

/// A text as code units of UTF-16.
struct Units {
    units: Vec<u16>,
    /// The byte offset of each unit and of the end. The second unit of a pair has none.
    offsets: Vec<Option<u32>>,
}

impl Units {
    fn of(text: &str) -> Self {
        let mut units = Vec::with_capacity(text.len());
        let mut offsets = Vec::with_capacity(text.len() + 1);
        for (at, c) in text.char_indices() {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            offsets.push(Some(at as u32));
            if c.len_utf16() == 2 {
                offsets.push(None);
            }
        }
        offsets.push(Some(text.len() as u32));
        Self { units, offsets }
    }

    /// The groups of a match as byte ranges. `None` if one of them cuts a character in two.
    fn groups(&self, found: &Match, count: usize) -> Option<Vec<Option<(usize, usize)>>> {
        let byte = |at: usize| self.offsets[at].map(|at| at as usize);
        (0..=count)
            .map(|number| match found.group(number) {
                None => Some(None),
                Some((start, end)) => Some(Some((byte(start)?, byte(end)?))),
            })
            .collect()
    }
}

/// The new text, with parts of the match in place of `$1` and the like: `GetSubstitution` of ECMAScript.
fn filled(
    template: &str,
    text: &str,
    groups: &[Option<(usize, usize)>],
    names: &[(String, usize)],
) -> String {
    let (start, end) = groups[0].unwrap_or((0, 0));
    let group = |number: usize| groups[number].map_or("", |(start, end)| &text[start..end]);
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (part, used) = match after.bytes().next() {
            Some(b'$') => ("$", 1),
            Some(b'&') => (&text[start..end], 1),
            Some(b'`') => (&text[..start], 1),
            Some(b'\'') => (&text[end..], 1),
            Some(b'0'..=b'9') => match group_number(after, groups.len() - 1) {
                Some((number, digits)) => (group(number), digits),
                None => ("$", 0),
            },
            Some(b'<') if !names.is_empty() => match after.find('>') {
                Some(close) => {
                    let named = names.iter().find(|(name, _)| *name == after[1..close]);
                    (named.map_or("", |(_, number)| group(*number)), close + 1)
                }
                None => ("$", 0),
            },
            _ => ("$", 0),
        };
        filled.push_str(part);
        rest = &after[used..];
        if filled.len() > MAX_BYTES {
            break;
        }
    }
    filled.push_str(rest);
    filled
}

/// The number of a group after `$`, with one or two digits.
fn group_number(text: &str, count: usize) -> Option<(usize, usize)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    (1..=digits).rev().find_map(|digits| {
        let number: usize = text[..digits].parse().ok()?;
        (1..=count).contains(&number).then_some((number, digits))
    })
}
