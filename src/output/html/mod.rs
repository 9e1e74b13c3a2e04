//! The HTML report: one self-contained page that loads nothing from the network.

mod findings;
mod matrix;
mod page;
mod rules;
mod unseen;
mod words;
pub(crate) use page::render;
