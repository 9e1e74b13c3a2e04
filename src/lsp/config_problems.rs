//! Errors in `forcelint.toml`, rule files, baselines and `sfdx-project.json`, as diagnostics.
//!
//! The errors carry sanitized copies of their files, with other bytes but the same lines and the same
//! number of characters in each, so positions are converted through lines and characters.

use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use miette::{Diagnostic, Severity, SourceSpan};

use super::document_text::{DocumentText, PositionEncoding};
use crate::text::mask;

/// An error or a warning in a file of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub file: PathBuf,
    /// Its start and end; `None` means the whole file.
    pub range: Option<[TextPosition; 2]>,
    /// What is wrong and what to do about it.
    pub message: String,
    /// Checks run in spite of it.
    pub is_warning: bool,
}

/// A position in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextPosition {
    /// Line feeds before it.
    pub line: usize,
    /// Characters before it in its line.
    pub column: usize,
}

impl TextPosition {
    fn after(before: &str) -> Self {
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count(),
            column: before[line_start..].chars().count(),
        }
    }

    /// Its byte offset in `text`.
    fn offset(self, text: &str) -> usize {
        // The errors' copy has no byte order mark.
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

/// All problems of an error. One that names no file is about `file`.
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
    let range = label.and_then(|label| source_range(error, label.inner()));
    let (named, range) = range.unzip();
    found.push(Problem {
        file: named.flatten().unwrap_or_else(|| file.to_path_buf()),
        range,
        message,
        is_warning: error.severity().is_some_and(|it| it != Severity::Error),
    });
}

/// The file of a span and its range there.
fn source_range(
    error: &dyn Diagnostic,
    span: &SourceSpan,
) -> Option<(Option<PathBuf>, [TextPosition; 2])> {
    let source = error.source_code()?;
    let end = span.offset() + span.len();
    let whole = source.read_span(&SourceSpan::from((0, end)), 0, 0).ok()?;
    let text = std::str::from_utf8(whole.data()).ok()?;
    let from = TextPosition::after(text.get(..span.offset())?);
    let to = TextPosition::after(text.get(..end)?);
    Some((whole.name().map(PathBuf::from), [from, to]))
}

impl Problem {
    /// The diagnostic. `text` is the file's text.
    pub(super) fn diagnostic(
        &self,
        text: &DocumentText,
        encoding: PositionEncoding,
    ) -> lsp::Diagnostic {
        let offset = |position: TextPosition| position.offset(text.as_str());
        let range = self.range.map_or(0..0, |[from, to]| {
            let from = offset(from);
            from..offset(to).max(from)
        });
        lsp::Diagnostic {
            range: text.range(range, encoding),
            severity: Some(match self.is_warning {
                true => lsp::DiagnosticSeverity::Warning,
                false => lsp::DiagnosticSeverity::Error,
            }),
            code: None,
            code_description: None,
            source: Some("forcelint".to_owned()),
            message: mask(&self.message).into_owned().into(),
            tags: None,
            related_information: None,
            data: None,
        }
    }
}
