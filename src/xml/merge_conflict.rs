//! Merge conflicts that were committed without being resolved.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::malformed::Malformed;
use crate::text::Span;

/// The first merge conflict: git's three markers in order, each at the beginning of a line. It is
/// found in a file that is not XML, too.
pub(super) fn merge_conflict(source: &str) -> Option<Malformed> {
    // Built once, because every file is searched.
    static OURS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("<<<<<<<"));
    OURS.find(source.as_bytes())?;
    let ours = marker(source, 0, "<<<<<<<")?;
    let middle = marker(source, ours.end as usize, "=======")?;
    let theirs = marker(source, middle.end as usize, ">>>>>>>")?;
    Some(
        Malformed::new(ours, "unresolved merge conflict").related(theirs, "the conflict ends here"),
    )
}

fn marker(source: &str, from: usize, marker: &str) -> Option<Span> {
    memchr::memmem::find_iter(&source.as_bytes()[from..], marker)
        .map(|at| from + at)
        .find(|&at| {
            let begins_line = at == 0 || matches!(source.as_bytes()[at - 1], b'\n' | b'\r');
            let next = source.as_bytes().get(at + marker.len());
            begins_line && matches!(next, None | Some(b' ' | b'\n' | b'\r'))
        })
        .map(|at| Span::new(at, at + marker.len()))
}
