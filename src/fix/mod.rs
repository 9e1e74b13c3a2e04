//! Fixes: planned from a finding, applied to a text and verified, shown as a patch, or written.

mod apply;
mod insert;
mod patch;
mod plan;
pub(crate) mod temporary_file;
mod write;

pub use apply::{Level, fix_text};
pub(crate) use patch::patch;
pub(crate) use plan::{is_placeholder, propose};
pub use write::{WriteError, Writer};
