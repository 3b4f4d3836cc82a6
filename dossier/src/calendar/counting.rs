//! Counting working days.

use super::{Calendar, Half, OverrideKind, YearStatus, hung_kings_day, lunar_new_year};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// The longest stretch that is counted, in days: twenty years. The longest legal term is some months.
const MAX_SPAN_DAYS: u32 = 7_320;

/// Tells whether a day counts and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingDay {
    /// At least half of it is worked.
    pub working: bool,
    /// The answer may change: the day or its year is not announced. See [`Calendar::status`] for the year.
    pub provisional: bool,
}

/// A value found by going through days, provisional if any of them was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<T> {
    /// What was found.
    pub value: T,
    /// Some day on the way was provisional.
    pub provisional: bool,
}

/// The count would leave the range of twenty years, or of dates at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the days to count reach further than twenty years")]
pub struct OutOfRange;

impl Calendar {
    /// Whether a day counts as a working day. A half day counts.
    ///
    /// In a year that is not in the file, the days off are estimated: weekends, the holidays with a fixed date, Tết
    /// from one day before mùng 1 to three after it, and Giỗ Tổ; always provisional.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> WorkingDay {
        let status = self.status(day.year());
        let weekday = !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let in_doubt = status != YearStatus::Official;
        match self.special(day) {
            Some(special) => {
                let working = match special.kind {
                    OverrideKind::MakeupWorkday => true,
                    OverrideKind::Holiday | OverrideKind::CompensatoryOff | OverrideKind::SwapOff => {
                        weekday && special.half != Half::None
                    }
                };
                WorkingDay { working, provisional: in_doubt || special.provisional }
            }
            None if status == YearStatus::Unpublished => {
                WorkingDay { working: weekday && !estimated_holiday(day), provisional: true }
            }
            None => WorkingDay { working: weekday, provisional: in_doubt },
        }
    }

    /// The n-th working day after `from`, which itself does not count (BLDS 2015, Điều 147). Zero gives `from`.
    ///
    /// # Errors
    /// [`OutOfRange`] when it lies more than twenty years away.
    pub fn add_working_days(&self, from: Date, n: u32) -> Result<Counted<Date>, OutOfRange> {
        let mut counted = Counted { value: from, provisional: false };
        let mut left = n;
        for _ in 0..MAX_SPAN_DAYS {
            if left == 0 {
                return Ok(counted);
            }
            counted.value = counted.value.tomorrow().map_err(|_| OutOfRange)?;
            let day = self.is_working_day(counted.value);
            counted.provisional |= day.provisional;
            left -= u32::from(day.working);
        }
        if left == 0 { Ok(counted) } else { Err(OutOfRange) }
    }

    /// `day` itself if it is a working day, else the first one after it.
    ///
    /// # Errors
    /// [`OutOfRange`] at the end of all dates.
    pub fn working_day_from(&self, day: Date) -> Result<Counted<Date>, OutOfRange> {
        let first = self.is_working_day(day);
        if first.working {
            return Ok(Counted { value: day, provisional: first.provisional });
        }
        let next = self.add_working_days(day, 1)?;
        Ok(Counted { value: next.value, provisional: next.provisional || first.provisional })
    }

    /// How many working days lie after `from` up to and with `to`: as many as [`Calendar::add_working_days`] would need.
    /// Zero when `to` is not later.
    ///
    /// # Errors
    /// [`OutOfRange`] when the two are more than twenty years apart.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<Counted<u32>, OutOfRange> {
        if to > from.checked_add(i64::from(MAX_SPAN_DAYS).days()).unwrap_or(Date::MAX) {
            return Err(OutOfRange);
        }
        let mut counted = Counted { value: 0, provisional: false };
        let mut day = from;
        while day < to {
            day = day.tomorrow().map_err(|_| OutOfRange)?;
            let answer = self.is_working_day(day);
            counted.value += u32::from(answer.working);
            counted.provisional |= answer.provisional;
        }
        Ok(counted)
    }
}

/// Whether the law or the lunar calendar makes a day of an unpublished year a holiday, without compensations and swaps.
fn estimated_holiday(day: Date) -> bool {
    let fixed = match (day.month(), day.day()) {
        (1, 1) | (4, 30) | (5, 1) | (9, 2) => true,
        // NQ 28/2026/QH16, in force since 1 July 2026.
        (11, 24) => day.year() >= 2026,
        _ => false,
    };
    let days_after =
        |festival: Option<Date>| festival.and_then(|festival| day.since(festival).ok()).map(|span| span.get_days());
    fixed
        || (day.month() <= 2 && days_after(lunar_new_year(day.year())).is_some_and(|after| (-1..=3).contains(&after)))
        || (matches!(day.month(), 3..=5) && days_after(hung_kings_day(day.year())) == Some(0))
}

#[cfg(test)]
mod tests {
    use super::super::tests::shipped;
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn year_count(year: i16) -> Counted<u32> {
        shipped().working_days_between(date(year - 1, 12, 31), date(year, 12, 31)).unwrap()
    }

    #[test]
    fn working_days_of_the_announced_years() {
        assert_eq!(year_count(2025), Counted { value: 250, provisional: false });
        assert_eq!(year_count(2026), Counted { value: 249, provisional: false });
        assert!(year_count(2027).provisional);
    }

    #[test]
    fn swaps_compensations_and_new_holidays() {
        let calendar = shipped();
        let working = |day| calendar.is_working_day(day).working;
        assert!(working(date(2026, 1, 10)) && working(date(2026, 8, 22)) && working(date(2025, 4, 26)));
        for off in [date(2026, 1, 2), date(2026, 4, 27), date(2026, 8, 31), date(2026, 11, 24), date(2025, 5, 2)] {
            assert!(!working(off), "{off}");
        }
        assert!(working(date(2025, 11, 24)));
    }

    #[test]
    fn provisional_years_say_so() {
        let calendar = shipped();
        assert_eq!(calendar.is_working_day(date(2027, 6, 1)), WorkingDay { working: true, provisional: true });
        assert_eq!(calendar.is_working_day(date(2027, 9, 3)), WorkingDay { working: false, provisional: true });
        assert!(!calendar.add_working_days(date(2026, 12, 30), 1).unwrap().provisional);
        assert!(calendar.add_working_days(date(2026, 12, 31), 1).unwrap().provisional);
    }

    #[test]
    fn an_unpublished_year_is_estimated() {
        let calendar = shipped();
        for off in [
            date(2029, 1, 1),
            date(2029, 2, 12),
            date(2029, 2, 16),
            date(2029, 4, 23),
            date(2029, 4, 30),
            date(2028, 11, 24),
        ] {
            assert_eq!(calendar.is_working_day(off), WorkingDay { working: false, provisional: true }, "{off}");
        }
        assert_eq!(calendar.is_working_day(date(2029, 2, 9)), WorkingDay { working: true, provisional: true });
        assert_eq!(calendar.is_working_day(date(2028, 11, 25)), WorkingDay { working: false, provisional: true });
        assert!(calendar.is_working_day(date(2020, 11, 24)).working);
    }

    #[test]
    fn the_range_is_bounded() {
        let calendar = shipped();
        assert_eq!(calendar.add_working_days(date(2026, 1, 1), u32::MAX), Err(OutOfRange));
        assert_eq!(calendar.add_working_days(Date::MAX, 1), Err(OutOfRange));
        assert_eq!(calendar.working_days_between(Date::MIN, Date::MAX), Err(OutOfRange));
        assert_eq!(calendar.working_days_between(Date::MAX, Date::MIN).unwrap().value, 0);
        assert_eq!(calendar.working_day_from(date(2026, 8, 29)).unwrap().value, date(2026, 9, 3));
    }

    proptest! {
        #[test]
        fn adding_and_counting_agree(start in 0i64..1400, n in 0u32..300) {
            let calendar = shipped();
            let from = date(2024, 12, 1).checked_add(start.days()).unwrap();
            let end = calendar.add_working_days(from, n).unwrap();
            prop_assert_eq!(calendar.working_days_between(from, end.value).unwrap().value, n);
            prop_assert!(n == 0 || calendar.is_working_day(end.value).working);
            prop_assert!(calendar.add_working_days(from, n + 1).unwrap().value > end.value);
        }
    }
}
