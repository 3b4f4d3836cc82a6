//! Admission and the arrival of attachments: what appends to feeds.

use std::collections::BTreeSet;

use dossier::id::{BlobId, DossierId};

use super::tables::Tables;
use crate::storage::{
    Admission, BlobRow, ItemKind, ItemRow, ItemState, ScopeRow, StorageFault,
    columns::plain,
    plan::{Admitted, Appended, Entry, Feeds, Moves, News},
};

/// How faithfully.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// Rows stand in the order of the devices' clocks.
    pub by_device_clock: bool,
    /// Every scope counts as one of staff.
    pub staff_everywhere: bool,
}

impl Tables {
    pub fn admit_all(&mut self, admissions: &[Admission], how: How) -> (Vec<bool>, BTreeSet<String>) {
        let mut feeds = Feeds::default();
        let mut answers = Vec::with_capacity(admissions.len());
        for admission in admissions {
            let last = self.dossiers.get(&admission.dossier).map(|table| table.items.len());
            let current = last.is_some_and(|last| u64::try_from(last).is_ok_and(|last| last <= admission.upto));
            if current {
                self.admit(admission, how, &mut feeds);
            }
            answers.push(current);
        }
        (answers, self.append(feeds, how.by_device_clock))
    }

    fn admit(&mut self, admission: &Admission, how: How, feeds: &mut Feeds) {
        let Some(table) = self.dossiers.get_mut(&admission.dossier) else { return };
        let place = |position: u64| i64::try_from(position).unwrap_or(i64::MAX);
        let admitted = |item: &ItemRow| Admitted {
            position: place(item.position),
            staff_only: matches!(item.kind, ItemKind::Event { staff_only: true, .. }),
            author: item.author,
            hash: item.hash.0,
        };
        let mut fresh = Vec::new();
        for item in table.items.iter_mut().filter(|item| item.state != ItemState::Admitted) {
            let Some(state) = admission.outcomes.get(&item.hash) else { continue };
            item.state = *state;
            if *state == ItemState::Admitted {
                fresh.push(admitted(item));
            }
        }
        let now: Vec<ScopeRow> =
            table.scopes.iter().map(|(scope, staff)| ScopeRow { scope: scope.clone(), staff: *staff }).collect();
        let wanted = admission.scopes.iter().cloned();
        let wanted = wanted.map(|row| ScopeRow { staff: row.staff || how.staff_everywhere, ..row }).collect();
        let moves = Moves::between(&now, &wanted);
        let all: Vec<Admitted> =
            table.items.iter().filter(|item| item.state == ItemState::Admitted).map(admitted).collect();
        let arrived = table.blobs.values().filter(|blob| blob.arrived_ms.is_some());
        let arrived: Vec<Vec<u8>> = arrived.map(|blob| blob.blob.0.to_vec()).collect();
        let (dossier, before) = (&admission.dossier, table.held);
        table.held = feeds.admit(News { dossier, moves: &moves, fresh: &fresh, all: &all, arrived: &arrived, before });
        moves.leaves.iter().for_each(|scope| _ = table.scopes.remove(scope));
        table.scopes.extend(moves.enters);
        table.blobs.retain(|blob, row| row.arrived_ms.is_some() || admission.blobs.contains_key(blob));
        for (blob, size_bytes) in &admission.blobs {
            let named = BlobRow { dossier: admission.dossier, blob: *blob, size_bytes: *size_bytes, arrived_ms: None };
            let row = table.blobs.entry(*blob).or_insert(named);
            if row.arrived_ms.is_none() {
                row.size_bytes = *size_bytes;
            }
        }
        let text = |text: &Option<String>| text.as_deref().map(|text| plain(text).into_owned());
        let projection = &admission.projection;
        table.projection = Some(crate::storage::Projection {
            code: text(&projection.code),
            provisional_code: text(&projection.provisional_code),
            procedure: text(&projection.procedure),
            unit: text(&projection.unit),
            due_at: text(&projection.due_at),
            ..projection.clone()
        });
        let waiting = table.items.iter().filter(|item| item.state == ItemState::Received);
        table.awaiting_since_ms = waiting.map(|item| item.received.at_ms).min();
        for code in &admission.codes {
            self.codes.entry(plain(code).into_owned()).or_insert(admission.dossier);
        }
    }

    pub fn blob_arrived(
        &mut self,
        dossier: &DossierId,
        blob: &BlobId,
        size_bytes: u64,
        now_ms: i64,
    ) -> Result<BTreeSet<String>, StorageFault> {
        let table = self.dossiers.get_mut(dossier).ok_or(StorageFault::Damaged("dossier"))?;
        let named = BlobRow { dossier: *dossier, blob: *blob, size_bytes, arrived_ms: None };
        let row = table.blobs.entry(*blob).or_insert(named);
        if row.arrived_ms.is_some() {
            return Ok(BTreeSet::new());
        }
        (row.size_bytes, row.arrived_ms) = (size_bytes, Some(now_ms));
        let scopes: Vec<String> = table.scopes.keys().cloned().collect();
        let mut feeds = Feeds::default();
        feeds.blob(&dossier.0, &scopes, &blob.0);
        Ok(self.append(feeds, false))
    }

    fn append(&mut self, feeds: Feeds, by_device_clock: bool) -> BTreeSet<String> {
        let mut scopes = BTreeSet::new();
        for (scope, Appended { rows, digest }) in feeds.0 {
            let counted = self.digests.entry(scope.clone()).or_default();
            *counted = counted.plus(digest);
            for row in rows {
                let at = if by_device_clock { self.place_by_clock(&scope, &row) } else { usize::MAX };
                let feed = self.feeds.entry(scope.clone()).or_default();
                feed.insert(at.min(feed.len()), row);
            }
            scopes.insert(scope);
        }
        scopes
    }

    /// Before the first row whose device thought that it was later.
    fn place_by_clock(&self, scope: &str, row: &Entry) -> usize {
        let clock = |row: &Entry| {
            let table = self.dossiers.get(&DossierId(row.dossier.as_slice().try_into().ok()?))?;
            let item = table.items.get(usize::try_from(row.position?).ok()?.checked_sub(1)?)?;
            Some(item.received.at_ms.saturating_sub(item.received.clock_offset_ms))
        };
        let Some(own) = clock(row) else { return usize::MAX };
        let later = |other: &Entry| clock(other).is_some_and(|other| other > own);
        self.feeds.get(scope).and_then(|feed| feed.iter().position(later)).unwrap_or(usize::MAX)
    }
}
