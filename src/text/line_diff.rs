//! What differs between two lists of lines.
//!
//! In: the lines before and after. Out: what is equal, gone, new and exchanged, in order. Everything
//! that compares texts asks here, so that the algorithm is in the binary once.

use std::convert::Infallible;

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, Replace, myers};

/// The difference by Myers' algorithm, with changes beside each other as one.
pub(crate) fn line_difference(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut hook = Compact::new(Replace::new(Capture::new()), old, new);
    let done: Result<(), Infallible> = myers::diff(&mut hook, old, 0..old.len(), new, 0..new.len());
    match done {
        Ok(()) => hook.into_inner().into_inner().into_ops(),
        Err(never) => match never {},
    }
}

/// The lines of a text, each with its end.
pub(crate) fn lines_with_ends(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}
