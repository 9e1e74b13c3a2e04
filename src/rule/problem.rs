//! What is wrong with a rule file, shown where it stands.
//!
//! In: mistakes with byte ranges of the file. Out: one [`RuleError`] with all of them.

use crate::text::{drawable, nearest};
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

/// A rule file that cannot be used, with everything that is wrong with it.
#[derive(Debug, Error, Diagnostic)]
#[error("{file_name} is no valid rule: {}", count(.mistakes.len()))]
pub struct RuleError {
    file_name: String,
    #[related]
    mistakes: Vec<Mistake>,
}

pub(crate) fn count(mistakes: usize) -> String {
    match mistakes {
        1 => "one mistake".to_owned(),
        many => format!("{many} mistakes"),
    }
}

/// One thing that is wrong with a rule file.
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
    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where, in bytes of the file.
    pub fn range(&self) -> Range<usize> {
        self.span.offset()..self.span.offset() + self.span.len()
    }

    /// What to do about it, if that is known.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl RuleError {
    /// The mistakes of the file `text`, by place; of those at the same place the first.
    pub(crate) fn new(file_name: &str, text: &str, problems: Vec<Problem>) -> Self {
        Self {
            file_name: file_name.to_owned(),
            mistakes: mistakes(file_name, text, problems),
        }
    }

    /// Everything that is wrong, by place in the file; at least one mistake.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

/// The mistakes of the file `text`, by place; of those at the same place the first.
pub(crate) fn mistakes(file_name: &str, text: &str, mut problems: Vec<Problem>) -> Vec<Mistake> {
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    problems.dedup_by(|next, kept| next.span == kept.span);
    let source: Arc<str> = Arc::from(text);
    let mistakes = problems.into_iter().map(|problem| Mistake {
        message: problem.message,
        source_code: NamedSource::new(file_name, Arc::clone(&source)),
        span: SourceSpan::from(drawable(problem.span, text)),
        help: problem.help,
    });
    mistakes.collect()
}

/// A mistake while the file is still being looked at.
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

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn nearest<'n>(mut self, wrong: &str, right: impl Iterator<Item = &'n str>) -> Self {
        self.help = nearest(wrong, right).map(|name| format!("did you mean `{name}`?"));
        self
    }
}
