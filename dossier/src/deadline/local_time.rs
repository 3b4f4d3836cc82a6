//! Local time: UTC+7 all year, without a time zone database (domain §7.1).

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

const OFFSET_MS: i64 = 7 * 60 * 60 * 1000;
const EPOCH: DateTime = Date::constant(1970, 1, 1).at(0, 0, 0, 0);

/// The local date and time of a moment given in milliseconds since 1970 (UTC). A moment outside the years −9999 to 9999
/// becomes the first or last one that can be written, so a wrong device clock breaks nothing.
#[must_use]
pub fn local(unix_ms: i64) -> DateTime {
    EPOCH.saturating_add(SignedDuration::from_millis(unix_ms.saturating_add(OFFSET_MS)))
}

/// The moment, in milliseconds since 1970 (UTC), of a local date and time; parts of a millisecond are dropped.
#[must_use]
pub fn unix_ms(local: DateTime) -> i64 {
    let since_epoch = local.duration_since(EPOCH).as_millis();
    i64::try_from(since_epoch).unwrap_or(if since_epoch < 0 { i64::MIN } else { i64::MAX }).saturating_sub(OFFSET_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn local_is_seven_hours_ahead() {
        assert_eq!(local(0), date(1970, 1, 1).at(7, 0, 0, 0));
        assert_eq!(local(1_795_280_399_999), date(2026, 11, 21).at(23, 59, 59, 999_000_000));
        assert_eq!(local(i64::MAX), DateTime::MAX);
        assert_eq!(local(i64::MIN), DateTime::MIN);
    }

    proptest! {
        #[test]
        fn there_and_back(unix in -62_000_000_000_000i64..250_000_000_000_000) {
            prop_assert_eq!(unix_ms(local(unix)), unix);
        }

        #[test]
        fn every_moment_is_survived(unix: i64) {
            let there = local(unix);
            prop_assert_eq!(local(unix_ms(there)).date(), there.date());
        }
    }
}
