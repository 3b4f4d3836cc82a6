//! This device's own events in their order: the next counter, the previous event, the codes used up.
//!
//! Nothing here is counted beside the log: it is read from the log when the device opens, and follows it.

use std::collections::BTreeSet;

use dossier::id::{DossierId, EventId};

use crate::{
    ledger::{Put, Read, key, part},
    record::ChainRecord,
    store::{Store, StoreFault, WriteBatch},
};

/// The end of the chain.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    counter: u64,
    previous: Option<EventId>,
    codes: BTreeSet<String>,
}

impl Chain {
    /// Reads the log.
    pub fn read(store: &dyn Store) -> Result<Self, StoreFault> {
        let mut chain = Self::default();
        for (key, link) in store.records::<ChainRecord>(&[])? {
            let counter = u64::from_be_bytes(part(&key, 0)?);
            chain.follow(counter, link.event, link.code);
        }
        Ok(chain)
    }

    /// How many events the next one makes it.
    pub fn next(&self) -> u64 {
        self.counter + 1
    }

    /// The last event.
    pub fn previous(&self) -> Option<EventId> {
        self.previous
    }

    /// Whether an own event used this official code.
    pub fn has_used(&self, code: &str) -> bool {
        self.codes.contains(code)
    }

    /// Writes a link.
    pub fn write(batch: &mut WriteBatch, counter: u64, event: EventId, dossier: DossierId, code: Option<&str>) {
        let link = ChainRecord { event, dossier, code: code.map(str::to_owned) };
        batch.record(&key(&[&counter.to_be_bytes(), event.as_bytes()]), &link);
    }

    /// Takes note of a link that is durable.
    pub fn follow(&mut self, counter: u64, event: EventId, code: Option<String>) {
        if counter > self.counter {
            (self.counter, self.previous) = (counter, Some(event));
        }
        self.codes.extend(code);
    }
}
