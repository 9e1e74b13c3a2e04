//! The report of `forcelint coverage`: the result of each published control.

mod format;
mod json;
mod markdown;
mod terminal;

pub use format::{CoverageFormat, render_coverage};
pub use json::coverage_schema;
