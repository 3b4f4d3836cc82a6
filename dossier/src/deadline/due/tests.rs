use super::*;
use crate::calendar::tests::{SHIPPED, shipped};
use jiff::civil::{date, time};
use proptest::prelude::*;

const FIFTEEN: Term = Term::SameDay { cutoff: time(15, 0, 0, 0) };

fn at(year: i16, month: i8, day: i8, hour: i8, minute: i8) -> DateTime {
    date(year, month, day).at(hour, minute, 0, 0)
}

fn working(amount: u32) -> Term {
    Term::WorkingDays { amount }
}

fn due_at(accepted_at: DateTime, term: Term) -> DateTime {
    due(accepted_at, term, &[], &shipped()).unwrap().at
}

fn due_paused(accepted_at: DateTime, term: Term, pauses: &[(DateTime, DateTime)]) -> DateTime {
    let pauses: Vec<Pause> = pauses.iter().map(|(from, to)| Pause { from: *from, to: Some(*to) }).collect();
    due(accepted_at, term, &pauses, &shipped()).unwrap().at
}

#[test]
fn the_vectors_of_the_domain() {
    let vectors = [
        (date(2026, 11, 20), 7, date(2026, 12, 2)),
        (date(2026, 11, 23), 1, date(2026, 11, 25)),
        (date(2026, 2, 12), 5, date(2026, 2, 26)),
        (date(2026, 4, 24), 3, date(2026, 5, 4)),
        (date(2026, 8, 20), 2, date(2026, 8, 22)),
        (date(2026, 8, 27), 2, date(2026, 9, 3)),
        (date(2025, 12, 30), 3, date(2026, 1, 6)),
        (date(2026, 1, 8), 2, date(2026, 1, 10)),
        (date(2025, 4, 24), 3, date(2025, 4, 28)),
        (date(2025, 1, 23), 10, date(2025, 2, 13)),
    ];
    for (received, amount, expected) in vectors {
        let due = due(received.at(9, 0, 0, 0), working(amount), &[], &shipped()).unwrap();
        assert_eq!(due.at, expected.at(17, 0, 0, 0), "{received} + {amount}");
        assert!(!due.provisional);
        assert_eq!(due.calendar_version, "2026-11-01");
        assert_eq!(due.paused_since, None);
    }
}

#[test]
fn the_cutoff_itself_is_before() {
    let monday = date(2026, 11, 23);
    assert_eq!(due_at(monday.at(15, 0, 0, 0), FIFTEEN), at(2026, 11, 23, 17, 0));
    // Tuesday is the holiday of 24 November.
    assert_eq!(due_at(monday.at(15, 0, 1, 0), FIFTEEN), at(2026, 11, 25, 17, 0));
    assert_eq!(due_at(monday.at(8, 0, 0, 0), FIFTEEN), at(2026, 11, 23, 17, 0));
}

#[test]
fn receipt_outside_hours_counts_from_the_next_session() {
    let calendar = shipped();
    let start = |received| counting_start(received, &calendar).unwrap().value;
    assert_eq!(start(at(2026, 11, 20, 6, 0)), at(2026, 11, 20, 7, 30));
    assert_eq!(start(at(2026, 11, 20, 11, 30)), at(2026, 11, 20, 11, 30));
    assert_eq!(start(at(2026, 11, 20, 12, 10)), at(2026, 11, 20, 13, 0));
    assert_eq!(start(at(2026, 11, 20, 17, 0)), at(2026, 11, 20, 17, 0));
    assert_eq!(start(at(2026, 11, 20, 20, 15)), at(2026, 11, 23, 7, 30));
    assert_eq!(start(at(2026, 11, 22, 3, 0)), at(2026, 11, 23, 7, 30));
    assert_eq!(start(at(2026, 8, 22, 3, 0)), at(2026, 8, 22, 7, 30));
    // Friday night counts as received on Monday, so the first day counted is Wednesday, after the holiday.
    assert_eq!(due_at(at(2026, 11, 20, 20, 15), working(1)), at(2026, 11, 25, 17, 0));
    assert_eq!(due_at(at(2026, 11, 20, 20, 15), FIFTEEN), at(2026, 11, 23, 17, 0));
}

#[test]
fn calendar_days_and_months_never_end_on_a_day_off() {
    assert_eq!(due_at(at(2026, 11, 20, 9, 0), Term::Days { amount: 3 }), at(2026, 11, 23, 17, 0));
    assert_eq!(due_at(at(2026, 11, 20, 9, 0), Term::Days { amount: 1 }), at(2026, 11, 23, 17, 0));
    assert_eq!(due_at(at(2026, 11, 20, 9, 0), Term::Days { amount: 4 }), at(2026, 11, 25, 17, 0));
    assert_eq!(due_at(at(2026, 8, 7, 9, 0), Term::Days { amount: 15 }), at(2026, 8, 22, 17, 0));
    assert_eq!(due_at(at(2026, 1, 30, 9, 0), Term::Months { amount: 1 }), at(2026, 3, 2, 17, 0));
    assert_eq!(due_at(at(2025, 10, 31, 9, 0), Term::Months { amount: 4 }), at(2026, 3, 2, 17, 0));
}

#[test]
fn hours_are_hours_of_work() {
    let hours = |amount| Term::Hours { amount };
    assert_eq!(due_at(at(2026, 11, 20, 9, 30), hours(2)), at(2026, 11, 20, 11, 30));
    assert_eq!(due_at(at(2026, 11, 20, 9, 30), hours(3)), at(2026, 11, 20, 14, 0));
    assert_eq!(due_at(at(2026, 11, 20, 16, 0), hours(8)), at(2026, 11, 23, 16, 0));
    assert_eq!(due_at(at(2026, 11, 23, 16, 0), hours(2)), at(2026, 11, 25, 8, 30));
    let paused = [(at(2026, 11, 20, 10, 0), at(2026, 11, 20, 14, 0))];
    assert_eq!(due_paused(at(2026, 11, 20, 9, 30), hours(2), &paused), at(2026, 11, 20, 15, 30));
}

#[test]
fn pauses_give_back_the_working_days_they_covered() {
    let accepted = at(2026, 6, 1, 9, 0);
    let asked = at(2026, 6, 3, 10, 0);
    assert_eq!(due_at(accepted, working(5)), at(2026, 6, 8, 17, 0));
    assert_eq!(due_paused(accepted, working(5), &[(asked, at(2026, 6, 3, 16, 0))]), at(2026, 6, 8, 17, 0));
    // Thursday, Friday, Monday.
    assert_eq!(due_paused(accepted, working(5), &[(asked, at(2026, 6, 8, 8, 0))]), at(2026, 6, 11, 17, 0));
    // Brought on a Saturday: Thursday and Friday.
    assert_eq!(due_paused(accepted, working(5), &[(asked, at(2026, 6, 6, 8, 0))]), at(2026, 6, 10, 17, 0));
    // Overlapping pauses count once.
    let twice = [(asked, at(2026, 6, 8, 8, 0)), (at(2026, 6, 4, 8, 0), at(2026, 6, 5, 8, 0))];
    assert_eq!(due_paused(accepted, working(5), &twice), at(2026, 6, 11, 17, 0));
    // Asked when already late: nothing is given back.
    assert_eq!(
        due_paused(accepted, working(5), &[(at(2026, 6, 9, 8, 0), at(2026, 6, 12, 8, 0))]),
        at(2026, 6, 8, 17, 0)
    );
    // Across the 2/9 holidays and the make-up Saturday 22/8.
    let long = [(at(2026, 8, 21, 9, 0), at(2026, 9, 3, 9, 0))];
    assert_eq!(due_paused(at(2026, 8, 20, 9, 0), working(2), &long), at(2026, 9, 4, 17, 0));
}

#[test]
fn pauses_of_other_terms_are_given_back_in_their_unit() {
    let accepted = at(2026, 6, 1, 9, 0);
    let weekend = [(at(2026, 6, 5, 10, 0), at(2026, 6, 8, 10, 0))];
    // 1 June + 7 days is Monday the 8th; three more calendar days.
    assert_eq!(due_paused(accepted, Term::Days { amount: 7 }, &weekend), at(2026, 6, 11, 17, 0));
    let next_day = [(at(2026, 6, 1, 10, 0), at(2026, 6, 2, 10, 0))];
    assert_eq!(due_paused(accepted, FIFTEEN, &next_day), at(2026, 6, 2, 17, 0));
}

#[test]
fn an_open_pause_stops_the_clock() {
    let asked = at(2026, 6, 3, 10, 0);
    let open = [Pause { from: asked, to: None }];
    let due = due(at(2026, 6, 1, 9, 0), working(5), &open, &shipped()).unwrap();
    assert_eq!((due.at, due.paused_since), (at(2026, 6, 8, 17, 0), Some(asked)));
}

#[test]
fn a_date_in_an_unannounced_year_is_provisional() {
    assert!(due(at(2026, 12, 30, 9, 0), working(2), &[], &shipped()).unwrap().provisional);
    assert!(!due(at(2026, 12, 30, 9, 0), working(1), &[], &shipped()).unwrap().provisional);
    assert!(due(at(2026, 12, 30, 9, 0), Term::Days { amount: 30 }, &[], &shipped()).unwrap().provisional);
}

#[test]
fn the_printed_hour_comes_from_the_calendar() {
    let json = SHIPPED.replace("\"17:00\"", "\"16:30\"");
    let calendar = Calendar::from_json(&json).unwrap();
    let due = due(at(2026, 6, 1, 9, 0), working(1), &[], &calendar).unwrap();
    assert_eq!(due.at, at(2026, 6, 2, 16, 30));
}

#[test]
fn papers_go_on_the_same_day_or_at_the_next_opening() {
    let calendar = shipped();
    let by = |received| transfer_by(received, time(15, 0, 0, 0), &calendar).unwrap().value;
    assert_eq!(by(at(2026, 11, 23, 15, 0)), at(2026, 11, 23, 17, 0));
    assert_eq!(by(at(2026, 11, 23, 15, 1)), at(2026, 11, 25, 7, 30));
}

#[test]
fn what_cannot_be_computed_is_refused() {
    let calendar = shipped();
    let accepted = at(2026, 6, 1, 9, 0);
    assert_eq!(due(accepted, working(0), &[], &calendar), Err(DueError::Amount { amount: 0 }));
    assert_eq!(due(accepted, Term::Hours { amount: 1096 }, &[], &calendar), Err(DueError::Amount { amount: 1096 }));
    let backwards = Pause { from: accepted, to: Some(at(2026, 5, 1, 9, 0)) };
    assert_eq!(due(accepted, working(1), &[backwards], &calendar), Err(DueError::PauseBackwards(backwards)));
    assert_eq!(due(DateTime::MAX, working(1), &[], &calendar), Err(DueError::OutOfRange(OutOfRange)));
    let endless = Pause { from: accepted, to: Some(DateTime::MAX) };
    assert_eq!(due(accepted, working(1), &[endless], &calendar), Err(DueError::OutOfRange(OutOfRange)));
}

fn any_term() -> impl Strategy<Value = Term> {
    prop_oneof![
        (1u32..60).prop_map(|amount| Term::Hours { amount }),
        (1u32..60).prop_map(|amount| Term::Days { amount }),
        (1u32..60).prop_map(|amount| Term::WorkingDays { amount }),
        (1u32..4).prop_map(|amount| Term::Months { amount }),
        Just(FIFTEEN),
    ]
}

fn any_moment() -> impl Strategy<Value = DateTime> {
    (0i64..1000 * 24 * 60).prop_map(|minutes| date(2025, 1, 1).at(0, 0, 0, 0).checked_add(minutes.minutes()).unwrap())
}

proptest! {
    #[test]
    fn due_is_on_a_working_day_and_never_before_receipt(accepted in any_moment(), term in any_term()) {
        let calendar = shipped();
        let due = due(accepted, term, &[], &calendar).unwrap();
        prop_assert!(due.at >= accepted);
        prop_assert!(calendar.is_working_day(due.at.date()).working);
    }

    #[test]
    fn later_receipt_is_never_due_earlier(accepted in any_moment(), minutes in 0i64..5000, term in any_term()) {
        let calendar = shipped();
        let later = accepted.checked_add(minutes.minutes()).unwrap();
        prop_assert!(due(later, term, &[], &calendar).unwrap().at >= due(accepted, term, &[], &calendar).unwrap().at);
    }

    #[test]
    fn a_longer_pause_is_never_due_earlier(
        accepted in any_moment(), wait in 0i64..9000, length in 0i64..20_000, more in 0i64..20_000, term in any_term(),
    ) {
        let calendar = shipped();
        let from = accepted.checked_add(wait.minutes()).unwrap();
        let pause = |minutes: i64| [Pause { from, to: Some(from.checked_add(minutes.minutes()).unwrap()) }];
        let short = due(accepted, term, &pause(length), &calendar).unwrap().at;
        let long = due(accepted, term, &pause(length + more), &calendar).unwrap().at;
        prop_assert!(long >= short);
        prop_assert!(short >= due(accepted, term, &[], &calendar).unwrap().at);
    }

    #[test]
    fn the_order_of_pauses_does_not_matter(
        accepted in any_moment(),
        stretches in proptest::collection::vec((0i64..20_000, 0i64..9000), 0..5),
        term in any_term(),
    ) {
        let calendar = shipped();
        let after = |minutes: i64| accepted.checked_add(minutes.minutes()).unwrap();
        let mut pauses: Vec<Pause> =
            stretches.iter().map(|(from, length)| Pause { from: after(*from), to: Some(after(from + length)) }).collect();
        let forward = due(accepted, term, &pauses, &calendar).unwrap();
        pauses.reverse();
        prop_assert_eq!(due(accepted, term, &pauses, &calendar).unwrap(), forward);
    }
}
