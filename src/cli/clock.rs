//! The current time: `SOURCE_DATE_EPOCH` if it is set, so that runs are reproducible, or the clock.
//!
//! Only the command line and the language server read it. They pass the day to everything else.

use std::env;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub(crate) fn now() -> Timestamp {
    fixed().unwrap_or_else(Timestamp::now)
}

/// The time of `SOURCE_DATE_EPOCH`.
fn fixed() -> Option<Timestamp> {
    let seconds = env::var("SOURCE_DATE_EPOCH").ok()?;
    Timestamp::from_second(seconds.trim().parse().ok()?).ok()
}

/// The day of `SOURCE_DATE_EPOCH` in UTC. A report with the day of the clock would not be reproducible.
pub(crate) fn fixed_day() -> Option<Date> {
    Some(fixed()?.to_zoned_datetime(TimeZone::UTC).date())
}

/// The time since the first call, to measure how long something takes.
pub(crate) fn since_start() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// The current day in UTC. A command reads it once, so that it is the same in the whole report.
pub(crate) fn today() -> Date {
    now().to_zoned_datetime(TimeZone::UTC).date()
}
