//! Markdown: the report, and text that is not markup.

mod advice;
mod report;
mod suggestion;
mod text;
pub(crate) use advice::page_address;
pub(super) use report::render;
pub(crate) use text::{code, prose, rule_prose};
