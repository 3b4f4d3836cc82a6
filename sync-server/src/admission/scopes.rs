//! Who gets to see a dossier: its scopes, from who took part and what its state is.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    certificate::{Certificate, Role},
    deadline::local,
    event::Act,
    id::{DeviceId, Digest},
    state::State,
    unit::Units,
};

use super::{
    outcome::counts,
    rebuild::{People, Rebuilt},
};
use crate::{
    access::device_scope,
    centre::{CENTRE_SCOPE, UNROUTED_SCOPE, scope_of_unit},
    storage::{DossierRecord, ItemState, ScopeRow},
};

/// The scopes a dossier belongs to from now on.
///
/// Everybody who took part before it was accepted sees it. Whoever joins an accepted dossier adds to it (nothing is
/// refused) but sees nothing of it, unless they are staff of its unit: knowing an id is no right to read a case file.
#[allow(clippy::too_many_arguments, reason = "one pure decision over everything that is known of the dossier")]
pub fn of(
    record: &DossierRecord,
    outcomes: &BTreeMap<Digest, ItemState>,
    rebuilt: &Rebuilt,
    state: &State,
    people: &People,
    units: &Units,
    centre: &DeviceId,
    now_ms: i64,
) -> BTreeSet<ScopeRow> {
    let today = local(now_ms).date();
    let scope = |unit: &str| scope_of_unit(units, unit, today);
    let handling: BTreeSet<String> = handling(rebuilt, state, people, centre, &scope);
    let accepted_at = state.acceptance.as_ref().and_then(|acceptance| {
        record.items.iter().find(|item| item.hash.0 == acceptance.event.0).map(|item| item.position)
    });
    let mut since: BTreeMap<DeviceId, u64> = BTreeMap::new();
    for item in record.items.iter().filter(|item| item.author != *centre && counts(item, outcomes)) {
        let first = since.entry(item.author).or_insert(item.position);
        *first = (*first).min(item.position);
    }
    let mut scopes: BTreeSet<ScopeRow> = BTreeSet::new();
    for (device, first) in since {
        let desk = desk(people.certificates(&device));
        let of_unit = desk.is_some_and(|certificate| handling.contains(&scope(&certificate.unit)));
        if of_unit || accepted_at.is_none_or(|accepted| first <= accepted) {
            scopes.insert(ScopeRow { scope: device_scope(&device), staff: of_unit });
        }
    }
    scopes.extend(handling.into_iter().map(|scope| ScopeRow { scope, staff: true }));
    if state.status.is_some() {
        scopes.insert(ScopeRow { scope: CENTRE_SCOPE.to_owned(), staff: true });
    }
    scopes
}

fn desk(certificates: &[Certificate]) -> Option<&Certificate> {
    certificates.last().filter(|certificate| matches!(certificate.role, Role::Officer | Role::Head))
}

/// The queues of units in which the dossier stands.
fn handling(
    rebuilt: &Rebuilt,
    state: &State,
    people: &People,
    centre: &DeviceId,
    scope: &dyn Fn(&str) -> String,
) -> BTreeSet<String> {
    if state.status.is_none() {
        // A draft: a branch sees what its own people collect; a citizen's draft is nobody else's.
        let staff = rebuilt.authors.values().map(|author| author.device);
        let staff = staff.chain(rebuilt.records.iter().map(|record| record.event.device()));
        return staff
            .filter(|device| device != centre)
            .filter_map(|device| people.certificates(&device).last())
            .filter(|certificate| matches!(certificate.role, Role::Postal | Role::Officer | Role::Head))
            .map(|certificate| scope(&certificate.unit))
            .filter(|scope| scope != UNROUTED_SCOPE)
            .collect();
    }
    let named = state.unit.clone().or_else(|| submitter_unit(rebuilt, state));
    BTreeSet::from([named.map_or_else(|| UNROUTED_SCOPE.to_owned(), |unit| scope(&unit))])
}

/// A submission without a unit goes to that of whoever submitted it, if they have one.
fn submitter_unit(rebuilt: &Rebuilt, state: &State) -> Option<String> {
    let effective = state.entries.iter().filter(|entry| entry.ineffective.is_none());
    let mut records =
        effective.filter_map(|entry| rebuilt.records.iter().find(|record| record.event.id() == entry.event));
    let submission = records.find(|record| matches!(record.event.body().act, Act::Submitted { .. }))?;
    submission.certificate.as_ref().map(|certificate| certificate.unit.clone())
}
