//! Which day it is: that of `SOURCE_DATE_EPOCH` where it is set, so that a run can be repeated, else
//! the clock's, in UTC.

use std::env;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

static TODAY: LazyLock<Date> = LazyLock::new(|| {
    let fixed = env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|seconds| seconds.trim().parse().ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    fixed
        .unwrap_or_else(Timestamp::now)
        .to_zoned(TimeZone::UTC)
        .date()
});

/// The day of this run, the same for all of it.
pub(crate) fn today() -> Date {
    *TODAY
}
