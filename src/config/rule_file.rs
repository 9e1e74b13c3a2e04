//! One of the users' rule files: the rule and its tests, or why it cannot be used.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use super::acting_text::acting;
use crate::rule::{Rule, RuleError, SharedConditions, compile_tests, compile_with};
use crate::text::sanitize_lines;

/// A rule and its file.
#[derive(Debug, Clone)]
pub struct LoadedRule {
    /// The file, as people open it from the working directory.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The file with its tests, if they are not in its own.
    pub tests: Option<LoadedTests>,
    /// The rule.
    pub rule: Arc<Rule>,
}

/// A file with the tests of a rule.
#[derive(Debug, Clone)]
pub struct LoadedTests {
    /// The file, as people open it from the working directory.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl LoadedRule {
    /// The rule in `text`, which is the file `path`, with the built-in shared conditions.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn parse(path: String, text: &str) -> Result<Self, RuleFileError> {
        Self::parse_with(path, text, None, SharedConditions::built_in())
    }

    /// The rule in `text`, which is the file `path`, with the tests in a file of their own.
    pub(super) fn parse_with(
        path: String,
        text: &str,
        tests: Option<LoadedTests>,
        shared: &SharedConditions,
    ) -> Result<Self, RuleFileError> {
        refuse_acting(&path, text)?;
        let invalid = |error| RuleFileError::Invalid(Box::new(error));
        let mut rule = compile_with(&path, text, shared).map_err(invalid)?;
        if let Some(tests) = &tests {
            refuse_acting(&tests.path, &tests.text)?;
            if !rule.examples.is_empty() {
                return Err(RuleFileError::TestsTwice {
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

/// Refuses a file with a text that a terminal acts on: every report would have to look out for it.
pub(super) fn refuse_acting(path: &str, text: &str) -> Result<(), RuleFileError> {
    let Some(span) = acting(text) else {
        return Ok(());
    };
    let before = sanitize_lines(&text[..span.start]).len();
    let shown = sanitize_lines(&text[span.clone()]).len();
    Err(RuleFileError::Acts {
        source_code: NamedSource::new(path, sanitize_lines(text)),
        span: SourceSpan::from((before, shown)),
        path: path.to_owned(),
    })
}

/// A rule file that cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum RuleFileError {
    /// It could not be read.
    #[error("`{path}` {reason}")]
    #[diagnostic(code("rule"))]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// The tests of a rule are in two files.
    #[error("`{rule}` has tests, and `{tests}` beside it, too")]
    #[diagnostic(code("rule"), help("keep all tests of a rule in one of the two files"))]
    TestsTwice {
        /// The rule's file.
        rule: String,
        /// The file with its tests.
        tests: String,
    },
    /// A test file without its rule.
    #[error("`{path}` has tests, but there is no `{rule}` beside it")]
    #[diagnostic(code("rule"))]
    TestsWithoutRule {
        /// The file with the tests.
        path: String,
        /// The file name of the rule.
        rule: String,
    },
    /// Two files of shared conditions have the same name.
    #[error("`{path}`: there are other shared conditions with the name `{family}`")]
    #[diagnostic(
        code("rule"),
        help("give the file another name, by which rules call its conditions")
    )]
    FamilyClash {
        /// The file.
        path: String,
        /// Its name without the ending.
        family: String,
    },
    /// It is no rule.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<RuleError>),
    /// A terminal, or what runs the build, would take a part of it for a command.
    #[error("`{path}` is no valid rule")]
    #[diagnostic(
        code("rule"),
        help(
            "leave it out, or write it as an escape of the regular expression, such as \\x{{1B}}"
        )
    )]
    Acts {
        /// The file.
        path: String,
        /// Its text.
        #[source_code]
        source_code: NamedSource<String>,
        /// Where in it.
        #[label("this is not text alone: terminals or build servers act on a part of it")]
        span: SourceSpan,
    },
    /// Another rule has its id.
    #[error("`{path}:{line}` and {other} are both the rule `{id}`")]
    #[diagnostic(code("rule"), help("give the rule another id"))]
    Clash {
        /// The id.
        id: String,
        /// The file.
        path: String,
        /// Where in it the id stands.
        line: usize,
        /// The other rule's place.
        other: String,
        /// Its text.
        #[source_code]
        source_code: NamedSource<String>,
        /// Where in it.
        #[label("this id is taken")]
        span: SourceSpan,
    },
}
