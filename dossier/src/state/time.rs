//! When an event counts as done, though clocks lie.
//!
//! A device's clock may be wrong by years, and an honest event may reach the Centre weeks after it happened. At each
//! sync the device tells its clock's reading and the Centre compares. If the two agree, the device's own time stands,
//! however late the event arrived. If not, the time is corrected by the difference, and flagged. Nothing done can have
//! happened after it was received.

use minicbor::{Decode, Encode};
use serde::Serialize;

/// How far a device's clock may be off before its times are corrected: two minutes, the spread of clocks that phone
/// networks set.
pub const TOLERANCE_MS: i64 = 120_000;

/// When and with which clock difference the Centre received something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct Received {
    /// The Centre's clock, Unix milliseconds.
    #[n(0)]
    pub at_ms: i64,
    /// The Centre's clock minus the device's at that sync, in milliseconds.
    #[n(1)]
    pub clock_offset_ms: i64,
}

/// What is to be said about a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockFlag {
    /// The device's clock agreed with the Centre's.
    Agreed,
    /// Not at the Centre yet: the device's clock is all there is.
    Unconfirmed,
    /// The device's clock was off; the time is corrected.
    Corrected,
}

/// When something counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EventTime {
    /// Unix milliseconds.
    pub ms: i64,
    /// How sure that is.
    pub flag: ClockFlag,
}

impl EventTime {
    /// Applies the rule.
    #[must_use]
    pub fn of(device_ms: i64, received: Option<&Received>) -> Self {
        let Some(received) = received else { return Self { ms: device_ms, flag: ClockFlag::Unconfirmed } };
        let off = received.clock_offset_ms.unsigned_abs() > TOLERANCE_MS.unsigned_abs();
        let corrected = if off { device_ms.saturating_add(received.clock_offset_ms) } else { device_ms };
        let ms = corrected.min(received.at_ms);
        let flag = if off || corrected > received.at_ms.saturating_add(TOLERANCE_MS) {
            ClockFlag::Corrected
        } else {
            ClockFlag::Agreed
        };
        Self { ms, flag }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;
    const DAY: i64 = 86_400_000;

    #[test]
    fn honest_late_work_keeps_its_time() {
        let received = Received { at_ms: NOW, clock_offset_ms: 3_000 };
        assert_eq!(
            EventTime::of(NOW - 20 * DAY, Some(&received)),
            EventTime { ms: NOW - 20 * DAY, flag: ClockFlag::Agreed }
        );
    }

    #[test]
    fn a_clock_ten_years_off_either_way_is_corrected_and_flagged() {
        for offset in [-3650 * DAY, 3650 * DAY] {
            let received = Received { at_ms: NOW, clock_offset_ms: offset };
            let done = EventTime::of(NOW - DAY - offset, Some(&received));
            assert_eq!(done, EventTime { ms: NOW - DAY, flag: ClockFlag::Corrected });
        }
    }

    #[test]
    fn nothing_happened_after_it_was_received() {
        let received = Received { at_ms: NOW, clock_offset_ms: 0 };
        assert_eq!(EventTime::of(NOW + DAY, Some(&received)), EventTime { ms: NOW, flag: ClockFlag::Corrected });
        assert_eq!(
            EventTime::of(i64::MAX, Some(&Received { at_ms: NOW, clock_offset_ms: i64::MIN })).flag,
            ClockFlag::Corrected
        );
    }
}
