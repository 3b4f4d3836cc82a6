//! Taking in a stretch of a scope's feed: one commit, with the cursor in it.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    content::{
        ContentFault,
        chunk::{self, Scanned},
    },
    event::Event,
    id::{ChangeHash, DeviceId, DossierId},
    state::{Received, Recorded},
    wire::{Feed, FeedDossier, ScopeCursor, limits},
};

use super::{CentreFault, SyncFault, receive::Reading};
use crate::{
    card::Card,
    chain::Chain,
    device::Device,
    ledger::{Put, Read, key, part},
    record::{
        ActorRecord, BlobRecord, ChangeRecord, CursorRecord, DossierRecord, EventRecord, FileRecord, JournalRecord,
        MembershipRecord, NoticeRecord, OutboxRecord, ProofRecord, Record, Standing, TextRecord, UploadRecord,
        WriterRecord, name_of,
    },
    shelf::Folder,
    store::{StoreFault, WriteBatch},
};

/// A change of the feed that passed the scan.
struct Incoming {
    change: Scanned,
    author: DeviceId,
    received: Received,
}

/// What one stretch of feed leads to.
#[derive(Default)]
struct Effects {
    batch: WriteBatch,
    cards: Vec<Card>,
    removed: Vec<DossierId>,
    kept: Vec<DossierId>,
    received: usize,
    skipped: usize,
    links: Vec<(u64, Event)>,
}

impl Device {
    pub(super) fn take_feed(&mut self, reading: &mut Reading<'_>, feed: Feed) -> Result<(), SyncFault> {
        let Feed { cursor: ScopeCursor { scope, cursor }, dossiers, digest } = feed;
        let before = self.store.record::<CursorRecord>(&name_of(&scope))?;
        let asked_nothing = reading.exchange.items.is_empty() && reading.exchange.repair.is_none();
        let settled = if scope.starts_with("device:") && dossiers.is_empty() && asked_nothing {
            // Nothing to tell, and still another cursor: so speaks a Centre that was put back.
            self.store.ask_again();
            None
        } else {
            before.and_then(|before| before.settled)
        };
        self.repairs.told(&scope);
        let cursor = CursorRecord { scope: scope.clone(), cursor, digest, settled };
        self.take_dossiers(reading, &scope, dossiers, Some(cursor), false)
    }

    /// Takes in dossiers of a scope in one commit, with the cursor if there is one. If they are `whole`, own items that are
    /// not among them go again: the Centre does not have them.
    pub(super) fn take_dossiers(
        &mut self,
        reading: &mut Reading<'_>,
        name: &str,
        dossiers: Vec<FeedDossier>,
        cursor: Option<CursorRecord>,
        whole: bool,
    ) -> Result<(), SyncFault> {
        let scope = name_of(name);
        let mut seen = BTreeSet::new();
        if !dossiers.iter().all(|item| seen.insert(item.dossier)) {
            return Err(CentreFault::Damaged("a dossier twice in one feed").into());
        }
        // An actor that two devices share shows when the other's change comes in: the own work gives way first.
        for item in &dossiers {
            let forked = self.forked_by(item)?;
            if !forked.is_empty() && self.write_again(&item.dossier, &forked)? {
                reading.outcome.rewritten.push(item.dossier);
            }
        }
        let mut effects = Effects::default();
        for item in dossiers {
            let dossier = item.dossier;
            if item.enters == Some(false) {
                self.leave(&dossier, &scope, &mut effects)?;
                continue;
            }
            let mut own = WriteBatch::new();
            let member = MembershipRecord { scope: name.to_owned() };
            own.record(&key(&[dossier.as_bytes(), &scope]), &member);
            if whole {
                let lacking = self.lacking(reading, &item)?;
                lacking.iter().for_each(|item| own.record(&item.bytes(), &OutboxRecord::default()));
                reading.outcome.resent.extend((!lacking.is_empty()).then_some(dossier));
            }
            self.merge(item, &reading.directory, &mut own, &mut effects)?;
            effects.batch.append(own);
            reading.touched.insert(dossier);
        }
        if let Some(cursor) = cursor {
            effects.batch.record(&scope, &cursor);
        }
        self.commit(effects.batch, effects.cards)?;
        for (counter, event) in effects.links {
            self.chain.follow(counter, event.id(), code_of(&event));
        }
        if let Some(index) = &mut self.index {
            effects.removed.iter().for_each(|dossier| index.forget(dossier));
        }
        reading.outcome.received += effects.received;
        reading.outcome.skipped += effects.skipped;
        reading.outcome.removed.extend(effects.removed);
        reading.outcome.kept.extend(effects.kept);
        Ok(())
    }

    /// Merges what is new about one dossier; own typing is sealed first, so that a conflict shows as one.
    fn merge(
        &mut self,
        item: FeedDossier,
        directory: &[dossier::wire::DeviceEntry],
        batch: &mut WriteBatch,
        effects: &mut Effects,
    ) -> Result<(), SyncFault> {
        let dossier = item.dossier;
        let record = self.store.record::<DossierRecord>(dossier.as_bytes())?;
        let record = record.unwrap_or(DossierRecord { provisional_code: None, has_waiting: false, touched_ms: 0 });
        let mut folder = self.folder_of(&dossier, record)?;
        if !item.changes.is_empty() {
            self.seal(&mut folder, batch)?;
        }
        let mut incoming = Vec::new();
        for fed in item.changes {
            let author = directory.get(fed.author as usize).map(dossier::wire::DeviceEntry::device);
            match (chunk::scan(&fed.bytes), author) {
                (Ok(change), Some(author)) => incoming.push(Incoming { change, author, received: fed.received }),
                _ => effects.skipped += 1,
            }
        }
        self.merge_texts(&mut folder, &item.texts, batch, effects)?;
        self.merge_changes(&mut folder, incoming, batch, effects)?;
        let records = self.merge_events(&dossier, item.events, batch, effects)?;
        self.take_up_files(&folder, batch)?;
        for arrived in item.blobs {
            let at = Self::dossier_key(&dossier, arrived.blob.as_bytes());
            let ours = self.store.record::<FileRecord>(&at)?.is_some_and(|file| file.ours);
            batch.record(&at, &FileRecord { arrived: true, ours });
        }
        let card = self.put_back(&mut folder, &records, batch)?;
        effects.cards.push(card);
        Ok(())
    }

    fn merge_texts(
        &self,
        folder: &mut Folder,
        fields: &[String],
        batch: &mut WriteBatch,
        effects: &mut Effects,
    ) -> Result<(), SyncFault> {
        let mut known = self.store.keys::<TextRecord>(folder.dossier.as_bytes())?.len();
        for field in fields {
            let sound = dossier::content::ContentPath::new(dossier::content::Root::Texts, field.as_str()).is_ok();
            let hash = dossier::content::genesis::text(&folder.dossier, field).hash;
            if folder.content.contains(&hash) {
                continue;
            }
            if !sound || known >= limits::MAX_TEXTS_PER_DOSSIER {
                effects.skipped += 1;
                continue;
            }
            folder.content.make_texts([field.as_str()]);
            known += 1;
            let record = TextRecord { field: field.clone() };
            batch.record(&key(&[folder.dossier.as_bytes(), hash.as_bytes()]), &record);
        }
        Ok(())
    }

    fn merge_changes(
        &self,
        folder: &mut Folder,
        incoming: Vec<Incoming>,
        batch: &mut WriteBatch,
        effects: &mut Effects,
    ) -> Result<(), SyncFault> {
        let mut fresh: Vec<Incoming> = Vec::new();
        for new in incoming {
            let at = key(&[folder.dossier.as_bytes(), new.change.hash.as_bytes()]);
            match self.store.record::<ChangeRecord>(&at)? {
                // Known already; the feed tells when the Centre received it.
                Some(known) if known.standing != Standing::Waits => {
                    let is_told = known.author != self.id() || known.standing == Standing::Superseded;
                    if known.received.is_none() && is_told {
                        batch.record(&at, &ChangeRecord { received: Some(new.received), ..known });
                    }
                }
                _ => fresh.push(new),
            }
        }
        let newly = fresh.len();
        if newly == 0 && !folder.record.has_waiting {
            return Ok(());
        }
        if folder.record.has_waiting {
            for (_, record) in self.store.records::<ChangeRecord>(folder.dossier.as_bytes())? {
                let waits = record.standing == Standing::Waits;
                let (Some(received), Ok(change)) = (record.received, chunk::scan(&record.bytes)) else { continue };
                if waits && fresh.iter().all(|new| new.change.hash != change.hash) {
                    fresh.push(Incoming { change, author: record.author, received });
                }
            }
        }
        fresh.sort_by_key(|new| (new.change.start_op, new.change.hash));
        let scanned: Vec<Scanned> = fresh.iter().map(|new| new.change.clone()).collect();
        let refused: BTreeMap<ChangeHash, ContentFault> = folder.content.take(&scanned).into_iter().collect();
        folder.record.has_waiting = false;
        for Incoming { change, author, received } in fresh {
            let standing = match refused.get(&change.hash) {
                None => Standing::Counts,
                Some(ContentFault::Missing(_)) => {
                    folder.record.has_waiting = true;
                    Standing::Waits
                }
                Some(_) => {
                    effects.skipped += 1;
                    continue;
                }
            };
            effects.received += 1;
            let writer = key(&[folder.dossier.as_bytes(), change.actor.as_bytes()]);
            batch.record(&writer, &WriterRecord { device: author });
            let at = key(&[folder.dossier.as_bytes(), change.hash.as_bytes()]);
            let bytes = change.into_bytes();
            batch.record(&at, &ChangeRecord { bytes, author, received: Some(received), standing });
        }
        Ok(())
    }

    fn merge_events(
        &self,
        dossier: &DossierId,
        fed: Vec<dossier::wire::FeedEvent>,
        batch: &mut WriteBatch,
        effects: &mut Effects,
    ) -> Result<Vec<Recorded>, SyncFault> {
        let mut records: BTreeMap<_, Recorded> =
            self.recorded(dossier)?.into_iter().map(|record| (record.event.id(), record)).collect();
        for new in fed {
            let Ok(event) = new.event.verify(dossier) else {
                effects.skipped += 1;
                continue;
            };
            let at = key(&[dossier.as_bytes(), event.id().as_bytes()]);
            let known = self.store.record::<EventRecord>(&at)?;
            if known.as_ref().is_some_and(|known| known.received.is_some()) {
                continue;
            }
            if known.is_none() {
                effects.received += 1;
                if event.device() == self.id() {
                    // Made by this device before it was restored: the chain goes on after it.
                    let code = code_of(&event);
                    Chain::write(batch, event.body().counter, event.id(), *dossier, code.as_deref());
                    effects.links.push((event.body().counter, event.clone()));
                }
            }
            let standing = known.map_or(Standing::Counts, |known| known.standing);
            let record = EventRecord { signed: new.event, received: Some(new.received), standing };
            batch.record(&at, &record);
            if standing == Standing::Counts {
                records.insert(event.id(), self.recorded_as(event, Some(new.received))?);
            }
        }
        Ok(records.into_values().collect())
    }

    /// Removes the copy of a dossier that left its last scope, unless it holds work that the Centre does not have.
    fn leave(&self, dossier: &DossierId, scope: &[u8; 16], effects: &mut Effects) -> Result<(), SyncFault> {
        let prefix = dossier.as_bytes();
        if self.store.record::<DossierRecord>(prefix)?.is_none() {
            return Ok(());
        }
        let own = key(&[prefix, scope]);
        effects.batch.remove::<MembershipRecord>(&own);
        if self.store.keys::<MembershipRecord>(prefix)?.iter().any(|membership| *membership != own) {
            return Ok(());
        }
        let to_bring = self.store.records::<FileRecord>(prefix)?.iter().any(|(_, file)| file.ours && !file.arrived);
        let unsent = !self.store.keys::<OutboxRecord>(prefix)?.is_empty()
            || !self.store.keys::<JournalRecord>(prefix)?.is_empty();
        if unsent || to_bring {
            effects.kept.push(*dossier);
            return Ok(());
        }
        for (at, _) in self.store.records::<FileRecord>(prefix)? {
            self.drop_blob_unless_named_elsewhere(dossier, &at, &mut effects.batch)?;
        }
        // The chain, the receipts and the proofs stay: they are this device's evidence of what it did.
        self.remove_all::<DossierRecord>(prefix, &mut effects.batch)?;
        self.remove_all::<ChangeRecord>(prefix, &mut effects.batch)?;
        self.remove_all::<TextRecord>(prefix, &mut effects.batch)?;
        self.remove_all::<EventRecord>(prefix, &mut effects.batch)?;
        self.remove_all::<Card>(prefix, &mut effects.batch)?;
        self.remove_all::<FileRecord>(prefix, &mut effects.batch)?;
        self.remove_all::<UploadRecord>(prefix, &mut effects.batch)?;
        self.remove_all::<ActorRecord>(prefix, &mut effects.batch)?;
        self.remove_all::<WriterRecord>(prefix, &mut effects.batch)?;
        self.remove_all::<NoticeRecord>(prefix, &mut effects.batch)?;
        effects.removed.push(*dossier);
        Ok(())
    }

    fn remove_all<R: Record>(&self, prefix: &[u8], batch: &mut WriteBatch) -> Result<(), StoreFault> {
        self.store.keys::<R>(prefix)?.iter().for_each(|key| batch.remove::<R>(key));
        Ok(())
    }

    pub(crate) fn drop_blob_unless_named_elsewhere(
        &self,
        dossier: &DossierId,
        at: &[u8],
        batch: &mut WriteBatch,
    ) -> Result<(), StoreFault> {
        let blob = &at[16..];
        let named = self.store.keys::<FileRecord>(&[])?;
        if named.iter().any(|other| other.get(16..) == Some(blob) && part::<16>(other, 0).ok() != Some(dossier.0)) {
            return Ok(());
        }
        if let Some(record) = self.store.record::<BlobRecord>(blob)? {
            self.drop_content(&record, batch)?;
            batch.remove::<BlobRecord>(blob);
        }
        Ok(())
    }

    /// Own changes that no receipt holds and whose actor and number the feed brings with another content. What is typed
    /// is sealed before they are looked for: sealed later, it would take a number that the feed just used.
    fn forked_by(&mut self, item: &FeedDossier) -> Result<BTreeSet<ChangeHash>, SyncFault> {
        let Some(own) = self.store.record::<ActorRecord>(item.dossier.as_bytes())? else { return Ok(BTreeSet::new()) };
        let named: Vec<Scanned> = item.changes.iter().filter_map(|fed| chunk::scan(&fed.bytes).ok()).collect();
        if named.iter().all(|change| change.actor != own.actor) {
            return Ok(BTreeSet::new());
        }
        self.seal_all()?;
        let unheld = self.unheld_changes(&item.dossier)?;
        let taken = |mine: &Scanned| {
            named.iter().any(|fed| fed.actor == mine.actor && fed.seq == mine.seq && fed.hash != mine.hash)
        };
        Ok(unheld.iter().filter(|(mine, _)| taken(mine)).map(|(mine, _)| mine.hash).collect())
    }

    /// Own changes of a dossier that no receipt holds, as stored.
    pub(super) fn unheld_changes(&self, dossier: &DossierId) -> Result<Vec<(Scanned, ChangeRecord)>, SyncFault> {
        let mut unheld = Vec::new();
        for (_, record) in self.store.records::<ChangeRecord>(dossier.as_bytes())? {
            let change = chunk::scan(&record.bytes).map_err(|_| StoreFault::Damaged("change"))?;
            let item = crate::outbox::OutboxKind::Change.key(dossier, &change.hash.0);
            let own = record.author == self.id() && record.standing == Standing::Counts && record.received.is_none();
            if own && self.store.record::<ProofRecord>(&item)?.is_none() {
                unheld.push((change, record));
            }
        }
        unheld.sort_by_key(|(change, _)| (change.start_op, change.hash));
        Ok(unheld)
    }
}

/// The official code that an own event used up.
fn code_of(event: &Event) -> Option<String> {
    match &event.body().act {
        dossier::event::Act::Accepted { code, .. } => code.clone(),
        _ => None,
    }
}
