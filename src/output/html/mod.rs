//! The HTML report: one self-contained page that loads nothing from the network.

mod elements;
mod findings;
mod matrix;
mod not_checked;
mod page;
mod rules;
mod suppressed;
mod words;
pub(super) use page::render;
