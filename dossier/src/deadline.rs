//! When a dossier is due: one pure function of acceptance, term, pauses and calendar, the same on phone and server.
//!
//! The rules (domain §2.5, §4.2): receipt outside office hours counts from the start of the next session; the day of
//! receipt is not counted; the term ends with its last working day; a term in calendar days that ends on a day off ends
//! with the next working day; time during which the applicant owes a supplement is given back. Every printed hour is
//! the end of work of that day.
//!
//! ```
//! use dossier::{calendar::Calendar, deadline::{due, Term}};
//! let calendar = Calendar::from_json(include_str!("../../catalogue/calendar.json")).unwrap();
//! let accepted_at = jiff::civil::date(2026, 11, 20).at(9, 30, 0, 0);
//! let due = due(accepted_at, Term::WorkingDays { amount: 7 }, &[], &calendar).unwrap();
//! assert_eq!(due.at, jiff::civil::date(2026, 12, 2).at(17, 0, 0, 0)); // 24 November is a holiday
//! ```

mod due;
mod local_time;
mod pause;
mod rating;
mod term;

pub use due::{Due, DueError, counting_start, due, transfer_by};
pub use local_time::{local, unix_ms};
pub use pause::Pause;
pub use rating::{Rating, rate, rate_766};
pub use term::{MAX_TERM_AMOUNT, Term};
