//! What admission makes of a dossier: pure, from its record to what is to be written.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use dossier::{
    catalogue::Catalogue,
    event::{Act, Audience},
    fault::Code,
    id::{DeviceId, Digest, DossierId},
    state::{self, State},
    view::{self, DossierView},
    wire::{Notice, limits},
};

use super::{
    codes::CodeWanted,
    rebuild::{Include, People, Rebuilt},
    scopes,
};
use crate::storage::{Admission, DossierRecord, ItemKind, ItemState, Projection};

/// The longest code or unit that a list shows; lawful ones have at most 62 characters.
const MAX_LISTED_CHARS: usize = 96;

/// What is to be done.
#[derive(Debug)]
pub struct Outcome {
    /// What to write.
    pub admission: Admission,
    /// What to tell the authors of items kept aside.
    pub notices: BTreeMap<DeviceId, Vec<Notice>>,
    /// An acceptance stands that has no code; the Centre gives one first.
    pub code_wanted: Option<CodeWanted>,
}

/// Looks at a dossier. `None` if even what was admitted before cannot be composed.
///
/// If the rules themselves panic on what is new, all of it is kept aside: the dossier as it was stands.
#[must_use]
pub fn of(
    dossier: DossierId,
    record: &DossierRecord,
    people: &People,
    catalogue: &Catalogue,
    centre: &DeviceId,
    now_ms: i64,
) -> Option<Outcome> {
    [Include::Waiting, Include::Admitted].into_iter().find_map(|include| {
        let look = || look(dossier, record, people, catalogue, centre, now_ms, include);
        catch_unwind(AssertUnwindSafe(look)).ok()
    })
}

fn look(
    dossier: DossierId,
    record: &DossierRecord,
    people: &People,
    catalogue: &Catalogue,
    centre: &DeviceId,
    now_ms: i64,
    include: Include,
) -> Outcome {
    let rebuilt = Rebuilt::of(dossier, record, people, include);
    let state = state::fold(&rebuilt.records, catalogue);
    let view = view::compose_with(&rebuilt.sources(&record.arrived, catalogue), &state);
    let outcomes = outcomes(record, &rebuilt, include);
    let notices = notices(record, &outcomes);
    let code_wanted = code_wanted(&rebuilt, &state, centre);
    let scopes = scopes::of(record, &outcomes, &rebuilt, &state, people, catalogue.units(), centre, now_ms);
    let codes = state.aliases.iter().chain(&state.code).map(|code| plain(code)).collect();
    let blobs = view.components.iter().flat_map(|component| &component.files);
    let blobs = blobs.take(limits::MAX_BLOBS_PER_DOSSIER).map(|file| (file.blob, file.bytes)).collect();
    let admission = Admission {
        dossier,
        upto: record.items.iter().map(|item| item.position).max().unwrap_or(0),
        outcomes,
        scopes,
        blobs,
        projection: projection(dossier, record, &state, &view),
        codes,
    };
    Outcome { admission, notices, code_wanted }
}

fn outcomes(record: &DossierRecord, rebuilt: &Rebuilt, include: Include) -> BTreeMap<Digest, ItemState> {
    let waiting = record.items.iter().filter(|item| item.state == ItemState::Received);
    waiting
        .map(|item| {
            let well = include == Include::Waiting && !rebuilt.failed.contains(&item.hash);
            (item.hash, if well { ItemState::Admitted } else { ItemState::Quarantined })
        })
        .collect()
}

fn notices(record: &DossierRecord, outcomes: &BTreeMap<Digest, ItemState>) -> BTreeMap<DeviceId, Vec<Notice>> {
    let mut notices: BTreeMap<DeviceId, Vec<Notice>> = BTreeMap::new();
    for item in &record.items {
        if outcomes.get(&item.hash) == Some(&ItemState::Quarantined) {
            let code = Code::Quarantined.as_str().to_owned();
            notices.entry(item.author).or_default().push(Notice { dossier: item.dossier, item: item.hash, code });
        }
    }
    notices
}

/// The acceptance that stands, if nobody gave it a code and the Centre has not done so yet.
fn code_wanted(rebuilt: &Rebuilt, state: &State, centre: &DeviceId) -> Option<CodeWanted> {
    let acceptance = state.acceptance.as_ref().filter(|_| state.code.is_none())?;
    let issued = rebuilt.records.iter().any(|record| {
        record.event.device() == *centre
            && matches!(&record.event.body().act, Act::CodeIssued { acceptance: of, .. } if *of == acceptance.event)
    });
    let accepted = rebuilt.records.iter().find(|record| record.event.id() == acceptance.event)?;
    let unit = state.unit.clone().or_else(|| accepted.event.body().acting.as_ref().map(|acting| acting.unit.clone()));
    (!issued).then(|| CodeWanted {
        dossier: rebuilt.dossier,
        acceptance: acceptance.event,
        at_ms: acceptance.at.ms,
        unit,
        heads: acceptance.heads.clone(),
        seen: State::frontier(&rebuilt.records, Audience::Parties),
    })
}

fn projection(dossier: DossierId, record: &DossierRecord, state: &State, view: &DossierView) -> Projection {
    Projection {
        dossier,
        code: state.code.as_deref().map(plain),
        provisional_code: view.provisional_code.as_deref().map(plain),
        procedure: view.procedure.as_deref().map(plain),
        status: state.status.map(|status| status.code()),
        unit: state.unit.as_deref().map(plain),
        channel: state.channel.map(|channel| channel.code()),
        submitted_ms: state.submitted_at.map(|at| at.ms),
        accepted_ms: state.acceptance.as_ref().map(|acceptance| acceptance.at.ms),
        due_at: view.due_at.clone(),
        conflicts: u32::try_from(view.conflicts.len()).unwrap_or(u32::MAX),
        disputed: !state.disputed.is_empty(),
        pending_amendment: view.pending_amendment.is_some(),
        updated_ms: record.items.iter().map(|item| item.received.at_ms).max().unwrap_or(0),
    }
}

/// What devices wrote, as lists can show it: no database takes every character, and no list shows a novel.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_LISTED_CHARS).collect()
}

/// Whether an item counts as taking part: kept-aside items give nobody a view of a dossier.
pub(super) fn counts(item: &crate::storage::ItemRow, outcomes: &BTreeMap<Digest, ItemState>) -> bool {
    let state = outcomes.get(&item.hash).copied().unwrap_or(item.state);
    // A text alone says nothing and proves nothing.
    state == ItemState::Admitted && !matches!(item.kind, ItemKind::Text { .. })
}
