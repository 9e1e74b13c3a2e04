//! The report on many repositories: one file per format.

mod csv;
mod format;
mod json;
mod markdown;
mod terminal;
mod words;

pub use format::MergedFormat;
pub(crate) use format::render_merged;
pub use json::merged_schema;
pub(super) use words::{ControlName, authorities, result};
