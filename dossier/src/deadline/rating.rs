//! Whether a result came in time.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// How a result stands to its date of return, as the control slip rates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Trước hạn: finished on an earlier day than the day due.
    Early,
    /// Đúng hạn: finished on the day due, up to the hour due.
    OnTime,
    /// Quá hạn.
    Late,
}

/// Rates a finish against the date of return, both in local time. Not late ⇔ finished ≤ due, the rule by which indicator
/// set 766 measures.
#[must_use]
pub fn rate(finished_at: DateTime, due_at: DateTime) -> Rating {
    if finished_at > due_at {
        Rating::Late
    } else if finished_at.date() < due_at.date() {
        Rating::Early
    } else {
        Rating::OnTime
    }
}

/// Rates as indicator set 766 counts: more than one request for supplements makes a dossier late whatever its date
/// (domain §2.5).
#[must_use]
pub fn rate_766(finished_at: DateTime, due_at: DateTime, supplement_requests: u32) -> Rating {
    if supplement_requests > 1 { Rating::Late } else { rate(finished_at, due_at) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn early_on_time_late() {
        let due = date(2026, 12, 2).at(17, 0, 0, 0);
        assert_eq!(rate(date(2026, 12, 1).at(23, 0, 0, 0), due), Rating::Early);
        assert_eq!(rate(date(2026, 12, 2).at(8, 0, 0, 0), due), Rating::OnTime);
        assert_eq!(rate(due, due), Rating::OnTime);
        assert_eq!(rate(date(2026, 12, 2).at(17, 0, 1, 0), due), Rating::Late);
    }

    #[test]
    fn a_second_request_is_late() {
        let due = date(2026, 12, 2).at(17, 0, 0, 0);
        let finished = date(2026, 12, 1).at(8, 0, 0, 0);
        assert_eq!(rate_766(finished, due, 1), Rating::Early);
        assert_eq!(rate_766(finished, due, 2), Rating::Late);
    }
}
