//! A custom rule file: the rule and its tests, or why it cannot be used.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use super::unsafe_text::unsafe_text;
use crate::rule::{Rule, RuleError, SharedConditions, compile_tests, compile_with};
use crate::text::sanitize_lines;

/// A rule and its file.
#[derive(Debug, Clone)]
pub struct LoadedRule {
    /// Relative to the working directory.
    pub path: String,
    pub text: String,
    /// The separate file with the tests, if there is one.
    pub tests: Option<LoadedTests>,
    pub rule: Arc<Rule>,
}

/// A file with the tests of a rule.
#[derive(Debug, Clone)]
pub struct LoadedTests {
    /// Relative to the working directory.
    pub path: String,
    pub text: String,
}

impl LoadedRule {
    /// The rule in the text of the file `path`, with the built-in shared conditions.
    ///
    /// # Errors
    /// If the rule is not valid.
    pub fn parse(path: String, text: &str) -> Result<Self, RuleFileError> {
        Self::parse_with(path, text, None, SharedConditions::built_in())
    }

    /// The rule in the text of the file `path`, with the tests of a separate file.
    pub(super) fn parse_with(
        path: String,
        text: &str,
        tests: Option<LoadedTests>,
        shared: &SharedConditions,
    ) -> Result<Self, RuleFileError> {
        reject_unsafe_text(&path, text)?;
        let invalid = |error| RuleFileError::Invalid(Box::new(error));
        let mut rule = compile_with(&path, text, shared).map_err(invalid)?;
        if let Some(tests) = &tests {
            reject_unsafe_text(&tests.path, &tests.text)?;
            if !rule.examples.is_empty() {
                return Err(RuleFileError::TestsInTwoFiles {
                    rule: path,
                    tests: tests.path.clone(),
                });
            }
            rule.examples = compile_tests(&tests.path, &tests.text).map_err(invalid)?;
        }
        Ok(Self {
            path,
            text: text.to_owned(),
            tests,
            rule: Arc::new(rule),
        })
    }
}

/// Rejects a file with unsafe text, so that not every report has to sanitize the texts of rules.
pub(super) fn reject_unsafe_text(path: &str, text: &str) -> Result<(), RuleFileError> {
    let Some(span) = unsafe_text(text) else {
        return Ok(());
    };
    let start = sanitize_lines(&text[..span.start]).len();
    let length = sanitize_lines(&text[span.clone()]).len();
    Err(RuleFileError::UnsafeText {
        source_code: NamedSource::new(path, sanitize_lines(text)),
        span: SourceSpan::from((start, length)),
        path: path.to_owned(),
    })
}

/// Why a rule file cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum RuleFileError {
    #[error("`{path}` {reason}")]
    Unreadable { path: String, reason: String },
    #[error("`{rule}` and `{tests}` both contain tests of the rule")]
    #[diagnostic(help("move all tests to one of the two files"))]
    TestsInTwoFiles { rule: String, tests: String },
    #[error("`{path}` contains the tests of `{rule}`, which does not exist in the same folder")]
    #[diagnostic(help("move the tests next to the rule, and name the file after it"))]
    TestsWithoutRule {
        path: String,
        /// The expected file name of the rule.
        rule: String,
    },
    #[error("`{path}`: another file with shared conditions is also named `{family}`")]
    #[diagnostic(help("rename one of the files; rules refer to its conditions by this name"))]
    DuplicateFamily { path: String, family: String },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<RuleError>),
    #[error("`{path}` contains unsafe characters")]
    #[diagnostic(help(
        "remove them, or write them as an escape of the regular expression, such as \\x{{1B}}"
    ))]
    UnsafeText {
        path: String,
        #[source_code]
        source_code: NamedSource<String>,
        #[label("a terminal or a build server could interpret this as a command")]
        span: SourceSpan,
    },
    #[error("duplicate rule id `{id}`: `{path}:{line}` and {other}")]
    #[diagnostic(help("give the rule another id"))]
    DuplicateId {
        id: String,
        path: String,
        /// The line of the id.
        line: usize,
        /// The location of the other rule.
        other: String,
        #[source_code]
        source_code: NamedSource<String>,
        #[label("this id is already used")]
        span: SourceSpan,
    },
}
