//! Fixes: planned from a diagnostic, applied to a text and verified, shown as a patch, or written.
//!
//! Only `write` and `temporary_file` touch the disk.

mod apply;
mod change;
mod insert;
mod no_fix;
mod patch;
mod plan;
pub(crate) mod temporary_file;
mod write;

pub use apply::Level;
pub(crate) use apply::{FixError, FixedText, apply_fixes};
pub(crate) use change::Change;
pub(crate) use patch::patch;
pub(crate) use plan::plan;
pub use write::{WriteError, Writer};
