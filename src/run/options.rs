//! Options of a run.

use jiff::civil::Date;

use crate::finding::Detail;
use crate::lint::Timer;

#[derive(Debug, Clone)]
pub struct Options {
    /// The day on which the files are checked, in UTC.
    pub today: Date,
    /// The number of threads. 0 chooses one that fits the machine.
    pub jobs: usize,
    /// What the reports need.
    pub detail: Detail,
    /// Excludes and ignore files apply to named paths, too.
    pub force_exclude: bool,
    /// A run with nothing to check does not fail.
    pub allow_empty: bool,
    /// Measures where the time goes.
    pub timer: Timer,
}

impl Options {
    /// The default options with this day.
    pub fn on(today: Date) -> Self {
        Self {
            today,
            jobs: 0,
            detail: Detail::default(),
            force_exclude: false,
            allow_empty: true,
            timer: Timer::default(),
        }
    }
}
