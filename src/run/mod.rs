//! A run over a project: files are found, read, and checked in parallel.

mod linter;
mod partial_report;
mod partners;
mod source_reader;

pub(crate) use linter::FileOutcome;
pub use linter::{Detail, Linter};
