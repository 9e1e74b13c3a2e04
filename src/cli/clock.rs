//! The current time: `SOURCE_DATE_EPOCH` if it is set, so that runs are reproducible, or the clock.
//!
//! Only the command line and the language server read it. They pass the day to everything else.

use std::env;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub(crate) fn now() -> Timestamp {
    let fixed = env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| seconds.trim().parse().ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    fixed.unwrap_or_else(Timestamp::now)
}

/// The current day in UTC. A command reads it once, so that it is the same in the whole report.
pub(crate) fn today() -> Date {
    now().to_zoned(TimeZone::UTC).date()
}
