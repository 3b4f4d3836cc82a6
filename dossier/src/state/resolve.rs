//! From effective acts to the state: what stands, what is disputed, what was overtaken.

use std::collections::BTreeSet;

use super::{
    Acceptance, Entry, EventTime, Pause, State, Status,
    judge::{Ineffective, Judged, step},
    order::{Order, Set},
};
use crate::{
    event::{Act, Channel},
    id::ChangeHash,
};

/// The business state at some point of the causal order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    pub status: Option<Status>,
    /// Where a pause returns to.
    pub resume: Option<Status>,
    pub unit: Option<String>,
    /// The status acts that stand, in causal order, as positions.
    pub lineage: Vec<usize>,
    /// Contradictory official acts, as positions.
    pub disputed: Vec<usize>,
    /// Acts of parties that an official act came before, as positions.
    pub overtaken: Vec<usize>,
}

impl View {
    /// The view after an effective status act.
    pub fn then(&self, order: &Order<'_>, position: usize, status: Status, judged: &Judged) -> Self {
        let mut next = self.clone();
        let act = order.act(position);
        if let Act::Settled { stands, .. } = act {
            let chosen = order.position(stands).and_then(|chosen| judged.after[chosen].clone()).unwrap_or_default();
            next = Self { overtaken: self.overtaken.clone(), ..chosen };
            next.lineage.push(position);
            next.disputed.clear();
            return next;
        }
        let was_pause = self.status.is_some_and(Status::is_pause);
        if status.is_pause() && !was_pause {
            next.resume = self.status;
        } else if !status.is_pause() {
            next.resume = None;
        }
        match act {
            Act::Submitted { unit, .. } if next.unit.is_none() => next.unit.clone_from(unit),
            Act::Routed { unit: Some(unit) } => next.unit = Some(unit.clone()),
            Act::Accepted { .. } if next.unit.is_none() => {
                next.unit = order.body(position).acting.as_ref().map(|acting| acting.unit.clone());
            }
            _ => {}
        }
        next.status = Some(status);
        next.lineage.push(position);
        next
    }
}

/// The view on a causally closed set of events.
///
/// Official acts weigh against official acts: what a party did in between settles nothing. What parties did, and no
/// official act knew of, is then done to the view as it stands, where it still can be.
pub fn view(order: &Order<'_>, judged: &Judged, within: &Set) -> View {
    let (official, party) = judged.moves(order, within);
    let latest: Vec<usize> = official
        .iter()
        .copied()
        .filter(|at| !official.iter().any(|later| order.ancestors[*later].contains(*at)))
        .collect();
    let after = |at: usize| judged.after[at].clone().unwrap_or_default();
    let base = match latest.split_first() {
        None => View::default(),
        Some((first, rest))
            if rest.iter().all(|other| agree(order, *first, *other, &after(*first), &after(*other))) =>
        {
            rest.iter().fold(after(*first), |mut base, other| {
                merge_lineage(&mut base, &after(*other));
                base
            })
        }
        Some(_) => dispute(order, &latest, judged),
    };
    let unknown: Vec<usize> = party
        .iter()
        .copied()
        .filter(|at| !base.lineage.contains(at) && !latest.iter().any(|act| order.ancestors[*act].contains(*at)))
        .collect();
    join_parties(order, judged, base, &unknown)
}

/// Two official acts that did not know of each other agree if they do the same to the same version for the same unit.
fn agree(order: &Order<'_>, one: usize, other: usize, after_one: &View, after_other: &View) -> bool {
    let (a, b) = (order.body(one), order.body(other));
    a.act.name() == b.act.name()
        && !matches!(a.act, Act::Settled { .. })
        && a.heads == b.heads
        && after_one.status == after_other.status
        && after_one.unit == after_other.unit
        && a.acting.as_ref().map(|acting| &acting.unit) == b.acting.as_ref().map(|acting| &acting.unit)
}

fn merge_lineage(base: &mut View, other: &View) {
    let merged: BTreeSet<usize> = base.lineage.iter().chain(&other.lineage).copied().collect();
    base.lineage = merged.into_iter().collect();
}

/// A disputed view shows what all sides had in common.
fn dispute(order: &Order<'_>, official: &[usize], judged: &Judged) -> View {
    let mut common = order.everything();
    for at in official {
        let mut known = Set::default();
        order.ancestors[*at].iter().filter(|known| common.contains(*known)).for_each(|at| known.insert(at));
        common = known;
    }
    let mut base = view(order, judged, &common);
    base.disputed.extend(official);
    base.disputed.sort_unstable();
    base.disputed.dedup();
    base
}

/// Does the acts of parties, in causal order, to a view that did not know of them. One that the rules no longer allow
/// was overtaken; one that moves nothing any more (a payment after the decision) stays in the record as it is.
fn join_parties(order: &Order<'_>, judged: &Judged, mut base: View, party: &[usize]) -> View {
    let mut party = party.to_vec();
    let is_first = |at: usize| !party.iter().any(|earlier| order.ancestors[at].contains(*earlier));
    let mut keys: Vec<(u8, usize)> =
        party.iter().map(|at| (if is_first(*at) { nearness(order.act(*at)) } else { 3 }, *at)).collect();
    keys.sort_unstable();
    party = keys.into_iter().map(|(_, at)| at).collect();
    for at in party {
        match step(order, &base, order.act(at)) {
            Ok(Some(status)) => base = base.then(order, at, status, judged),
            Ok(None) => {
                base.lineage.push(at);
                base.lineage.sort_unstable();
            }
            Err(_) => base.overtaken.push(at),
        }
    }
    base
}

/// Of submissions that did not know of each other, the one with the papers comes first: what was handed over a desk, or
/// taken along by the post, did not come online.
fn nearness(act: &Act) -> u8 {
    match act {
        Act::Submitted { channel: Channel::Direct, .. } => 0,
        Act::Submitted { channel: Channel::Postal, .. } => 1,
        Act::Submitted { channel: Channel::Online, .. } => 2,
        _ => 3,
    }
}

/// The whole state.
pub fn state(order: &Order<'_>, judged: &Judged) -> State {
    let view = view(order, judged, &order.everything());
    let mut state = State {
        status: view.status,
        disputed: sorted(view.disputed.iter().map(|at| order.id(*at))),
        unit: view.unit.clone(),
        missing: order.missing.clone(),
        ..State::default()
    };
    take_submission(order, &view, &mut state);
    walk_lineage(order, &view, &mut state);
    state.pinned = pinned(order, judged, &state);
    name_codes(order, judged, &view, &mut state);
    state.supplement_requests = (0..order.records.len())
        .filter(|at| judged.is_effective(*at) && matches!(order.act(*at), Act::Asked { .. }))
        .count();
    state.entries = (0..order.records.len())
        .map(|at| Entry {
            event: order.id(at),
            at: order.time(at),
            ineffective: judged.verdicts[at].or_else(|| outcome(judged, &view, at)),
        })
        .collect();
    state
}

/// What became of an act that was lawful when it was made.
fn outcome(judged: &Judged, view: &View, at: usize) -> Option<Ineffective> {
    let moved = judged.after[at].is_some();
    if !moved || view.lineage.contains(&at) {
        None
    } else if view.overtaken.contains(&at) {
        Some(Ineffective::Overtaken)
    } else if !view.disputed.is_empty() {
        Some(Ineffective::Disputed)
    } else {
        Some(Ineffective::DidNotStand)
    }
}

/// The channel and time of the first submission; of several that did not know of each other, the nearest channel and
/// the earliest time.
fn take_submission(order: &Order<'_>, view: &View, state: &mut State) {
    let is_submission = |at: &usize| matches!(order.act(*at), Act::Submitted { .. });
    let all: Vec<usize> = view.lineage.iter().copied().filter(is_submission).collect();
    let first: Vec<usize> =
        all.iter().copied().filter(|at| !all.iter().any(|earlier| order.ancestors[*at].contains(*earlier))).collect();
    state.submitted_at = first.iter().map(|at| order.time(*at)).min_by_key(|time| time.ms);
    let nearest = first.into_iter().min_by_key(|at| (nearness(order.act(*at)), *at));
    if let Some(Act::Submitted { channel, procedure, .. }) = nearest.map(|at| order.act(at)) {
        state.channel = Some(*channel);
        state.procedure = Some(procedure.clone());
    }
}

fn walk_lineage(order: &Order<'_>, view: &View, state: &mut State) {
    let mut status = None;
    for at in &view.lineage {
        let at = *at;
        let time = order.time(at);
        let body = order.body(at);
        if let (Act::Accepted { procedure_version, catalogue, case, code: _ }, None) = (&body.act, &state.acceptance) {
            state.acceptance = Some(Acceptance {
                event: order.id(at),
                heads: body.heads.clone(),
                at: time,
                procedure_version: procedure_version.clone(),
                catalogue: catalogue.clone(),
                case: case.clone(),
            });
        }
        let next = status_after(order, view, at, status);
        note_clock(state, status, next, time);
        status = next;
    }
}

/// The status that an act of the lineage led to.
fn status_after(order: &Order<'_>, view: &View, at: usize, before: Option<Status>) -> Option<Status> {
    let last = view.lineage.last() == Some(&at);
    let after = match order.act(at) {
        Act::Submitted { .. } => before.or(Some(Status::Registered)),
        Act::Accepted { .. } => Some(Status::Accepted),
        Act::Refused { .. } => Some(Status::Refused),
        Act::Asked { .. } => Some(Status::SupplementAsked),
        Act::Routed { .. } | Act::Corrected { .. } | Act::Paid { .. } => Some(Status::Processing),
        Act::PaymentAsked { .. } => Some(Status::PaymentAsked),
        Act::Decided { .. } => Some(Status::Decided),
        Act::Returned { .. } => Some(Status::Returned),
        Act::WithdrawalAsked { .. } => Some(Status::WithdrawalAsked),
        Act::Stopped { .. } => Some(Status::Stopped),
        // Back to where the pause began; which status that is matters only to the clock, which runs again.
        Act::Supplemented => Some(Status::Processing),
        Act::WithdrawalAnswered { granted, .. } => Some(if *granted { Status::Stopped } else { Status::Processing }),
        _ => before,
    };
    if last { view.status } else { after }
}

fn note_clock(state: &mut State, before: Option<Status>, after: Option<Status>, time: EventTime) {
    let (Some(after), true) = (after, state.acceptance.is_some()) else {
        if after.is_some_and(Status::is_end) {
            state.finished_at = Some(time);
        }
        return;
    };
    if before != Some(after) {
        if let Some(pause) = state.pauses.last_mut().filter(|pause| pause.until.is_none()) {
            pause.until = Some(time);
        }
        if after.is_pause() {
            state.pauses.push(Pause { from: time, until: None, status: after });
        }
    }
    match after {
        Status::Decided | Status::Refused | Status::Stopped => state.finished_at = Some(time),
        // The result was there before it was handed over.
        Status::Returned => {
            state.finished_at.get_or_insert(time);
        }
        _ => state.finished_at = None,
    }
}

/// The version that counts: the accepted one, or the latest adopted after it.
fn pinned(order: &Order<'_>, judged: &Judged, state: &State) -> Option<Vec<ChangeHash>> {
    let acceptance = state.acceptance.as_ref()?;
    let accepted_at = order.position(&acceptance.event)?;
    (0..order.records.len())
        .filter(|at| judged.is_effective(*at) && matches!(order.act(*at), Act::Adopted))
        .rfind(|at| order.ancestors[*at].contains(accepted_at))
        .map(|at| order.body(at).heads.clone())
        .or_else(|| Some(acceptance.heads.clone()))
}

fn name_codes(order: &Order<'_>, judged: &Judged, view: &View, state: &mut State) {
    let mut aliases = BTreeSet::new();
    let mut official = Vec::new();
    for at in 0..order.records.len() {
        match order.act(at) {
            Act::Submitted { provisional_code, .. } | Act::Collected { provisional_code, .. } => {
                aliases.insert(provisional_code.clone());
            }
            Act::Accepted { code: Some(code), .. } if judged.is_effective(at) => {
                official.push((view.lineage.contains(&at), order.id(at), code.clone()));
            }
            Act::CodeIssued { code, acceptance } if judged.is_effective(at) => {
                let stands = order.position(acceptance).is_some_and(|at| view.lineage.contains(&at));
                official.push((stands, *acceptance, code.clone()));
            }
            _ => {}
        }
    }
    state.code = official
        .iter()
        .filter(|(stands, ..)| *stands)
        .min_by_key(|(_, acceptance, code)| (*acceptance, code.clone()))
        .map(|(_, _, code)| code.clone());
    aliases.extend(official.into_iter().map(|(_, _, code)| code).filter(|code| Some(code) != state.code.as_ref()));
    aliases.remove("");
    state.aliases = aliases.into_iter().collect();
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items
}
