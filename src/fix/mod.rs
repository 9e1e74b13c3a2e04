//! Fixes: planned for a diagnostic, applied to a text and verified, rendered as a patch, written.
//!
//! Only `write` and `temporary_file` access the disk.

mod apply;
mod change;
mod choose;
mod insert;
mod no_fix;
mod patch;
mod plan;
mod refusal;
#[cfg(test)]
mod sample;
pub(crate) mod temporary_file;
mod verify;
mod write;

pub use apply::Level;
pub(crate) use apply::{FixedText, apply_fixes};
pub(crate) use change::Change;
pub(crate) use no_fix::NoFix;
pub(crate) use patch::patch;
pub(crate) use plan::plan;
pub(crate) use refusal::refusal_messages;
pub use write::{WriteError, Writer};
