//! Errors of `forcelint.toml` and its rules, with sanitized texts.

use miette::Diagnostic;
use thiserror::Error;

use super::rule_file::RuleFileError;
use crate::rule::{Mistake, Problem, count, mistakes};
use crate::text::{sanitize, sanitize_lines, without_secret_words};

/// Why a `forcelint.toml` cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    #[error("`{path}` {reason}")]
    Unreadable { path: String, reason: String },
    #[error("invalid `{path}`: {}", count(.mistakes.len()))]
    Invalid {
        path: String,
        /// In the order of the file.
        #[related]
        mistakes: Vec<Mistake>,
    },
}

/// Why a config or its custom rules cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum OwnRulesError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(Box<ConfigError>),
    #[error("invalid rules in the `rule-paths` of `{config}`")]
    Rules {
        config: String,
        #[related]
        problems: Vec<RuleFileError>,
    },
}

impl ConfigError {
    /// The error for problems in `text`.
    pub(crate) fn invalid(path: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        let path = sanitize(path).into_owned();
        for problem in &mut problems {
            let before = sanitize_lines(&text[..problem.span.start]).len();
            let inside = sanitize_lines(&text[problem.span.clone()]).len();
            problem.span = before..before + inside;
            problem.message = sanitize(&problem.message).into_owned();
            problem.help = problem.help.as_ref().map(|it| sanitize(it).into_owned());
        }
        Self::Invalid {
            mistakes: mistakes(&path, &sanitize_lines(text), problems),
            path,
        }
    }

    /// The error for a file that cannot be read.
    pub(crate) fn unreadable(path: &str, reason: &str) -> Self {
        Self::Unreadable {
            path: sanitize(path).into_owned(),
            reason: sanitize(reason).into_owned(),
        }
    }
}

/// An error of the TOML parser.
pub(crate) fn toml_problem(error: &toml::de::Error) -> Problem {
    let message = without_secret_words(error.message());
    Problem::new(error.span().unwrap_or(0..0), message)
}
