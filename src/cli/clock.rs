//! The current time: that of `SOURCE_DATE_EPOCH` if it is set, so that a run can be repeated, else
//! that of the clock.
//!
//! Nothing below the command line and the language server reads a clock: they pass the day on.

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

/// The current day in UTC. A command asks for it once, so that it is the same in its whole report.
pub(crate) fn today() -> Date {
    now().to_zoned(TimeZone::UTC).date()
}
