//! What is wrong with a `forcelint.toml` or its rules, as people meet it.
//!
//! In: problems at places of a text, or why there is no text. Out: errors that miette draws, with
//! nothing in them that a terminal acts on.

use miette::Diagnostic;
use thiserror::Error;

use super::rule_file::RuleFileError;
use crate::rule::{Mistake, Problem, count, mistakes};
use crate::text::{sanitize, sanitize_lines};

/// A `forcelint.toml` that cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum ConfigError {
    /// It could not be read.
    #[error("`{path}` {reason}")]
    #[diagnostic(code("config"))]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// It holds something that means nothing.
    #[error("`{path}` cannot be used: {}", count(.mistakes.len()))]
    #[diagnostic(code("config"))]
    Mistaken {
        /// The file.
        path: String,
        /// What, by place.
        #[related]
        mistakes: Vec<Mistake>,
    },
}

/// A config that cannot be used, or rules of it that cannot.
#[derive(Debug, Error, Diagnostic)]
pub enum OwnRulesError {
    /// The config.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(Box<ConfigError>),
    /// Some rule files.
    #[error("rules of `{config}` cannot be used")]
    #[diagnostic(code("config"))]
    Rules {
        /// The config, as people open it.
        config: String,
        /// What is wrong.
        #[related]
        problems: Vec<RuleFileError>,
    },
}

impl ConfigError {
    /// Problems at places of `text`, which a terminal may not take for commands.
    pub(crate) fn mistaken(path: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        let path = sanitize(path).into_owned();
        for problem in &mut problems {
            let before = sanitize_lines(&text[..problem.span.start]).len();
            let inside = sanitize_lines(&text[problem.span.clone()]).len();
            problem.span = before..before + inside;
            problem.message = sanitize(&problem.message).into_owned();
            problem.help = problem.help.as_ref().map(|it| sanitize(it).into_owned());
        }
        Self::Mistaken {
            mistakes: mistakes(&path, &sanitize_lines(text), problems),
            path,
        }
    }

    /// A file that could not be read, and why.
    pub(crate) fn unreadable(path: &str, reason: &str) -> Self {
        Self::Unreadable {
            path: sanitize(path).into_owned(),
            reason: sanitize(reason).into_owned(),
        }
    }
}

/// What the TOML parser complains about, at its place.
pub(crate) fn toml_problem(error: &toml::de::Error) -> Problem {
    Problem::new(error.span().unwrap_or(0..0), error.message())
}
