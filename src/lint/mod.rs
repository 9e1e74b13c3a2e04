//! Checks one metadata file, from its bytes to its findings with planned fixes.
//!
//! It combines [`crate::xml`], [`crate::engine`] and [`crate::fix`], and reads no files.

mod file;
mod findings;
mod inline_comments;
mod locations;
mod parse;
mod posture;

pub(crate) use file::{FileOptions, Linted, lint_file};
