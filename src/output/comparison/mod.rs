//! The difference between two states of an org: one file per format.

mod html;
mod json;
mod markdown;
mod report;
mod terminal;
mod view;

pub use json::comparison_schema;
pub use report::ComparisonFormat;
pub(crate) use report::render_comparison;
pub(crate) use view::ComparisonReport;
