//! What this device made and the Centre has not signed for.

use dossier::id::DossierId;
use serde::Serialize;

use crate::{
    device::Device,
    ledger::{Read, key, part},
    record::OutboxRecord,
    store::StoreFault,
};

/// What kind of item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum OutboxKind {
    /// The making of a text object.
    Text = 0,
    /// A content change.
    Change = 1,
    /// An event.
    Event = 2,
}

impl OutboxKind {
    /// The key of an item in the outbox and among the proofs.
    pub(crate) fn key(self, dossier: &DossierId, hash: &[u8; 32]) -> Vec<u8> {
        key(&[dossier.as_bytes(), &[self as u8], hash])
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        [Self::Text, Self::Change, Self::Event].into_iter().find(|kind| *kind as u8 == number)
    }
}

/// An own item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    pub dossier: DossierId,
    pub kind: OutboxKind,
    pub hash: [u8; 32],
}

impl ItemKey {
    pub fn bytes(&self) -> Vec<u8> {
        self.kind.key(&self.dossier, &self.hash)
    }

    pub fn read(bytes: &[u8]) -> Result<Self, StoreFault> {
        let kind = bytes.get(16).copied().and_then(OutboxKind::from_number).ok_or(StoreFault::Damaged("key"))?;
        Ok(Self { dossier: DossierId(part(bytes, 0)?), kind, hash: part(bytes, 17)? })
    }
}

/// One item of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutboxItem {
    /// The dossier.
    pub dossier: DossierId,
    /// What kind of item.
    pub kind: OutboxKind,
    /// Its hash, in hexadecimal.
    pub item: String,
    /// The stable code with which the Centre refused it, if it did.
    pub refused: Option<String>,
    /// What that code is about.
    pub detail: Option<String>,
}

impl Device {
    pub(crate) fn outbox_items(&self) -> Result<Vec<OutboxItem>, StoreFault> {
        self.outbox_entries()?
            .into_iter()
            .map(|(item, entry)| {
                let (refused, detail) = entry.refused.map(|refused| (refused.code, refused.detail)).unzip();
                Ok(OutboxItem {
                    dossier: item.dossier,
                    kind: item.kind,
                    item: data_encoding::HEXLOWER.encode(&item.hash),
                    refused,
                    detail,
                })
            })
            .collect()
    }

    /// How many items there are.
    pub(crate) fn outbox_len(&self) -> Result<usize, StoreFault> {
        Ok(self.store.keys::<OutboxRecord>(&[])?.len())
    }

    pub(crate) fn outbox_entries(&self) -> Result<Vec<(ItemKey, OutboxRecord)>, StoreFault> {
        let entries = self.store.records::<OutboxRecord>(&[])?;
        entries.into_iter().map(|(key, entry)| Ok((ItemKey::read(&key)?, entry))).collect()
    }
}
