//! The computation of due times.

use super::pause::{Pause, merged};
use super::term::{MAX_TERM_AMOUNT, Term};
use crate::calendar::{Calendar, Counted, OutOfRange};
use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, ToSpan};

/// When something is due, in local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The last moment in time: the end of work of the day due, which is the hour printed.
    pub at: DateTime,
    /// The date rests on days that are not announced; a slip must not carry it as final.
    pub provisional: bool,
    /// The calendar it was computed with, to be recorded on the dossier.
    pub calendar_version: String,
    /// Since when the clock stands, while the applicant owes a supplement: `at` will move by the time until they come
    /// back. `None` when the clock runs.
    pub paused_since: Option<DateTime>,
}

/// Why no due time can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DueError {
    /// The amount is zero or above [`MAX_TERM_AMOUNT`].
    #[error("a term of {amount} is not between 1 and {MAX_TERM_AMOUNT}")]
    Amount {
        /// The amount.
        amount: u32,
    },
    /// A pause ends before it begins.
    #[error("a pause ends before it begins")]
    PauseBackwards(Pause),
    /// The days reach too far.
    #[error("the due date is out of range")]
    OutOfRange(#[from] OutOfRange),
}

/// When a dossier accepted at `accepted_at` (local time) is due.
///
/// Pauses give back, in the unit of the term, what they covered: working days for terms in working days and same-day
/// terms, calendar days for terms in days and months, working time for hours. As everywhere, the day a pause begins is
/// not counted and the day it ends is. A pause that begins after the due time gives nothing back.
///
/// # Errors
/// [`DueError`].
pub fn due(accepted_at: DateTime, term: Term, pauses: &[Pause], calendar: &Calendar) -> Result<Due, DueError> {
    if let Term::Hours { amount } | Term::Days { amount } | Term::WorkingDays { amount } | Term::Months { amount } =
        term
        && !(1..=MAX_TERM_AMOUNT).contains(&amount)
    {
        return Err(DueError::Amount { amount });
    }
    let start = counting_start(accepted_at, calendar)?;
    let mut clock = Clock { calendar, term, provisional: start.provisional, end: start.value };
    clock.run(start.value)?;
    let mut at = clock.falls_due()?;
    let mut paused_since = None;
    for pause in merged(pauses, start.value).map_err(DueError::PauseBackwards)? {
        if pause.from > at {
            break;
        }
        let Some(to) = pause.to else {
            paused_since = Some(pause.from);
            break;
        };
        clock.give_back(pause.from, to)?;
        at = clock.falls_due()?;
    }
    Ok(Due { at, provisional: clock.provisional, calendar_version: calendar.version().to_owned(), paused_since })
}

/// From when a receipt counts: itself inside office hours, else the start of the next session (domain §4.2, online
/// receipt by night and on days off).
///
/// # Errors
/// [`OutOfRange`] at the end of all dates.
pub fn counting_start(received_at: DateTime, calendar: &Calendar) -> Result<Counted<DateTime>, OutOfRange> {
    let day = received_at.date();
    let provisional = calendar.is_working_day(day).provisional;
    if let Some(session) = calendar.sessions(day).into_iter().find(|session| received_at.time() <= session.closes) {
        return Ok(Counted { value: day.to_datetime(received_at.time().max(session.opens)), provisional });
    }
    let next = calendar.add_working_days(day, 1)?;
    Ok(Counted { value: opening(next.value, calendar), provisional: provisional || next.provisional })
}

/// By when a paper dossier must have gone to the competent unit: the end of the day of receipt, or, received after the
/// cutoff (15:00), the start of the next working day (NĐ 61/2018, Điều 18). This is another rule than that of same-day
/// procedures.
///
/// # Errors
/// [`OutOfRange`] at the end of all dates.
pub fn transfer_by(received_at: DateTime, cutoff: Time, calendar: &Calendar) -> Result<Counted<DateTime>, OutOfRange> {
    let start = counting_start(received_at, calendar)?;
    let day = start.value.date();
    if start.value.time() <= cutoff {
        return Ok(Counted { value: day.to_datetime(calendar.closes_at(day)), ..start });
    }
    let next = calendar.add_working_days(day, 1)?;
    Ok(Counted { value: opening(next.value, calendar), provisional: start.provisional || next.provisional })
}

fn opening(day: Date, calendar: &Calendar) -> DateTime {
    let opens = calendar.sessions(day).first().map_or(calendar.office_hours().morning.opens, |session| session.opens);
    day.to_datetime(opens)
}

/// The run of one term.
struct Clock<'a> {
    calendar: &'a Calendar,
    term: Term,
    provisional: bool,
    /// Where the term ends by mere counting, before a day off moves it.
    end: DateTime,
}

impl Clock<'_> {
    fn run(&mut self, start: DateTime) -> Result<(), OutOfRange> {
        self.end = match self.term {
            Term::WorkingDays { amount } => self.later(start, amount)?,
            Term::SameDay { cutoff } if start.time() > cutoff => self.later(start, 1)?,
            Term::SameDay { .. } => start,
            Term::Days { amount } => start.checked_add(i64::from(amount).days()).map_err(|_| OutOfRange)?,
            Term::Months { amount } => start.checked_add(i64::from(amount).months()).map_err(|_| OutOfRange)?,
            Term::Hours { amount } => self.worked(start, SignedDuration::from_hours(i64::from(amount)))?,
        };
        Ok(())
    }

    fn give_back(&mut self, from: DateTime, to: DateTime) -> Result<(), OutOfRange> {
        let covered = self.calendar.working_days_between(from.date(), to.date())?;
        self.provisional |= covered.provisional;
        self.end = match self.term {
            Term::WorkingDays { .. } | Term::SameDay { .. } => self.later(self.end, covered.value)?,
            Term::Days { .. } | Term::Months { .. } => {
                let days = to.date().since(from.date()).map_err(|_| OutOfRange)?;
                self.end.checked_add(days).map_err(|_| OutOfRange)?
            }
            Term::Hours { .. } => {
                let worked = self.work_within(from, to)?;
                self.worked(self.end, worked)?
            }
        };
        Ok(())
    }

    /// The moment due: the end of work of the day, or for hours the very moment.
    fn falls_due(&mut self) -> Result<DateTime, OutOfRange> {
        if matches!(self.term, Term::Hours { .. }) {
            return Ok(self.end);
        }
        let day = self.calendar.working_day_from(self.end.date())?;
        self.provisional |= day.provisional;
        Ok(day.value.to_datetime(self.calendar.closes_at(day.value)))
    }

    fn later(&mut self, from: DateTime, working_days: u32) -> Result<DateTime, OutOfRange> {
        let day = self.calendar.add_working_days(from.date(), working_days)?;
        self.provisional |= day.provisional;
        Ok(day.value.to_datetime(from.time()))
    }

    /// The moment when so much working time has passed since `from`.
    fn worked(&mut self, from: DateTime, mut left: SignedDuration) -> Result<DateTime, OutOfRange> {
        let mut day = from.date();
        let mut since = from.time();
        loop {
            for session in self.calendar.sessions(day) {
                let begins = since.max(session.opens);
                let length = session.closes.duration_since(begins);
                if length.is_positive() && left <= length {
                    let end = begins.checked_add(left).map_err(|_| OutOfRange)?;
                    return Ok(day.to_datetime(end));
                }
                left -= length.max(SignedDuration::ZERO);
            }
            let next = self.calendar.add_working_days(day, 1)?;
            self.provisional |= next.provisional;
            day = next.value;
            since = Time::midnight();
        }
    }

    /// How much working time lies between two moments.
    fn work_within(&self, from: DateTime, to: DateTime) -> Result<SignedDuration, OutOfRange> {
        let mut sum = SignedDuration::ZERO;
        let mut day = from.date();
        while day <= to.date() {
            for session in self.calendar.sessions(day) {
                let begins = day.to_datetime(session.opens).max(from);
                let ends = day.to_datetime(session.closes).min(to);
                sum += ends.duration_since(begins).max(SignedDuration::ZERO);
            }
            day = day.tomorrow().map_err(|_| OutOfRange)?;
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests;
