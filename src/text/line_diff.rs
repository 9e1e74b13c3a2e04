//! The difference between two lists of lines.
//!
//! All code that compares texts uses this, so that the algorithm is in the binary once.

use std::convert::Infallible;

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, Replace, myers};

/// The difference by Myers' algorithm. A deletion next to an insertion becomes one replacement.
pub(crate) fn line_difference(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut hook = Compact::new(Replace::new(Capture::new()), old, new);
    let done: Result<(), Infallible> = myers::diff(&mut hook, old, 0..old.len(), new, 0..new.len());
    match done {
        Ok(()) => hook.into_inner().into_inner().into_ops(),
        Err(never) => match never {},
    }
}

/// The lines of a text, including their line ends.
pub(crate) fn lines_with_ends(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}
