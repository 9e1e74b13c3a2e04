//! The report for people at a terminal.

mod report;
mod source;
pub(super) use report::render;
