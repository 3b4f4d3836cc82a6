//! The legal working-day calendar: which days count, and between which hours.
//!
//! A calendar is a versioned list of dated overrides on the ordinary week (Monday to Friday): holidays, days off in
//! compensation, and the swaps by which a weekday becomes free and a Saturday becomes a working day (domain §4.1).
//! "Weekends and holidays" alone would be wrong. Closures of one point (a storm, an epidemic) are not here: they
//! change when a point opens, not how the law counts.
//!
//! Each answer says whether it rests on an announced year. A year that is not published is estimated from the days
//! that the law fixes and the lunar calendar, and is always provisional.

mod check;
mod counting;
mod hours;
pub(crate) mod iso_day;
mod lunar;

pub use check::{Finding, Severity};
pub use counting::{Counted, OutOfRange, WorkingDay};
pub(crate) use hours::clock_time;
pub use hours::{OfficeHours, Session};
pub use lunar::{hung_kings_day, lunar_new_year, lunar_to_solar};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The largest calendar file that is read, in bytes. Ten years of overrides take about 60 kB.
pub const MAX_CALENDAR_BYTES: usize = 1024 * 1024;

/// Whether a year has been announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum YearStatus {
    /// Announced by the Prime Minister or the Ministry of Home Affairs.
    Official,
    /// In the file, with assumptions: every answer about it is provisional.
    Provisional,
    /// Not in the file: estimated.
    #[serde(skip_deserializing)]
    Unpublished,
}

/// What an override makes of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideKind {
    /// A public holiday.
    Holiday,
    /// Off because a holiday fell on a weekly rest day (nghỉ bù).
    CompensatoryOff,
    /// A weekday off that is worked on a Saturday instead (hoán đổi).
    SwapOff,
    /// A weekend day that is worked instead of a weekday (ngày làm bù).
    MakeupWorkday,
}

/// Which half of its day an override concerns; `none` means that the day is not halved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// The whole day.
    None,
    /// The morning only.
    Am,
    /// The afternoon only.
    Pm,
}

/// A name in both languages of the interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

/// One day that differs from the ordinary week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayOverride {
    /// The day.
    #[serde(with = "iso_day")]
    pub date: Date,
    /// What becomes of it.
    pub kind: OverrideKind,
    /// Which half of it.
    pub half: Half,
    /// What it is called.
    pub name: Name,
    /// Law or announcement, or why it is assumed.
    pub basis: String,
    /// Assumed, not announced.
    pub provisional: bool,
}

/// The overrides of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// Whether it has been announced.
    pub status: YearStatus,
    /// Its special days.
    pub overrides: Vec<DayOverride>,
}

/// The file as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarFile {
    pub(crate) version: String,
    pub(crate) years: Vec<Year>,
    pub(crate) office_hours: OfficeHours,
}

/// A calendar without faults. A dossier records the [`Calendar::version`] its dates were computed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    file: CalendarFile,
    days: BTreeMap<Date, DayOverride>,
    statuses: BTreeMap<i16, YearStatus>,
    warnings: Vec<Finding>,
}

/// Why a file is not a calendar.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// Larger than [`MAX_CALENDAR_BYTES`].
    #[error("the calendar file has {size_bytes} bytes, more than {MAX_CALENDAR_BYTES}")]
    TooLarge {
        /// Its size.
        size_bytes: usize,
    },
    /// Not JSON of the expected shape.
    #[error("the calendar file has another shape")]
    Shape(#[source] serde_json::Error),
    /// It contradicts itself. All faults are listed.
    #[error("the calendar has {} faults, the first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Faults(Vec<Finding>),
}

impl Calendar {
    /// Reads and checks a calendar file (UTF-8 JSON, shape as in `catalogue/calendar.json`).
    ///
    /// # Errors
    /// [`CalendarError`]; with faults, all of them at once. What is merely suspicious is in [`Calendar::warnings`].
    pub fn from_json(json: &str) -> Result<Calendar, CalendarError> {
        if json.len() > MAX_CALENDAR_BYTES {
            return Err(CalendarError::TooLarge { size_bytes: json.len() });
        }
        let file: CalendarFile = serde_json::from_str(json).map_err(CalendarError::Shape)?;
        let (faults, warnings): (Vec<Finding>, Vec<Finding>) =
            check::check(&file).into_iter().partition(|finding| finding.severity == Severity::Fault);
        if !faults.is_empty() {
            return Err(CalendarError::Faults(faults));
        }
        let days = file.years.iter().flat_map(|year| &year.overrides).map(|day| (day.date, day.clone())).collect();
        let statuses = file.years.iter().map(|year| (year.year, year.status)).collect();
        Ok(Calendar { file, days, statuses, warnings })
    }

    /// The version, to be recorded with every date computed.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.file.version
    }

    /// What a person should look at: a Tết without mùng 1, a swap without its Saturday, a holiday that is missing.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// The years in the file with their overrides, as written.
    #[must_use]
    pub fn years(&self) -> &[Year] {
        &self.file.years
    }

    /// The office hours that printed times come from.
    #[must_use]
    pub fn office_hours(&self) -> &OfficeHours {
        &self.file.office_hours
    }

    /// Whether a year has been announced.
    #[must_use]
    pub fn status(&self, year: i16) -> YearStatus {
        self.statuses.get(&year).copied().unwrap_or(YearStatus::Unpublished)
    }

    /// The override of a day, if it has one.
    #[must_use]
    pub fn special(&self, day: Date) -> Option<&DayOverride> {
        self.days.get(&day)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The calendar that ships.
    pub(crate) const SHIPPED: &str = include_str!("../../catalogue/calendar.json");

    pub(crate) fn shipped() -> Calendar {
        Calendar::from_json(SHIPPED).unwrap()
    }

    #[test]
    fn the_shipped_calendar_is_whole_and_without_warnings() {
        let calendar = shipped();
        assert_eq!(calendar.warnings(), []);
        assert_eq!(calendar.version(), "2026-11-01");
        assert_eq!(calendar.status(2025), YearStatus::Official);
        assert_eq!(calendar.status(2026), YearStatus::Official);
        assert_eq!(calendar.status(2027), YearStatus::Provisional);
        assert_eq!(calendar.status(2028), YearStatus::Unpublished);
        assert_eq!(calendar.years().len(), 3);
        assert!(calendar.years()[..2].iter().flat_map(|year| &year.overrides).all(|day| !day.provisional));
    }

    #[test]
    fn a_file_of_another_shape_is_refused() {
        assert!(matches!(Calendar::from_json("{}"), Err(CalendarError::Shape(_))));
        assert!(matches!(
            Calendar::from_json(&" ".repeat(MAX_CALENDAR_BYTES + 1)),
            Err(CalendarError::TooLarge { .. })
        ));
        let unpublished = SHIPPED.replacen("\"official\"", "\"unpublished\"", 1);
        assert!(matches!(Calendar::from_json(&unpublished), Err(CalendarError::Shape(_))));
    }

    #[test]
    fn the_file_reads_back_as_it_was_written() {
        let calendar = shipped();
        let json = serde_json::to_string(&calendar.file).unwrap();
        assert_eq!(Calendar::from_json(&json).unwrap(), calendar);
    }
}
