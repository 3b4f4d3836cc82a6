//! Inputs that broke something once, each at the gate where it did.

use hostile::{
    bombs::{bombs, throw},
    hunt::{hunt, judge},
    target::{GATES, Verdict},
};

fn fed(gate: &str, input: &[u8]) -> Result<Verdict, String> {
    let gate = GATES.iter().find(|known| known.name == gate).expect("a gate of that name");
    judge(gate, input).map(|(verdict, _)| verdict)
}

/// Whether a text is in an old encoding was asked of every word of it, each against tables read from their beginning:
/// 64 kB of plain Vietnamese took a fifth of a second.
#[test]
fn a_long_text_is_judged_in_time() {
    let longest = "Hòa ".repeat(64 * 1024 / "Hòa ".len());
    assert_eq!(fed("what is typed", longest.as_bytes()), Ok(Verdict::Accepted));
}

#[test]
fn a_hunt_follows_from_its_seed() {
    let found = || hunt(4_000, 3, None).tallies.into_iter().map(|(gate, tally)| (gate, tally.refused, tally.deep));
    assert!(found().eq(found()));
}

#[test]
fn there_are_forty_bombs_and_more_and_their_names_are_their_own() {
    let mut names: Vec<&str> = bombs().iter().map(|bomb| bomb.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), bombs().len());
    assert!(names.len() >= 40, "{}", names.len());
}

#[test]
fn a_bomb_that_is_answered_otherwise_is_told() {
    let mut met = throw(&bombs()[0]);
    assert_eq!(met.fault(), None);
    met.code = "taken".to_owned();
    assert!(met.fault().is_some());
}
