//! Office hours: when receipt counts, and the hour that is printed.

use super::{Calendar, Half, OverrideKind};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

/// A stretch of work without a break, in local time (UTC+7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// First moment of work.
    #[serde(with = "clock_time")]
    pub opens: Time,
    /// End of work.
    #[serde(with = "clock_time")]
    pub closes: Time,
}

/// The hours of a whole working day (domain §4.2). They are configuration: places differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeHours {
    /// Before noon.
    pub morning: Session,
    /// After noon.
    pub afternoon: Session,
    /// Where the hours come from.
    pub basis: String,
}

impl Calendar {
    /// The sessions worked on a day, in order: none on a day off, one on a half day, else two.
    #[must_use]
    pub fn sessions(&self, day: Date) -> Vec<Session> {
        let OfficeHours { morning, afternoon, .. } = *self.office_hours();
        let halves = match self.special(day).map(|special| (special.kind, special.half)) {
            Some((OverrideKind::MakeupWorkday, Half::Am)) => (true, false),
            Some((OverrideKind::MakeupWorkday, Half::Pm)) => (false, true),
            Some((_, Half::Am)) => (false, true),
            Some((_, Half::Pm)) => (true, false),
            Some((_, Half::None)) | None => (true, true),
        };
        if !self.is_working_day(day).working {
            return Vec::new();
        }
        [(halves.0, morning), (halves.1, afternoon)].into_iter().filter(|(open, _)| *open).map(|(_, s)| s).collect()
    }

    /// The end of work on a day, the hour printed for a date of return: of the last session, or of an ordinary day when
    /// the day is off.
    #[must_use]
    pub fn closes_at(&self, day: Date) -> Time {
        self.sessions(day).last().map_or(self.office_hours().afternoon.closes, |session| session.closes)
    }
}

/// Hours and minutes as `"07:30"` in JSON.
pub(crate) mod clock_time {
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:02}:{:02}", time.hour(), time.minute()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| D::Error::custom("a time of day is written HH:MM"))
    }

    /// Exactly `HH:MM`: seconds would be lost when written.
    fn parse(text: &str) -> Option<Time> {
        let (hour, minute) = text.split_once(':')?;
        let number = |part: &str| {
            let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<i8>().ok().filter(|_| plain)
        };
        Time::new(number(hour)?, number(minute)?, 0, 0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{SHIPPED, shipped};
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn hours_of_ordinary_and_free_days() {
        let calendar = shipped();
        assert_eq!(calendar.sessions(date(2026, 11, 23)).len(), 2);
        assert_eq!(calendar.sessions(date(2026, 11, 22)), []);
        assert_eq!(calendar.sessions(date(2026, 8, 22)).len(), 2);
        assert_eq!(calendar.closes_at(date(2026, 11, 23)), time(17, 0, 0, 0));
    }

    #[test]
    fn half_days_keep_the_other_half() {
        let half = |date: &str, half: &str| {
            let mut file: serde_json::Value = serde_json::from_str(SHIPPED).unwrap();
            for year in file["years"].as_array_mut().unwrap() {
                for day in year["overrides"].as_array_mut().unwrap() {
                    if day["date"] == date {
                        day["half"] = half.into();
                    }
                }
            }
            Calendar::from_json(&file.to_string()).unwrap()
        };
        let free_afternoon = half("2026-08-31", "pm");
        assert_eq!(free_afternoon.closes_at(date(2026, 8, 31)), time(11, 30, 0, 0));
        assert!(free_afternoon.is_working_day(date(2026, 8, 31)).working);
        let free_morning = half("2026-08-31", "am");
        assert_eq!(free_morning.sessions(date(2026, 8, 31))[0].opens, time(13, 0, 0, 0));
        let worked_morning = half("2026-08-22", "am");
        assert_eq!(worked_morning.closes_at(date(2026, 8, 22)), time(11, 30, 0, 0));
    }

    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        for wrong in ["\"7:30\"", "\"25:00\"", "\"07:30:10\"", "\"+7:30\"", "730"] {
            let json = format!("{{\"opens\":{wrong},\"closes\":\"11:30\"}}");
            assert!(serde_json::from_str::<Session>(&json).is_err(), "{wrong}");
        }
    }
}
