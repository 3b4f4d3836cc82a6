//! Taking an act back while nobody else can know of it.
//!
//! An event has left this device as soon as a request was packed with it: the bytes may have arrived even if the network
//! said otherwise. What was never packed is only in this store, at the end of this device's chain, and goes without a
//! trace. What the act sealed stays: it is content, and was typed.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    fault::{Code, Fault},
    id::{DossierId, EventId},
};

use crate::{
    chain::Chain,
    device::Device,
    ledger::{Put, Read, key},
    outbox::OutboxKind,
    record::{ChainRecord, EventRecord, OutboxRecord, SentRecord},
    shelf::ShelfFault,
    store::{StoreFault, WriteBatch},
};

/// Why acts are not taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoFault {
    /// The store failed, or a dossier cannot be worked on.
    #[error(transparent)]
    Shelf(#[from] ShelfFault),
    /// A request carried one of them, or the Centre holds it.
    #[error("an act may have left the device")]
    AlreadySent,
    /// They are not the last that this device did.
    #[error("the acts are not the latest of this device")]
    NotLatest,
}

impl From<StoreFault> for UndoFault {
    fn from(fault: StoreFault) -> Self {
        Self::Shelf(fault.into())
    }
}

impl From<UndoFault> for Fault {
    fn from(fault: UndoFault) -> Self {
        let refused = |reason: &str| Self::new(Code::StepRefused).with("reason", reason);
        match fault {
            UndoFault::Shelf(fault) => fault.into(),
            UndoFault::AlreadySent => refused("already_sent"),
            UndoFault::NotLatest => refused("not_latest"),
        }
    }
}

impl Device {
    pub(crate) fn take_back(&mut self, events: &[EventId]) -> Result<usize, UndoFault> {
        let asked: BTreeSet<EventId> = events.iter().copied().collect();
        if asked.is_empty() {
            return Ok(0);
        }
        let mut chain = Chain::default();
        let mut links: Vec<(u64, ChainRecord)> = Vec::new();
        for (key, link) in self.store.records::<ChainRecord>(&[])? {
            links.push((u64::from_be_bytes(crate::ledger::part(&key, 0)?), link));
        }
        let sent = self.store.record::<SentRecord>(SentRecord::KEY)?.map_or(0, |sent| sent.counter);
        for (counter, link) in links.iter().filter(|(_, link)| asked.contains(&link.event)) {
            if *counter <= sent || self.is_known_outside(&link.dossier, &link.event)? {
                return Err(UndoFault::AlreadySent);
            }
        }
        let gone = links.split_off(links.len().saturating_sub(asked.len()));
        if gone.iter().map(|(_, link)| link.event).collect::<BTreeSet<_>>() != asked {
            return Err(UndoFault::NotLatest);
        }
        links.into_iter().for_each(|(counter, link)| chain.follow(counter, link.event, link.code));
        let mut of_dossier: BTreeMap<DossierId, Vec<(u64, EventId)>> = BTreeMap::new();
        for (counter, link) in gone {
            of_dossier.entry(link.dossier).or_default().push((counter, link.event));
        }
        let (mut batch, mut cards) = (WriteBatch::new(), Vec::new());
        for (dossier, events) in of_dossier {
            let mut own = WriteBatch::new();
            for (counter, event) in events {
                own.remove::<EventRecord>(&key(&[dossier.as_bytes(), event.as_bytes()]));
                own.remove::<OutboxRecord>(&OutboxKind::Event.key(&dossier, &event.0));
                own.remove::<ChainRecord>(&key(&[&counter.to_be_bytes(), event.as_bytes()]));
            }
            let mut records = self.recorded(&dossier)?;
            records.retain(|record| !asked.contains(&record.event.id()));
            let mut folder = self.folder(&dossier)?;
            cards.push(self.put_back(&mut folder, &records, &mut own)?);
            batch.append(own);
        }
        self.commit(batch, cards)?;
        self.chain = chain;
        Ok(asked.len())
    }

    /// Whether an own event came back from the Centre, as it does on a device that was restored.
    fn is_known_outside(&self, dossier: &DossierId, event: &EventId) -> Result<bool, StoreFault> {
        let record = self.store.record::<EventRecord>(&key(&[dossier.as_bytes(), event.as_bytes()]))?;
        Ok(record.is_none_or(|record| record.received.is_some()))
    }
}

#[cfg(test)]
mod tests;
