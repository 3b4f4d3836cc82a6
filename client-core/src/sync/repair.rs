//! Making good what a scope's digest says is missing, here or at the Centre.
//!
//! ```text
//! End ── own digest ≠ the told one ──▶ Phase::Compare ──▶ hello.repair.compare
//! Differences ─▶ what both hold differently, or only the Centre ──▶ Phase::Want ──▶ hello.repair.want
//!             ─▶ what only this device holds ──▶ its own items go to the outbox again; the rest is in doubt
//! Whole ──▶ merged like a feed; own items that the Centre did not name go to the outbox again
//! ```
//!
//! What is sent again takes the ordinary way, receipts and all. A difference that no exchange made smaller is settled: it
//! is remembered with both digests and asked about again only when either moved, so that it costs nothing for ever.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    envelope,
    event::EventBody,
    id::{BatchId, DeviceId, Digest, DossierId},
    wire::{
        FeedDossier, Whole,
        repair::{Differences, Doubt, Found, MAX_DOUBTS, Repair, Wants},
    },
};

use super::{CentreFault, SyncFault, receive::Reading};
use crate::{
    device::Device,
    ledger::{Put, Read, key, part},
    outbox::{ItemKey, OutboxKind},
    record::{
        ChangeRecord, CursorRecord, EventRecord, MembershipRecord, OutboxRecord, Settled, Standing, TextRecord, name_of,
    },
    store::{StoreFault, WriteBatch},
};

/// What is to be said of a scope whose digest differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// What this device holds, in brief.
    Compare,
    /// Which dossiers it is to be told.
    Want {
        /// What to ask for.
        wants: Wants,
        /// How both stood when this was found out.
        before: Settled,
    },
}

/// Repairs that are under way. It is forgotten when the device closes; then the digests tell it again.
#[derive(Debug, Default)]
pub(crate) struct Repairs {
    phases: BTreeMap<String, Phase>,
    /// Scopes whose digest is to be looked at.
    unverified: BTreeSet<String>,
    /// Dossiers whose own items went again.
    resent: BTreeSet<DossierId>,
    /// Whether everything was looked at since the device was opened.
    has_looked: bool,
}

impl Repairs {
    /// Whether an exchange is to follow.
    pub(super) fn is_open(&self) -> bool {
        !self.phases.is_empty()
    }

    /// A scope was told anew.
    pub(super) fn told(&mut self, scope: &str) {
        self.unverified.insert(scope.to_owned());
    }
}

impl Device {
    /// What the next request says of repairs.
    pub(super) fn repair_ask(&mut self, batch: &BatchId) -> Result<Option<Repair>, StoreFault> {
        if !self.repairs.has_looked {
            self.look_at_digests(true, None)?;
            self.repairs.has_looked = true;
        }
        let mut repair = Repair::default();
        for (scope, phase) in &self.repairs.phases {
            match phase {
                Phase::Compare => repair.compare.push(self.store.elements(scope)?.compare(scope, batch)),
                Phase::Want { wants, .. } => repair.want.push(wants.clone()),
            }
        }
        Ok((!repair.is_empty()).then_some(repair))
    }

    /// Compares digests: of scopes that were told anew or are being repaired, or of all. `answered` is what the request said
    /// of repairs whose answer was just read.
    fn look_at_digests(&mut self, all: bool, answered: Option<&Repair>) -> Result<(), StoreFault> {
        for (at, record) in self.store.records::<CursorRecord>(&[])? {
            let scope = record.scope.as_str();
            let is_new = self.repairs.unverified.remove(scope);
            let phase = self.repairs.phases.remove(scope);
            // In the middle of a feed nobody knows what ought to be here.
            let Some(told) = record.digest.filter(|_| all || is_new || phase.is_some()) else { continue };
            let now = Settled { told, own: self.store.elements(scope)?.digest().told() };
            let is_answered = answered.is_some_and(|repair| repair.want.iter().any(|wants| wants.scope == scope));
            // What goes again is not counted until its receipt is here, so digests may agree while doubts stand.
            let doubts = matches!(&phase, Some(Phase::Want { wants, .. }) if !is_answered && !wants.doubts.is_empty());
            if !doubts && (now.told == now.own || record.settled == Some(now)) {
                continue;
            }
            let next = match phase {
                Some(Phase::Want { before, .. }) if is_answered && before == now => {
                    self.settle(&at, record.clone(), now)?;
                    continue;
                }
                Some(Phase::Want { wants, before }) if !is_answered => Phase::Want { wants, before },
                Some(Phase::Want { .. } | Phase::Compare) | None => Phase::Compare,
            };
            self.repairs.phases.insert(record.scope, next);
        }
        if self.repairs.phases.is_empty() {
            self.repairs.resent.clear();
        }
        Ok(())
    }

    /// Nothing more can be done about this difference until something moves.
    fn settle(&mut self, at: &[u8], record: CursorRecord, now: Settled) -> Result<(), StoreFault> {
        let mut batch = WriteBatch::new();
        batch.record(at, &CursorRecord { settled: Some(now), ..record });
        self.store.commit(batch)
    }

    /// After an answer that was whole: scopes that it was to compare and did not are not this device's to read.
    pub(super) fn end_repairs(&mut self, reading: &mut Reading<'_>) -> Result<(), StoreFault> {
        if let Some(repair) = &reading.exchange.repair {
            for comparison in &repair.compare {
                if reading.compared.contains(&comparison.scope) {
                    continue;
                }
                let at = name_of(&comparison.scope);
                let record = self.store.record::<CursorRecord>(&at)?;
                if let Some((record, told)) = record.and_then(|record| record.digest.map(|told| (record, told))) {
                    let own = self.store.elements(&comparison.scope)?.digest().told();
                    self.settle(&at, record, Settled { told, own })?;
                }
                self.repairs.phases.remove(&comparison.scope);
            }
        }
        self.look_at_digests(false, reading.exchange.repair.as_ref())?;
        reading.outcome.repairing = self.repairs.is_open();
        Ok(())
    }

    pub(super) fn take_differences(&mut self, reading: &mut Reading<'_>, told: Differences) -> Result<(), SyncFault> {
        let asked = reading.exchange.repair.as_ref().map_or(&[][..], |repair| &repair.compare);
        if !asked.iter().any(|comparison| comparison.scope == told.scope && comparison.bits == told.bits) {
            return Err(CentreFault::Damaged("differences").into());
        }
        reading.compared.insert(told.scope.clone());
        reading.outcome.repair_bytes += envelope::encode(&told).len() as u64;
        let elements = self.store.elements(&told.scope)?;
        let found = elements.against(&told, &reading.exchange.batch);
        let Found { wanted, only_here } = found.map_err(|_| CentreFault::Damaged("differences"))?;
        let (mut batch, mut doubts, mut again) = (WriteBatch::new(), Vec::new(), BTreeSet::new());
        for dossier in only_here {
            let own = self.bringable(&dossier)?;
            let goes_again = !own.is_empty() && self.repairs.resent.insert(dossier);
            if goes_again {
                own.iter().for_each(|item| batch.record(&item.bytes(), &OutboxRecord::default()));
                again.insert(dossier);
            }
            // Of what never came in a scope the same request that brings it again may learn that it is in none.
            let is_doubtful = !goes_again || self.never_came(&dossier)?;
            if is_doubtful && doubts.len() < MAX_DOUBTS {
                doubts.extend(self.any_item(&dossier)?.map(|item| Doubt { dossier, item }));
            }
        }
        if !again.is_empty() {
            let cards = self.recounted(&again, &mut batch)?;
            self.commit(batch, cards)?;
        }
        let at = name_of(&told.scope);
        let record = self.store.record::<CursorRecord>(&at)?;
        let Some((record, digest)) = record.and_then(|record| record.digest.map(|digest| (record, digest))) else {
            return Ok(());
        };
        let before = Settled { told: digest, own: self.store.elements(&told.scope)?.digest().told() };
        if wanted.is_empty() && doubts.is_empty() && again.is_empty() {
            self.repairs.phases.remove(&told.scope);
            if before.told != before.own {
                self.settle(&at, record, before)?;
            }
        } else {
            let wants = Wants { scope: told.scope.clone(), bits: told.bits, ranges: wanted, doubts };
            self.repairs.phases.insert(told.scope, Phase::Want { wants, before });
        }
        reading.outcome.resent.extend(again.iter().copied());
        reading.outcome.repaired.extend(again);
        Ok(())
    }

    pub(super) fn take_whole(&mut self, reading: &mut Reading<'_>, mut whole: Whole) -> Result<(), SyncFault> {
        let asked = reading.exchange.repair.as_ref().map_or(&[][..], |repair| &repair.want);
        let Some(wants) = asked.iter().find(|wants| wants.scope == whole.scope).cloned() else {
            return Err(CentreFault::Damaged("dossiers that nobody asked for").into());
        };
        let doubted: BTreeSet<DossierId> = wants.doubts.iter().map(|doubt| doubt.dossier).collect();
        let named: BTreeSet<DossierId> = whole.dossiers.iter().map(|item| item.dossier).collect();
        let sound = whole.dossiers.iter().all(|item| item.enters == Some(!doubted.contains(&item.dossier)));
        if !sound {
            return Err(CentreFault::Damaged("whole dossiers").into());
        }
        // What never came in a scope cannot leave it: whoever adds to an accepted dossier keeps the copy that they wrote in.
        let mut apart = BTreeSet::new();
        for dossier in &doubted {
            if self.never_came(dossier)? {
                apart.insert(*dossier);
            }
        }
        whole.dossiers.retain(|item| !apart.contains(&item.dossier));
        self.store.set_apart(apart.iter().copied());
        reading.outcome.repaired.extend(whole.dossiers.iter().map(|item| item.dossier));
        self.take_dossiers(reading, &whole.scope, whole.dossiers, None, true)?;
        // Of what is left the Centre knows nothing: the copy may be the last one, and stays.
        let mut batch = WriteBatch::new();
        for dossier in doubted.difference(&named).filter(|dossier| !apart.contains(*dossier)) {
            batch.remove::<MembershipRecord>(&key(&[dossier.as_bytes(), &name_of(&whole.scope)]));
            reading.outcome.kept.push(*dossier);
        }
        if !batch.is_empty() {
            self.store.commit(batch)?;
        }
        Ok(())
    }

    /// Own items of a dossier that the Centre did not name, and that are not on their way.
    pub(super) fn lacking(&self, reading: &Reading<'_>, whole: &FeedDossier) -> Result<Vec<ItemKey>, SyncFault> {
        let dossier = &whole.dossier;
        let mut named: BTreeSet<[u8; 32]> =
            whole.texts.iter().map(|field| dossier::content::genesis::text(dossier, field).hash.0).collect();
        named.extend(
            whole.changes.iter().filter_map(|fed| dossier::content::chunk::scan(&fed.bytes).ok()).map(|c| c.hash.0),
        );
        named.extend(whole.events.iter().map(|fed| fed.event.id().0));
        let mut lacking = self.bringable(dossier)?;
        lacking.retain(|item| !named.contains(&item.hash) && !reading.exchange.items.contains(item));
        Ok(lacking)
    }

    /// Everything of a dossier that this device may bring: what it made, and what the Centre itself made, which it may have
    /// lost. Nothing if it made nothing: then somebody else brings the rest.
    fn bringable(&self, dossier: &DossierId) -> Result<Vec<ItemKey>, StoreFault> {
        let prefix = dossier.as_bytes();
        let item = |kind, at: &[u8]| Ok::<_, StoreFault>(ItemKey { dossier: *dossier, kind, hash: part(at, 16)? });
        let (mut items, mut made) = (Vec::new(), false);
        for at in self.store.keys::<TextRecord>(prefix)? {
            items.push(item(OutboxKind::Text, &at)?);
        }
        for (at, record) in self.store.records::<ChangeRecord>(prefix)? {
            if record.standing == Standing::Counts && record.author == self.id() {
                items.push(item(OutboxKind::Change, &at)?);
                made = true;
            }
        }
        for (at, record) in self.store.records::<EventRecord>(prefix)? {
            let body: EventBody = envelope::decode(&record.signed.0.body).map_err(|_| StoreFault::Damaged("event"))?;
            let (is_own, is_centres) = (body.author == self.key.public(), Some(body.author) == self.centre);
            if record.standing == Standing::Counts && (is_own || is_centres) {
                items.push(item(OutboxKind::Event, &at)?);
                made |= is_own;
            }
        }
        items.retain(|_| made);
        let unsent: BTreeSet<Vec<u8>> = self.store.keys::<OutboxRecord>(prefix)?.into_iter().collect();
        items.retain(|item| !unsent.contains(&item.bytes()));
        Ok(items)
    }

    /// Whether a dossier is here though the Centre told it in no scope.
    fn never_came(&self, dossier: &DossierId) -> Result<bool, StoreFault> {
        Ok(self.store.keys::<MembershipRecord>(dossier.as_bytes())?.is_empty())
    }

    /// The own scope, if the Centre never told how far it goes though it ought to hold something in it.
    pub(super) fn untold_scope(&mut self) -> Result<Option<String>, StoreFault> {
        let own = format!("device:{}", self.id());
        let is_told = self.store.record::<CursorRecord>(&name_of(&own))?.is_some();
        Ok(if is_told || self.store.elements(&own)?.is_empty() { None } else { Some(own) })
    }

    /// The hash of a change or event of a dossier.
    fn any_item(&self, dossier: &DossierId) -> Result<Option<Digest>, StoreFault> {
        let first = self.store.keys::<ChangeRecord>(dossier.as_bytes())?.into_iter().next();
        let first = match first {
            Some(change) => Some(change),
            None => self.store.keys::<EventRecord>(dossier.as_bytes())?.into_iter().next(),
        };
        first.map(|at| part(&at, 16).map(Digest)).transpose()
    }

    /// Whether an event is this device's own.
    pub(super) fn is_own(&self, body: &EventBody) -> bool {
        DeviceId::of(&body.author) == self.id()
    }
}

#[cfg(test)]
mod tests;
