//! What follows from what was done: a pure fold over a dossier's events.
//!
//! Events arrive in any order, some late, some never. The state is a function of the *set*: events are ordered by what
//! each author had seen (never by clocks), each is judged by the rules in the light of what its author knew, and official
//! acts that did not know of each other and differ make the dossier *disputed* until somebody with authority settles it.
//! An act that was not lawful stays in the record, marked ineffective, with the reason.
//!
//! ```text
//! events ──order──▶ ancestors of each ──judge──▶ effective acts ──resolve──▶ State
//!         (seen)                       (rules)                    (frontier)
//! ```

mod judge;
mod order;
mod resolve;
mod status;
mod time;

use std::collections::{BTreeMap, BTreeSet};

pub use judge::Ineffective;
pub use status::Status;
pub use time::{ClockFlag, EventTime, Received, TOLERANCE_MS};

use crate::{
    certificate::Certificate,
    event::{Act, Audience, Channel, Event},
    id::{ChangeHash, EventId},
};

/// An event as it stands in somebody's record.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The event.
    pub event: Event,
    /// The certificate under which its device acted; `None` for a bare key.
    pub certificate: Option<Certificate>,
    /// When the Centre received it; `None` while it is only here.
    pub received: Option<Received>,
}

/// What the fold must know of the world: where units belong.
pub trait Territory {
    /// Whether `unit` is `ancestor` or lies within it (a branch within the Centre, a new commune that took an old one over).
    fn is_within(&self, unit: &str, ancestor: &str) -> bool;
}

/// The acceptance that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The event.
    pub event: EventId,
    /// The version that was accepted.
    pub heads: Vec<ChangeHash>,
    /// When, by the rule of [`EventTime`].
    pub at: EventTime,
    /// The procedure's version that governs.
    pub procedure_version: String,
    /// The catalogue and calendar on the officer's device.
    pub catalogue: String,
    /// The case that applies.
    pub case: String,
}

/// Time during which the clock stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub from: EventTime,
    /// Until when; `None` while it lasts.
    pub until: Option<EventTime>,
    /// The status during the pause: 5, 6 or 7.
    pub status: Status,
}

/// One event with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The event.
    pub event: EventId,
    /// When it counts as done.
    pub at: EventTime,
    /// `None` if it took effect.
    pub ineffective: Option<Ineffective>,
}

/// The state of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The business status; `None` for a draft that nobody submitted. Under a dispute, the last undisputed one.
    pub status: Option<Status>,
    /// Contradictory official acts, sorted; empty if there is no dispute.
    pub disputed: Vec<EventId>,
    /// The unit that handles it.
    pub unit: Option<String>,
    /// The channel actually used, once, by the first effective submission.
    pub channel: Option<Channel>,
    /// The procedure's code, as submitted.
    pub procedure: Option<String>,
    /// When it was first submitted.
    pub submitted_at: Option<EventTime>,
    /// The acceptance that stands.
    pub acceptance: Option<Acceptance>,
    /// The version that counts: accepted, or adopted since.
    pub pinned: Option<Vec<ChangeHash>>,
    /// Pauses of the clock since acceptance.
    pub pauses: Vec<Pause>,
    /// When the result was there, or the dossier ended otherwise.
    pub finished_at: Option<EventTime>,
    /// How many supplement requests took effect; index 766 counts a second one as late.
    pub supplement_requests: usize,
    /// The official code.
    pub code: Option<String>,
    /// Every other code the dossier is or was known by: provisional ones, and official ones that did not stand. Sorted.
    pub aliases: Vec<String>,
    /// Every event in causal order, with what became of it.
    pub entries: Vec<Entry>,
    /// Events that others refer to and that are not here, sorted.
    pub missing: Vec<EventId>,
}

/// Folds a set of events into the state. Duplicates count once; the order of `records` does not matter.
#[must_use]
pub fn fold(records: &[Recorded], territory: &dyn Territory) -> State {
    let order = order::Order::of(records);
    let judged = judge::Judged::of(&order, territory);
    resolve::state(&order, &judged)
}

/// What the rules say of each event by what its author knew, leaving aside what others did meanwhile. Several acts that
/// could be done now can so be tried together, without any of them standing in the way of another.
#[must_use]
pub fn verdicts(records: &[Recorded], territory: &dyn Territory) -> BTreeMap<EventId, Option<Ineffective>> {
    let order = order::Order::of(records);
    let judged = judge::Judged::of(&order, territory);
    (0..order.records.len()).map(|at| (order.id(at), judged.verdicts[at])).collect()
}

impl State {
    /// What became of an event.
    #[must_use]
    pub fn entry(&self, event: &EventId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.event == *event)
    }

    /// Whether the content moved on from the version that counts.
    #[must_use]
    pub fn has_pending_amendment(&self, heads: &[ChangeHash]) -> bool {
        self.pinned.as_deref().is_some_and(|pinned| pinned != heads)
    }

    /// The latest events: what a new event for this audience is to name as seen. What everybody may see rests only on
    /// what everybody may see: an internal note never reaches the parties, and an act that named one would hang in the
    /// air on their devices.
    #[must_use]
    pub fn frontier(records: &[Recorded], audience: Audience) -> Vec<EventId> {
        let visible =
            |record: &&Recorded| audience == Audience::Staff || record.event.body().audience == Audience::Parties;
        let mut latest: BTreeSet<EventId> = records.iter().filter(visible).map(|record| record.event.id()).collect();
        for record in records.iter().filter(visible) {
            for seen in &record.event.body().seen {
                latest.remove(seen);
            }
        }
        latest.into_iter().collect()
    }
}

/// Whether an act is one that staff answer for in law.
#[must_use]
pub(crate) fn is_official(act: &Act) -> bool {
    matches!(
        act,
        Act::Accepted { .. }
            | Act::Refused { .. }
            | Act::Asked { .. }
            | Act::Routed { .. }
            | Act::PaymentAsked { .. }
            | Act::Decided { .. }
            | Act::WithdrawalAnswered { .. }
            | Act::Stopped { .. }
            | Act::Corrected { .. }
            | Act::Settled { .. }
    )
}

#[cfg(test)]
mod tests;
