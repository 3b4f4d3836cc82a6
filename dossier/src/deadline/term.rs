//! Terms as procedures state them.

use crate::calendar::clock_time;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

/// The largest amount of any unit: three years of days. No procedure has a longer term.
pub const MAX_TERM_AMOUNT: u32 = 1_095;

/// How long a step may take. JSON: `{"unit":"working_days","amount":7}` or `{"unit":"same_day","cutoff":"15:00"}`.
///
/// The units are those of the national database (DONVITINH: Giờ, Ngày, Ngày làm việc, Tháng) and the same-day rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case", deny_unknown_fields)]
pub enum Term {
    /// Hours of work, counted inside office sessions.
    Hours {
        /// How many.
        amount: u32,
    },
    /// Calendar days; what ends on a day off ends with the next working day.
    Days {
        /// How many.
        amount: u32,
    },
    /// Working days.
    WorkingDays {
        /// How many.
        amount: u32,
    },
    /// Calendar months; the end of a shorter month counts as the day, and a day off moves on.
    Months {
        /// How many.
        amount: u32,
    },
    /// Within the day; received after the cutoff, within the next working day. At the very cutoff is still before, since
    /// the rule says "sau 15 giờ".
    SameDay {
        /// The last moment of receipt for the same day, `15:00` by law.
        #[serde(with = "clock_time")]
        cutoff: Time,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::time;

    #[test]
    fn json_is_as_the_catalogue_writes_it() {
        let terms = [
            (r#"{"unit":"hours","amount":8}"#, Term::Hours { amount: 8 }),
            (r#"{"unit":"days","amount":15}"#, Term::Days { amount: 15 }),
            (r#"{"unit":"working_days","amount":7}"#, Term::WorkingDays { amount: 7 }),
            (r#"{"unit":"months","amount":1}"#, Term::Months { amount: 1 }),
            (r#"{"unit":"same_day","cutoff":"15:00"}"#, Term::SameDay { cutoff: time(15, 0, 0, 0) }),
        ];
        for (json, term) in terms {
            assert_eq!(serde_json::to_string(&term).unwrap(), json);
            assert_eq!(serde_json::from_str::<Term>(json).unwrap(), term);
        }
        let turned: Term = serde_json::from_str(r#"{"amount":7,"unit":"working_days"}"#).unwrap();
        assert_eq!(turned, Term::WorkingDays { amount: 7 });
    }

    #[test]
    fn another_shape_is_refused() {
        for json in [
            r#"{"unit":"weeks","amount":1}"#,
            r#"{"unit":"days","amount":-1}"#,
            r#"{"unit":"days"}"#,
            r#"{"unit":"days","amount":1,"cutoff":"15:00"}"#,
            r#"{"unit":"same_day","cutoff":"15h"}"#,
        ] {
            assert!(serde_json::from_str::<Term>(json).is_err(), "{json}");
        }
    }
}
