//! Fixes carried out.
//!
//! In: the fixes of findings. Out: the new text of a file, held against the rules once more; a
//! patch of it; or the file itself, replaced in one step.

mod apply;
mod patch;
mod write;

pub use apply::{FixError, FixedText, Level, fix_text};
pub use patch::{Patch, patch};
pub use write::{WriteError, Writer};
