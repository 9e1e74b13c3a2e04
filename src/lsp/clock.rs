//! Days in UTC, and the time until the next one.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The longest wait. After it, the server notices that the computer slept or its clock was set.
const LONGEST: Duration = Duration::from_secs(600);

/// The shortest wait, so that a stopped clock shortly before midnight does not keep a core busy.
const SHORTEST: Duration = Duration::from_secs(1);

pub(super) fn day_of(now: Timestamp) -> Date {
    now.to_zoned_datetime(TimeZone::UTC).date()
}

/// How long to wait before reading the clock again.
pub(super) fn until_next_day(now: Timestamp) -> Duration {
    let midnight = day_of(now).tomorrow().ok();
    let midnight = midnight.and_then(|day| day.to_zoned_datetime(TimeZone::UTC).ok());
    let wait = midnight.map_or(SignedDuration::MAX, |midnight| {
        midnight.timestamp().duration_since(now)
    });
    Duration::try_from(wait)
        .unwrap_or(SHORTEST)
        .clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_until_midnight_within_bounds() {
        for (now, seconds) in [
            ("2026-11-28T23:58:00Z", 120),
            ("2026-11-28T23:59:59.9Z", 1),
            ("2026-11-28T00:00:00Z", 600),
        ] {
            let wait = until_next_day(now.parse().unwrap());
            assert_eq!(wait, Duration::from_secs(seconds), "{now}");
        }
        assert_eq!(until_next_day(Timestamp::MAX), Duration::from_secs(600));
    }
}
