//! The report for people at a terminal.

mod by_file;
mod by_rule;
mod fix_first;
mod frame;
mod parts;
mod report;
mod stories;
pub(super) use report::write;
