//! Mistakes in forcelint's own files, where they stand.
//!
//! In: what `policy` says is wrong with `forcelint.toml`, a rule file, a baseline or
//! `sfdx-project.json`. Out: [`Problem`]s with the file and the place in it, and diagnostics of
//! those. The errors show their files as a terminal may have them, with other bytes but the same
//! lines and the same characters in each, so that a place is found by those.

use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use miette::{Diagnostic, Severity, SourceSpan};

use super::positions::{Encoding, Text};

/// Something that is wrong with a file of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// The file.
    pub file: PathBuf,
    /// From where to where; without it the file as a whole.
    pub place: Option<[Place; 2]>,
    /// What, and what to do about it.
    pub message: String,
    /// It keeps nothing from being judged.
    pub is_mild: bool,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Line feeds before it.
    pub line: usize,
    /// Characters before it in its line.
    pub column: usize,
}

impl Place {
    fn of(before: &str) -> Self {
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count(),
            column: before[line_start..].chars().count(),
        }
    }

    /// Its byte offset in `text`.
    fn offset(self, text: &str) -> usize {
        // The errors are about a text without it.
        let mark = '\u{FEFF}';
        let begin = if text.starts_with(mark) {
            mark.len_utf8()
        } else {
            0
        };
        let mut lines = text[begin..].split_inclusive('\n');
        let before: usize = lines.by_ref().take(self.line).map(str::len).sum();
        let line = lines.next().unwrap_or_default();
        let line = line.trim_end_matches(['\n', '\r']);
        let inside = line.char_indices().nth(self.column);
        begin + before + inside.map_or(line.len(), |(at, _)| at)
    }
}

/// Every mistake that an error tells. What names no file of its own is about `file`.
pub(super) fn problems(error: &dyn Diagnostic, file: &Path) -> Vec<Problem> {
    let mut found = Vec::new();
    collect(error, file, &mut found);
    found
}

fn collect(error: &dyn Diagnostic, file: &Path, found: &mut Vec<Problem>) {
    let before = found.len();
    for inner in error.related().into_iter().flatten() {
        collect(inner, file, found);
    }
    if found.len() > before {
        return;
    }
    let mut message = error.to_string();
    let label = error.labels().and_then(|mut labels| labels.next());
    if let Some(text) = label.as_ref().and_then(|label| label.label())
        && text != "here"
    {
        message.push_str(": ");
        message.push_str(text);
    }
    if let Some(help) = error.help() {
        message.push('\n');
        message.push_str(&help.to_string());
    }
    let place = label.and_then(|label| place(error, label.inner()));
    let (named, place) = place.unzip();
    found.push(Problem {
        file: named.flatten().unwrap_or_else(|| file.to_path_buf()),
        place,
        message,
        is_mild: error.severity().is_some_and(|it| it != Severity::Error),
    });
}

/// The file of a span and its place there.
fn place(error: &dyn Diagnostic, span: &SourceSpan) -> Option<(Option<PathBuf>, [Place; 2])> {
    let source = error.source_code()?;
    let end = span.offset() + span.len();
    let whole = source.read_span(&SourceSpan::from((0, end)), 0, 0).ok()?;
    let text = std::str::from_utf8(whole.data()).ok()?;
    let from = Place::of(text.get(..span.offset())?);
    let to = Place::of(text.get(..end)?);
    Some((whole.name().map(PathBuf::from), [from, to]))
}

impl Problem {
    /// The diagnostic, in the file's text.
    pub(super) fn diagnostic(&self, text: &Text, encoding: Encoding) -> lsp::Diagnostic {
        let offset = |place: Place| place.offset(text.as_str());
        let range = self.place.map_or(0..0, |[from, to]| {
            let from = offset(from);
            from..offset(to).max(from)
        });
        lsp::Diagnostic {
            range: text.range(range, encoding),
            severity: Some(match self.is_mild {
                true => lsp::DiagnosticSeverity::Warning,
                false => lsp::DiagnosticSeverity::Error,
            }),
            code: None,
            code_description: None,
            source: Some("forcelint".to_owned()),
            message: self.message.clone().into(),
            tags: None,
            related_information: None,
            data: None,
        }
    }
}
