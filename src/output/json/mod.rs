//! The JSON report, one file per version of its shape, and the same as JSON lines.

mod lines;
mod run_lines;
mod severities;
mod v1;

pub use lines::line_schema;
pub(super) use lines::write_lines;
pub(super) use severities::JsonSeverities;
pub use v1::report_schema;
pub(super) use v1::write;
