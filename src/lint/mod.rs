//! Checks the text of one metadata file, from its bytes to its findings with planned fixes.
//!
//! Puts [`crate::xml`], [`crate::engine`] and [`crate::fix`] together, and reads nothing itself.

mod file;
mod findings;
mod inline_comments;
mod locations;
mod parse;
mod posture;

pub(crate) use file::{FileOptions, Linted, lint_file};
