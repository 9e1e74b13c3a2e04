//! The problems of a rule file, each with its location.

use crate::text::{drawable, mask, mask_in_place, nearest};
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// An invalid rule file, with all of its problems.
#[derive(Debug, Error, Diagnostic)]
#[error("invalid rule file `{file_name}`: {}", count(.mistakes.len()))]
pub struct RuleError {
    file_name: String,
    #[related]
    mistakes: Vec<Mistake>,
}

pub(crate) fn count(mistakes: usize) -> String {
    match mistakes {
        1 => "1 error".to_owned(),
        many => format!("{many} errors"),
    }
}

/// One problem of a file, with the text of the file.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("{message}")]
pub struct Mistake {
    message: String,
    #[source_code]
    source_code: NamedSource<Arc<str>>,
    #[label]
    span: SourceSpan,
    #[help]
    help: Option<String>,
}

impl Mistake {
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The location, as a byte range of the file.
    pub fn range(&self) -> Range<usize> {
        self.span.offset()..self.span.offset() + self.span.len()
    }

    /// How to fix the problem.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl RuleError {
    /// Shows the problems of the file `text`. See [`mistakes`].
    pub(crate) fn new(file_name: &str, text: &str, problems: Vec<Problem>) -> Self {
        Self {
            file_name: file_name.to_owned(),
            mistakes: mistakes(file_name, text, problems),
        }
    }

    /// The problems in the order of the file; at least one.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

/// The problems of the file `text` in its order. Of several at the same location, only the first.
pub(crate) fn mistakes(file_name: &str, text: &str, mut problems: Vec<Problem>) -> Vec<Mistake> {
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    problems.dedup_by(|next, kept| next.span == kept.span);
    let source: Arc<str> = Arc::from(mask_in_place(text));
    let mistakes = problems.into_iter().map(|problem| Mistake {
        message: mask(&problem.message).into_owned(),
        source_code: NamedSource::new(file_name, Arc::clone(&source)),
        span: SourceSpan::from(drawable(problem.span, text)),
        help: problem.help.map(|help| mask(&help).into_owned()),
    });
    mistakes.collect()
}

/// A problem, before its file is attached.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub span: Range<usize>,
    pub message: String,
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: None,
        }
    }

    /// Adds how to fix the problem.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the name in `known` that is most similar to `unknown`, if one is.
    pub(crate) fn nearest<'n>(
        mut self,
        unknown: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> Self {
        self.help = nearest(unknown, known).map(|name| format!("did you mean `{name}`?"));
        self
    }
}
