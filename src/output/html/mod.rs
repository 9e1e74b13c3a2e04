//! The HTML report: one self-contained page that loads nothing from the network.

mod controls;
mod document;
mod elements;
mod evidence;
mod findings;
mod first_fixes;
mod matrix;
mod merged;
mod not_checked;
mod others;
mod page;
mod rules;
mod stories;
mod suppressed;
mod words;
pub(super) use merged::render_merged;
pub(super) use page::write;
pub(super) use words::sentence;
