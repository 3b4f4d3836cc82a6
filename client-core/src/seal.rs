//! Sealing: what was typed becomes one change of the dossier's document.

use std::collections::BTreeSet;

use dossier::{
    content::{Content, ContentFault, ContentPath, Edit, SealedChange, genesis},
    id::{ActorId, DeviceId, DossierId, sha256},
};

use crate::{
    device::Device,
    ledger::{Put, Read, key},
    outbox::OutboxKind,
    ports::draw,
    record::{ActorRecord, ChangeRecord, JournalRecord, OutboxRecord, Standing, TextRecord, WriterRecord, name_of},
    shelf::{Folder, ShelfFault},
    store::{StoreFault, WriteBatch},
};

/// The key of a journal entry: the path itself may hold what a person typed into a row, so only its hash stands there.
pub fn journal_key(dossier: &DossierId, path: &str) -> Vec<u8> {
    key(&[dossier.as_bytes(), &name_of(path)])
}

/// The edits of a journal.
pub fn edits(journal: &[JournalRecord]) -> Result<Vec<Edit>, StoreFault> {
    journal
        .iter()
        .map(|entry| {
            let path: ContentPath = entry.path.parse().map_err(|_| StoreFault::Damaged("journal entry"))?;
            Ok(Edit { path, value: entry.value.clone() })
        })
        .collect()
}

/// Seals edits into one change, or into several if together they exceed what one change may hold.
pub fn seal_edits(
    content: &mut Content,
    actor: &ActorId,
    edits: &[Edit],
    time_s: i64,
) -> Result<Vec<SealedChange>, ContentFault> {
    match content.seal(actor, edits, time_s) {
        Ok(sealed) => Ok(sealed.into_iter().collect()),
        Err(ContentFault::TooMuch) if edits.len() > 1 => {
            let (first, second) = edits.split_at(edits.len() / 2);
            let mut sealed = seal_edits(content, actor, first, time_s)?;
            sealed.extend(seal_edits(content, actor, second, time_s)?);
            Ok(sealed)
        }
        Err(fault) => Err(fault),
    }
}

/// Writes sealed changes as items that are to be sent.
pub fn write_sealed(batch: &mut WriteBatch, dossier: &DossierId, author: DeviceId, sealed: Vec<SealedChange>) {
    for SealedChange { change, texts } in sealed {
        for field in texts {
            let hash = genesis::text(dossier, &field).hash;
            batch.record(&key(&[dossier.as_bytes(), hash.as_bytes()]), &TextRecord { field });
            batch.record(&OutboxKind::Text.key(dossier, &hash.0), &OutboxRecord::default());
        }
        let hash = change.hash;
        let bytes = change.into_bytes();
        let record = ChangeRecord { bytes, author, received: None, standing: Standing::Counts };
        batch.record(&key(&[dossier.as_bytes(), hash.as_bytes()]), &record);
        batch.record(&OutboxKind::Change.key(dossier, &hash.0), &OutboxRecord::default());
    }
}

impl Device {
    /// The actor as which this installation writes in a dossier; minted into the batch if there is none.
    pub(crate) fn actor(&mut self, dossier: &DossierId, batch: &mut WriteBatch) -> Result<ActorId, StoreFault> {
        match self.store.record::<ActorRecord>(dossier.as_bytes())? {
            Some(record) if record.installation == self.installation => Ok(record.actor),
            _ => Ok(self.fresh_actor(dossier, batch)),
        }
    }

    pub(crate) fn fresh_actor(&mut self, dossier: &DossierId, batch: &mut WriteBatch) -> ActorId {
        let salt: [u8; 16] = draw(self.entropy.as_mut());
        let hash = sha256(&[b"tram/actor/v1\0", self.id().as_bytes(), dossier.as_bytes(), &self.installation, &salt]);
        let mut actor = ActorId([0; 16]);
        actor.0.copy_from_slice(&hash[..16]);
        batch.record(dossier.as_bytes(), &ActorRecord { actor, installation: self.installation });
        batch.record(&key(&[dossier.as_bytes(), actor.as_bytes()]), &WriterRecord { device: self.id() });
        actor
    }

    /// Seals the folder's journal into the batch. What was typed and overwritten is not in the journal any more.
    pub(crate) fn seal(&mut self, folder: &mut Folder, batch: &mut WriteBatch) -> Result<(), ShelfFault> {
        if folder.journal.is_empty() {
            return Ok(());
        }
        let edits = edits(&folder.journal)?;
        let mut minted = WriteBatch::new();
        let actor = self.actor(&folder.dossier, &mut minted)?;
        let sealed = seal_edits(&mut folder.content, &actor, &edits, self.now_ms().div_euclid(1000))?;
        if !sealed.is_empty() {
            batch.append(minted);
            write_sealed(batch, &folder.dossier, self.id(), sealed);
        }
        for entry in folder.journal.drain(..) {
            batch.remove::<JournalRecord>(&journal_key(&folder.dossier, &entry.path));
        }
        Ok(())
    }

    /// The folder as it would be with the journal sealed, for showing; nothing is written.
    pub(crate) fn with_journal(&self, folder: &Folder) -> Result<(Content, ActorId), ShelfFault> {
        let mut content = folder.content.clone();
        let known = self.store.record::<ActorRecord>(folder.dossier.as_bytes())?;
        let actor = known.map_or(ActorId([0xff; 16]), |record| record.actor);
        seal_edits(&mut content, &actor, &edits(&folder.journal)?, self.now_ms().div_euclid(1000))?;
        Ok((content, actor))
    }

    /// Seals every dossier with something typed, in one commit. Answers how many there were.
    pub(crate) fn seal_all(&mut self) -> Result<usize, ShelfFault> {
        let typed: BTreeSet<DossierId> = self
            .store
            .keys::<JournalRecord>(&[])?
            .iter()
            .map(|key| crate::ledger::part(key, 0).map(DossierId))
            .collect::<Result<_, _>>()?;
        let (mut batch, mut cards) = (WriteBatch::new(), Vec::new());
        for dossier in &typed {
            let mut folder = self.folder(dossier)?;
            let mut own = WriteBatch::new();
            self.seal(&mut folder, &mut own)?;
            let records = self.recorded(dossier)?;
            cards.push(self.put_back(&mut folder, &records, &mut own)?);
            batch.append(own);
        }
        if !typed.is_empty() {
            self.commit(batch, cards)?;
        }
        Ok(typed.len())
    }
}
