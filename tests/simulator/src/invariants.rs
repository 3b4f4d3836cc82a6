//! What must hold at the end, each as a function of its own.

use std::collections::{BTreeMap, BTreeSet};

use client_core::{
    Space,
    record::{ChangeRecord, EventRecord, OutboxRecord, ProofRecord, Record, Standing},
};
use dossier::{
    envelope,
    event::SignedEvent,
    id::{DeviceId, DossierId},
};
use sync_server::{
    access::device_scope,
    admission::notices,
    centre::scope_of_unit,
    storage::{DossierRecord, ItemKind, ItemRow, ItemState, Storage},
};

use crate::{Failure, phone::Phone, server::at_once, world::World};

/// What the Centre holds at the end.
pub struct Held {
    /// Every dossier.
    pub records: BTreeMap<DossierId, DossierRecord>,
    /// What each device was told of what was kept aside.
    pub told: BTreeMap<DeviceId, BTreeSet<[u8; 32]>>,
    /// How many dossiers wait to be looked at.
    pub awaiting: usize,
}

impl World {
    /// Checks everything.
    pub fn judge(&mut self) -> Result<(), Failure> {
        self.trace.step();
        let held = self.held()?;
        self.nothing_acknowledged_is_lost(&held)?;
        self.nothing_promised_is_lost(&held)?;
        self.each_item_is_there_once(&held)?;
        self.nobody_writes_one_number_twice(&held)?;
        self.nothing_waits(&held)?;
        self.who_is_out_of_use_is_not_believed(&held)?;
        self.what_is_kept_aside_is_told(&held)?;
        self.what_was_refused_is_accounted_for(&held)?;
        self.everybody_sees_what_is_theirs(&held)?;
        self.replicas_are_equal(&held)?;
        self.chains_do_not_fork(&held)?;
        let mut sums: Vec<u8> = Vec::new();
        for (dossier, record) in &held.records {
            sums.extend_from_slice(&dossier.0);
            record.items.iter().for_each(|item| sums.extend_from_slice(&item.hash.0));
        }
        let hash = data(&dossier::id::sha256(&[&sums]));
        self.trace.note("end", format_args!("{} dossiers, {hash}", held.records.len()));
        Ok(())
    }

    fn held(&self) -> Result<Held, Failure> {
        // Also those that a device began without being told that it had.
        let known = self.dossiers.iter().chain(self.acknowledged.iter().map(|(dossier, _)| dossier));
        let dossiers: BTreeSet<DossierId> = known.copied().collect();
        let read = self.servers.calmly(|storage: &dyn Storage| {
            let mut records = BTreeMap::new();
            for dossier in &dossiers {
                if let Some(record) = at_once(storage.record(dossier))? {
                    records.insert(*dossier, record);
                }
            }
            let authors: BTreeSet<DeviceId> =
                records.values().flat_map(|record| record.items.iter().map(|item| item.author)).collect();
            let mut told = BTreeMap::new();
            for device in authors {
                let notices = at_once(notices::of(storage, &device))?;
                told.insert(device, notices.into_iter().map(|notice| notice.item.0).collect());
            }
            let counts = at_once(storage.counts())?;
            let awaiting = usize::try_from(counts.awaiting).unwrap_or(usize::MAX);
            Ok::<_, sync_server::storage::StorageFault>(Held { records, told, awaiting })
        });
        read.map_err(|fault| self.fail(format!("the database does not read back: {fault}")))
    }

    fn nothing_acknowledged_is_lost(&self, held: &Held) -> Result<(), Failure> {
        for (dossier, hash) in &self.acknowledged {
            if !has(held, dossier, hash) {
                return Err(self.fail(format!("{} of {dossier} was acknowledged and is lost", data(hash))));
            }
        }
        for phone in &self.phones {
            for (key, _) in phone.disk.records(ProofRecord::SPACE, &[]) {
                let Some((dossier, hash)) = item_of(&key) else { continue };
                // A proof outlives the copy of what it is of; then nobody can bring that to a Centre that lost it.
                let is_gone = self.centre_was_restored && !phone.brings(&dossier, &hash);
                if !has(held, &dossier, &hash) && !is_gone {
                    let name = &phone.name;
                    return Err(
                        self.fail(format!("{name} holds a proof of {} of {dossier}, which is lost", data(&hash)))
                    );
                }
            }
        }
        Ok(())
    }

    /// What a person was told is saved is at the Centre, or on the device with the reason why not.
    fn nothing_promised_is_lost(&self, held: &Held) -> Result<(), Failure> {
        for phone in &self.phones {
            for (dossier, event) in &phone.promises.acts {
                let kept = phone.disk.records(EventRecord::SPACE, &dossier.0);
                let here = kept.iter().find(|(key, _)| key.get(16..) == Some(event.as_bytes()));
                let replaced = here.and_then(|(_, value)| EventRecord::from_value(value).ok());
                let replaced = replaced.is_some_and(|record| record.standing == Standing::Superseded);
                if !has(held, dossier, &event.0) && !replaced && !is_refused(phone, dossier, &event.0) {
                    return Err(self.fail(format!("{} did {event} in {dossier}, which is lost", phone.name)));
                }
            }
            for ((dossier, field), text) in &phone.promises.cells {
                let at_centre = held
                    .records
                    .get(dossier)
                    .is_some_and(|record| record.items.iter().any(|item| contains(&item.bytes, text.as_bytes())));
                let refused = phone
                    .disk
                    .records(Space::Outbox, &dossier.0)
                    .iter()
                    .any(|(_, value)| OutboxRecord::from_value(value).is_ok_and(|entry| entry.refused.is_some()));
                if !at_centre && !refused {
                    let name = &phone.name;
                    return Err(self.fail(format!("{name} wrote {field}={text} in {dossier}, which is lost")));
                }
            }
        }
        Ok(())
    }

    fn each_item_is_there_once(&self, held: &Held) -> Result<(), Failure> {
        for (dossier, record) in &held.records {
            let mut seen = BTreeSet::new();
            for item in &record.items {
                if !seen.insert(item.hash) {
                    return Err(self.fail(format!("{} of {dossier} is there twice", data(&item.hash.0))));
                }
            }
        }
        Ok(())
    }

    fn nobody_writes_one_number_twice(&self, held: &Held) -> Result<(), Failure> {
        for (dossier, record) in &held.records {
            let mut seen = BTreeSet::new();
            for item in &record.items {
                if let ItemKind::Change { actor, seq, .. } = &item.kind
                    && !seen.insert((*actor, *seq))
                {
                    return Err(self.fail(format!("actor {actor} wrote {seq} of {dossier} twice")));
                }
            }
        }
        Ok(())
    }

    fn nothing_waits(&self, held: &Held) -> Result<(), Failure> {
        if held.awaiting > 0 {
            return Err(self.fail(format!("{} items were never looked at", held.awaiting)));
        }
        Ok(())
    }

    fn who_is_out_of_use_is_not_believed(&self, held: &Held) -> Result<(), Failure> {
        for phone in self.phones.iter().filter(|phone| phone.is_revoked) {
            let row = self.servers.calmly(|storage| at_once(storage.devices(&[phone.id])));
            let row = row.map_err(|fault| self.fail(fault.to_string()))?.pop();
            let Some(revocation) = row.and_then(|row| row.revocation) else {
                return Err(self.fail(format!("{} is in use again", phone.name)));
            };
            let later = |item: &&ItemRow| {
                item.author == phone.id
                    && item.received.at_ms > revocation.at_ms
                    && item.state == ItemState::Admitted
                    && !matches!(item.kind, ItemKind::Text { .. })
            };
            if let Some(item) = held.records.values().flat_map(|record| &record.items).find(later) {
                let hash = data(&item.hash.0);
                return Err(self.fail(format!("{} was taken out of use, and {hash} was believed", phone.name)));
            }
        }
        Ok(())
    }

    fn what_is_kept_aside_is_told(&self, held: &Held) -> Result<(), Failure> {
        for item in held.records.values().flat_map(|record| &record.items) {
            let aside = matches!(item.state, ItemState::Quarantined | ItemState::Revoked);
            let told = held.told.get(&item.author).is_some_and(|told| told.contains(&item.hash.0));
            if aside && !told {
                return Err(self.fail(format!("{} was kept aside and nobody told", data(&item.hash.0))));
            }
        }
        Ok(())
    }

    /// Whatever was refused is held by now, was made anew, or waits on its device with the reason.
    fn what_was_refused_is_accounted_for(&self, held: &Held) -> Result<(), Failure> {
        for (device, item, code) in &self.refused {
            let Some((dossier, hash)) = item else { continue };
            let mut lives = self.phones.iter().filter(|phone| phone.id == *device && !phone.has_double).peekable();
            if lives.peek().is_none() || has(held, dossier, hash) {
                continue;
            }
            for phone in lives {
                if !is_refused(phone, dossier, hash) && !is_superseded(phone, dossier, hash) {
                    let (name, hash) = (&phone.name, data(hash));
                    return Err(self.fail(format!("{name} was refused {hash} ({code}) and forgot it")));
                }
            }
        }
        Ok(())
    }

    /// Nobody holds an internal note who is not staff, nor a dossier that was never theirs.
    fn everybody_sees_what_is_theirs(&self, held: &Held) -> Result<(), Failure> {
        for phone in &self.phones {
            for (key, _) in phone.disk.records(EventRecord::SPACE, &[]) {
                let Some(dossier) = key.get(..16).and_then(|id| id.try_into().ok().map(DossierId)) else { continue };
                let items = held.records.get(&dossier).map_or(&[][..], |record| &record.items);
                let item = items.iter().find(|item| Some(item.hash.as_bytes()) == key.get(16..));
                let Some(item) = item else { continue };
                let internal = matches!(item.kind, ItemKind::Event { staff_only: true, .. });
                if internal && !phone.is_desk && item.author != phone.id {
                    return Err(self.fail(format!("{} sees an internal note of {dossier}", phone.name)));
                }
            }
            let dossiers = phone.disk.records(Space::Dossiers, &[]);
            for dossier in dossiers.iter().filter_map(|(key, _)| key.as_slice().try_into().ok().map(DossierId)) {
                // A device whose power failed as it began a dossier has it without its person's knowing.
                let made =
                    held.records.get(&dossier).is_some_and(|of| of.items.iter().any(|item| item.author == phone.id));
                let told = !phone.disk.records(Space::Memberships, &dossier.0).is_empty();
                let theirs = self.phones.iter().any(|of| of.id == phone.id && of.touched.contains(&dossier));
                if told && !phone.is_desk && !theirs && !made {
                    return Err(self.fail(format!("{} sees {dossier}, which was never theirs", phone.name)));
                }
            }
        }
        Ok(())
    }

    /// Every device holds exactly what was admitted of each dossier in its scopes.
    fn replicas_are_equal(&self, held: &Held) -> Result<(), Failure> {
        let today = dossier::deadline::local(self.now_ms).date();
        let units = dossier::catalogue::Catalogue::shipped().units();
        for phone in self.phones.iter().filter(|phone| !phone.is_revoked) {
            let own = device_scope(&phone.id);
            let desk = phone.unit.filter(|_| phone.is_desk).map(|unit| scope_of_unit(units, unit, today));
            for (dossier, record) in &held.records {
                let scopes = record.scopes.iter().filter(|row| row.scope == own || Some(&row.scope) == desk.as_ref());
                let scopes: Vec<_> = scopes.collect();
                if scopes.is_empty() {
                    continue;
                }
                let staff = scopes.iter().any(|row| row.staff);
                self.is_equal(phone, dossier, record, staff)?;
            }
        }
        Ok(())
    }

    fn is_equal(&self, phone: &Phone, dossier: &DossierId, record: &DossierRecord, staff: bool) -> Result<(), Failure> {
        let (mut expected, mut aside) = (BTreeSet::new(), BTreeSet::new());
        for item in &record.items {
            let shown = match item.kind {
                ItemKind::Text { .. } => continue,
                ItemKind::Change { .. } => true,
                ItemKind::Event { staff_only, .. } => staff || !staff_only || item.author == phone.id,
            };
            match item.state {
                ItemState::Admitted if shown => _ = expected.insert(item.hash.0),
                _ => _ = aside.insert(item.hash.0),
            }
        }
        let here = counting(phone, dossier);
        if let Some(hash) = expected.iter().find(|hash| !here.contains(*hash)) {
            return Err(self.fail(format!("{} lacks {} of {dossier}", phone.name, data(hash))));
        }
        // What somebody else made and the Centre lost stays where it is until they bring it, if ever they do.
        let is_lost =
            |hash: &[u8; 32]| self.centre_was_restored && !self.phones.iter().any(|of| of.brings(dossier, hash));
        let unknown = |hash: &&[u8; 32]| {
            let is_known = expected.contains(*hash) || aside.contains(*hash) || is_refused(phone, dossier, hash);
            !is_known && !is_lost(hash)
        };
        if let Some(hash) = here.iter().find(unknown) {
            return Err(self.fail(format!("{} alone has {} of {dossier}", phone.name, data(hash))));
        }
        Ok(())
    }

    /// A device that has no double numbers its events without a fork.
    fn chains_do_not_fork(&self, held: &Held) -> Result<(), Failure> {
        let doubles: BTreeSet<DeviceId> =
            self.phones.iter().filter(|phone| phone.has_double).map(|phone| phone.id).collect();
        let known: BTreeSet<DeviceId> = self.phones.iter().map(|phone| phone.id).collect();
        let mut seen: BTreeMap<(DeviceId, u64), [u8; 32]> = BTreeMap::new();
        for (dossier, record) in &held.records {
            for item in
                record.items.iter().filter(|item| known.contains(&item.author) && !doubles.contains(&item.author))
            {
                let ItemKind::Event { counter, .. } = item.kind else { continue };
                let sound =
                    envelope::decode::<SignedEvent>(&item.bytes).ok().and_then(|event| event.verify(dossier).ok());
                if sound.is_none() {
                    return Err(self.fail(format!("event {} of {dossier} is not sound", data(&item.hash.0))));
                }
                let first = *seen.entry((item.author, counter)).or_insert(item.hash.0);
                if first != item.hash.0 {
                    return Err(self.fail(format!("device {} has two events with number {counter}", item.author)));
                }
            }
        }
        Ok(())
    }
}

fn has(held: &Held, dossier: &DossierId, hash: &[u8; 32]) -> bool {
    held.records.get(dossier).is_some_and(|record| record.items.iter().any(|item| item.hash.0 == *hash))
}

fn item_of(key: &[u8]) -> Option<(DossierId, [u8; 32])> {
    Some((DossierId(key.get(..16)?.try_into().ok()?), key.get(17..)?.try_into().ok()?))
}

fn is_refused(phone: &Phone, dossier: &DossierId, hash: &[u8; 32]) -> bool {
    let entries = phone.disk.records(Space::Outbox, &dossier.0);
    let mut entries = entries.iter().filter(|(key, _)| key.get(17..) == Some(hash));
    entries.any(|(_, value)| OutboxRecord::from_value(value).is_ok_and(|entry| entry.refused.is_some()))
}

fn is_superseded(phone: &Phone, dossier: &DossierId, hash: &[u8; 32]) -> bool {
    let at = |space| {
        let records = phone.disk.records(space, &dossier.0);
        records.into_iter().find(|(key, _)| key.get(16..) == Some(hash)).map(|(_, value)| value)
    };
    let change = at(Space::Changes).and_then(|value| ChangeRecord::from_value(&value).ok());
    let event = at(Space::Events).and_then(|value| EventRecord::from_value(&value).ok());
    change.is_some_and(|record| record.standing == Standing::Superseded)
        || event.is_some_and(|record| record.standing == Standing::Superseded)
}

/// Changes and events that count on a device.
fn counting(phone: &Phone, dossier: &DossierId) -> BTreeSet<[u8; 32]> {
    let hash = |key: &[u8]| key.get(16..).and_then(|hash| hash.try_into().ok());
    let changes = phone.disk.records(Space::Changes, &dossier.0).into_iter().filter_map(|(key, value)| {
        let record = ChangeRecord::from_value(&value).ok()?;
        (record.standing == Standing::Counts).then(|| hash(&key)).flatten()
    });
    let events = phone.disk.records(Space::Events, &dossier.0).into_iter().filter_map(|(key, value)| {
        let record = EventRecord::from_value(&value).ok()?;
        (record.standing == Standing::Counts).then(|| hash(&key)).flatten()
    });
    changes.chain(events).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn data(hash: &[u8; 32]) -> String {
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
