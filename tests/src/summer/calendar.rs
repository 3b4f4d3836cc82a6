//! The 65 working days, written down by hand: not what the product's calendar says, but what it must agree with.

use dossier::deadline;
use jiff::{
    ToSpan,
    civil::{Date, Time, Weekday, date},
};

/// A day of the summer.
#[derive(Debug, Clone, Copy)]
pub struct Day(pub Date);

impl Day {
    /// A moment of the day, Unix milliseconds.
    pub fn at(&self, hour: i8, minute: i8) -> i64 {
        deadline::unix_ms(self.0.to_datetime(Time::constant(hour, minute, 0, 0)))
    }
}

/// From Monday 1 June 2026: weekdays, and Saturday 22 August, which is worked to make up for Monday 31 August.
pub fn working_days() -> Vec<Day> {
    let makeup = date(2026, 8, 22);
    date(2026, 6, 1)
        .series(1.day())
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) || *day == makeup)
        .take(65)
        .map(Day)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dossier::catalogue::Catalogue;

    #[test]
    fn the_shipped_calendar_agrees() {
        let days = working_days();
        assert_eq!(days.last().unwrap().0, date(2026, 8, 27));
        for day in date(2026, 6, 1).series(1.day()).take_while(|day| *day <= date(2026, 8, 27)) {
            let ours = days.iter().any(|working| working.0 == day);
            assert_eq!(Catalogue::shipped().calendar().is_working_day(day).working, ours, "{day}");
        }
    }
}
