//! Conflicts that a merge left in a file.
//!
//! In: the text of a file. Out: the place of the first conflict, if there is one: the file is none that
//! anybody meant, whether or not the rest of it is XML.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::malformed::Malformed;
use crate::text::Span;

/// A conflict that git left behind: its markers at the beginning of lines, in their order.
pub(super) fn merge_conflict(source: &str) -> Option<Malformed> {
    // Made once: every file is looked through.
    static OURS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("<<<<<<<"));
    OURS.find(source.as_bytes())?;
    let ours = marker(source, 0, "<<<<<<<")?;
    let middle = marker(source, ours.end as usize, "=======")?;
    let theirs = marker(source, middle.end as usize, ">>>>>>>")?;
    Some(
        Malformed::new(ours, "an unresolved merge conflict begins here")
            .related(theirs, "and ends here"),
    )
}

fn marker(source: &str, from: usize, marker: &str) -> Option<Span> {
    memchr::memmem::find_iter(&source.as_bytes()[from..], marker)
        .map(|at| from + at)
        .find(|&at| {
            let begins_line = at == 0 || matches!(source.as_bytes()[at - 1], b'\n' | b'\r');
            let behind = source.as_bytes().get(at + marker.len());
            begins_line && matches!(behind, None | Some(b' ' | b'\n' | b'\r'))
        })
        .map(|at| Span::new(at, at + marker.len()))
}
