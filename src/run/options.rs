//! How a run works.

use crate::finding::Detail;

/// How a run works.
#[derive(Debug, Default, Clone)]
pub struct Options {
    /// Threads; 0 chooses a number.
    pub jobs: usize,
    /// What the reports need.
    pub detail: Detail,
    /// Excludes and ignore files apply to named paths, too.
    pub force_exclude: bool,
}
