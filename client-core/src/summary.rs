//! How this device stands with the Centre, in a few numbers.

use dossier::{
    fault::Fault,
    id::{BlobId, DossierId},
    state::TOLERANCE_MS,
};
use serde::Serialize;
use std::collections::BTreeSet;

use crate::{
    device::Device,
    ledger::{Read, part},
    record::{BlobRecord, JournalRecord, OutboxRecord},
    store::StoreFault,
};

/// What waits, and when the Centre was last spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Items that the Centre has not signed for. What is typed in a dossier and not yet sealed will be one.
    pub unsent_items: usize,
    /// Attachments that this device is to bring and the Centre lacks.
    pub unsent_files: usize,
    /// The size of these, in bytes.
    pub unsent_bytes: u64,
    /// Dossiers that were not submitted.
    pub drafts: usize,
    /// Dossiers on this device, drafts among them.
    pub dossiers: usize,
    /// When an answer of the Centre was last whole, Unix milliseconds by this device's clock.
    pub last_contact_ms: Option<i64>,
    /// When the Centre revoked this device, Unix milliseconds by its clock: what is made since is kept aside there.
    pub revoked_ms: Option<i64>,
    /// The Centre's clock minus this device's in milliseconds, if they are further apart than the rules tolerate.
    pub clock_off_ms: Option<i64>,
}

impl Device {
    pub(crate) fn sum_up(&mut self) -> Result<Summary, Fault> {
        let typed: BTreeSet<DossierId> = self
            .store
            .keys::<JournalRecord>(&[])?
            .iter()
            .map(|key| part(key, 0).map(DossierId))
            .collect::<Result<_, StoreFault>>()?;
        let files = self.files_to_bring()?;
        let mut unsent_bytes = 0;
        for (_, blob) in &files {
            unsent_bytes += self.size_of(blob)?;
        }
        let unsent_items = self.store.keys::<OutboxRecord>(&[])?.len() + typed.len();
        let off = self.clock_offset_ms;
        let (mut drafts, mut dossiers) = (0, 0);
        for card in self.index()?.cards() {
            dossiers += 1;
            drafts += usize::from(card.status.is_none());
        }
        Ok(Summary {
            unsent_items,
            unsent_files: files.len(),
            unsent_bytes,
            drafts,
            dossiers,
            last_contact_ms: self.last_contact_ms,
            revoked_ms: self.revoked_ms,
            clock_off_ms: (off.unsigned_abs() > TOLERANCE_MS.unsigned_abs()).then_some(off),
        })
    }

    fn size_of(&self, blob: &BlobId) -> Result<u64, StoreFault> {
        Ok(self.store.record::<BlobRecord>(blob.as_bytes())?.map_or(0, |record| record.here_bytes))
    }
}

#[cfg(test)]
mod tests;
