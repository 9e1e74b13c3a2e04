//! The JSON report, one file per version of its shape.

mod v1;
pub(super) use v1::render;
pub use v1::report_schema;
