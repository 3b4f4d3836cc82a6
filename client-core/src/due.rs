//! How a dossier stands to its due date. It is judged here, once; shells give it words and a colour.

use dossier::state::Status;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// From this many days on, a dossier is not pressing yet.
const SOON_DAYS: i32 = 3;

/// How pressing it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueState {
    /// The date is past.
    Late,
    /// Due today, and not late yet.
    Today,
    /// Due within three days.
    Soon,
    /// Due after that.
    Later,
    /// The clock stands: somebody else owes an answer.
    Paused,
    /// No date runs.
    #[default]
    None,
}

/// How a dossier stands to its due date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Due {
    /// How pressing it is.
    pub state: DueState,
    /// Calendar days from today until the date, negative once past; 0 without a date.
    pub days: i32,
}

/// Whether nothing more is owed to the applicant: 3, 8, 9 and 10.
pub fn has_ended(status: Status) -> bool {
    matches!(status, Status::Refused | Status::Stopped | Status::Decided | Status::Returned)
}

impl Due {
    /// The standing of a dossier whose result is due at a local time, now in local time.
    pub fn of(status: Option<Status>, is_accepted: bool, due_at: Option<DateTime>, now: DateTime) -> Self {
        let days = due_at.map_or(0, |due| due.date().since(now.date()).map_or(0, |span| span.get_days()));
        let stands = matches!(status, Some(Status::SupplementAsked | Status::PaymentAsked | Status::WithdrawalAsked));
        let state = match due_at {
            _ if status.is_some_and(has_ended) => DueState::None,
            _ if is_accepted && stands => DueState::Paused,
            None => DueState::None,
            Some(due) if due < now => DueState::Late,
            Some(_) if days <= 0 => DueState::Today,
            Some(_) if days < SOON_DAYS => DueState::Soon,
            Some(_) => DueState::Later,
        };
        Self { state, days }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_presses_until_the_clock_stands_or_has_ended() {
        let now: DateTime = "2026-11-20T10:00:00".parse().unwrap();
        let due = |text: &str, status| Due::of(Some(status), true, Some(text.parse().unwrap()), now);
        for (at, state, days) in [
            ("2026-11-19T17:00:00", DueState::Late, -1),
            ("2026-11-20T09:00:00", DueState::Late, 0),
            ("2026-11-20T17:00:00", DueState::Today, 0),
            ("2026-11-22T17:00:00", DueState::Soon, 2),
            ("2026-11-23T08:00:00", DueState::Later, 3),
            ("2027-01-04T17:00:00", DueState::Later, 45),
        ] {
            assert_eq!(due(at, Status::Processing), Due { state, days }, "{at}");
        }
        assert_eq!(due("2026-11-19T17:00:00", Status::SupplementAsked).state, DueState::Paused);
        assert_eq!(due("2026-11-19T17:00:00", Status::Decided).state, DueState::None);
        assert_eq!(Due::of(Some(Status::SupplementAsked), false, None, now).state, DueState::None);
    }
}
