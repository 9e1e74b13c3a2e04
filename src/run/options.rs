//! How a run works.

use jiff::civil::Date;

use crate::finding::Detail;

/// How a run works.
#[derive(Debug, Clone)]
pub struct Options {
    /// The day on which the files are checked, in UTC.
    pub today: Date,
    /// Threads; 0 chooses a number.
    pub jobs: usize,
    /// What the reports need.
    pub detail: Detail,
    /// Excludes and ignore files apply to named paths, too.
    pub force_exclude: bool,
}

impl Options {
    /// The options of a run that sets nothing but the day.
    pub fn on(today: Date) -> Self {
        Self {
            today,
            jobs: 0,
            detail: Detail::default(),
            force_exclude: false,
        }
    }
}
