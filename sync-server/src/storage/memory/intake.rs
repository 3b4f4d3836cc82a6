//! Facts for a group and its commit.

use dossier::id::{ActorId, ChangeHash, DeviceId, DossierId};

use super::tables::{DossierTable, Tables};
use crate::storage::{
    ActorFacts, DossierFacts, DossierNeeds, Facts, Group, ItemKind, ItemRow, ItemState, Needs, Participant,
};

/// What may be there once.
#[derive(Debug, Clone, Copy)]
pub struct Unique {
    /// A hash within its dossier.
    pub items: bool,
    /// A number of an actor within its dossier.
    pub actors: bool,
}

fn facts_of(table: &DossierTable, needs: &DossierNeeds) -> DossierFacts {
    let mut facts = DossierFacts::default();
    for item in &table.items {
        match &item.kind {
            ItemKind::Text { .. } => facts.texts += 1,
            ItemKind::Event { .. } => facts.events += 1,
            ItemKind::Change { actor, seq, .. } => {
                facts.changes += 1;
                if needs.actors.contains(actor) {
                    note(&mut facts, *actor, *seq, item);
                }
            }
        }
    }
    let known = needs.hashes.iter().filter_map(|hash| Some((*hash, table.items.get(*table.by_hash.get(hash)?)?)));
    facts.known = known
        .map(|(hash, item)| match item.kind {
            ItemKind::Change { last_op, .. } => (hash, Some(last_op)),
            ItemKind::Text { .. } | ItemKind::Event { .. } => (hash, None),
        })
        .collect();
    facts
}

/// An actor belongs to whoever wrote its lowest number here; its head is the highest.
fn note(facts: &mut DossierFacts, actor: ActorId, seq: u64, item: &ItemRow) {
    let this = ActorFacts { device: item.author, seq, hash: ChangeHash(item.hash.0) };
    let known = facts.actors.entry(actor).or_insert_with(|| this.clone());
    if seq > known.seq {
        *known = ActorFacts { device: known.device, ..this };
    }
}

impl Tables {
    pub fn facts(&self, needs: &Needs) -> Facts {
        let mut facts = Facts::default();
        if let Some(row) = needs.device.as_ref().and_then(|device| self.devices.get(device)) {
            (facts.receipts, facts.last_receipt) = (row.receipts, row.last_receipt);
        }
        for (dossier, asked) in &needs.dossiers {
            if let Some(table) = self.dossiers.get(dossier) {
                facts.dossiers.insert(*dossier, facts_of(table, asked));
            }
        }
        facts
    }

    /// Answers `false`, having written nothing, if something of it was taken meanwhile.
    pub fn commit(&mut self, group: &Group, unique: Unique) -> bool {
        let device = DeviceId::of(&group.device);
        let receipts = self.devices.get(&device).map_or(0, |row| row.receipts);
        if group.receipt_number != receipts + 1 || self.is_taken(group, unique) {
            return false;
        }
        let row = self.seen(&group.device, group.now_ms);
        row.receipts = group.receipt_number;
        row.last_receipt = Some(group.receipt.hash());
        row.last_contact_ms = group.now_ms;
        self.receipts.entry(device).or_default().push((group.batch, group.receipt.clone()));
        for item in &group.items {
            self.dossiers.entry(item.dossier).or_default().place(item);
        }
        true
    }

    fn is_taken(&self, group: &Group, unique: Unique) -> bool {
        group.items.iter().enumerate().any(|(place, item)| {
            let before = group.items.iter().take(place).filter(|other| other.dossier == item.dossier);
            let held = self.dossiers.get(&item.dossier);
            let twice = unique.items
                && (held.is_some_and(|table| table.by_hash.contains_key(&item.hash))
                    || before.clone().any(|other| other.hash == item.hash));
            let same_place = |other: &ItemRow| match (&other.kind, &item.kind) {
                (
                    ItemKind::Change { actor: one, seq: of_one, .. },
                    ItemKind::Change { actor: other, seq: of_other, .. },
                ) => one == other && of_one == of_other,
                _ => false,
            };
            let forked = unique.actors
                && (held.is_some_and(|table| table.items.iter().any(same_place)) || before.clone().any(same_place));
            twice || forked
        })
    }

    pub fn awaiting(&self, limit: u32) -> Vec<DossierId> {
        let waiting = self.dossiers.iter().filter_map(|(dossier, table)| Some((table.awaiting_since_ms?, *dossier)));
        let mut waiting: Vec<(i64, DossierId)> = waiting.collect();
        waiting.sort_unstable();
        waiting.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        waiting.into_iter().map(|(_, dossier)| dossier).collect()
    }
}

impl DossierTable {
    fn place(&mut self, item: &ItemRow) {
        let position = u64::try_from(self.items.len()).unwrap_or(u64::MAX).saturating_add(1);
        if item.state == ItemState::Received && self.awaiting_since_ms.is_none() {
            self.awaiting_since_ms = Some(item.received.at_ms);
        }
        if self.participants.iter().all(|known| known.device != item.author) {
            self.participants.push(Participant { device: item.author, since_position: position });
        }
        self.by_hash.entry(item.hash).or_insert(self.items.len());
        self.items.push(ItemRow { position, ..item.clone() });
    }
}
