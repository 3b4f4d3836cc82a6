//! What the Centre signed for: receipts, and which of this device's items each of them covers.
//!
//! Every receipt's signature is checked again when it is read, so that what is shown is what was signed.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    fault::Fault,
    id::{BatchId, Digest, DossierId, EventId, PublicKey},
    state::Received,
};
use serde::Serialize;

use crate::{
    device::Device,
    ledger::Read,
    outbox::{ItemKey, OutboxKind},
    record::{EventRecord, ProofRecord, ReceiptRecord, Record},
    store::{Store, StoreFault},
};

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptView {
    /// Its name.
    pub receipt: Digest,
    /// The how-manieth of this device.
    pub number: u64,
    /// The receipt before.
    pub previous: Option<Digest>,
    /// The Centre that signed.
    pub centre: PublicKey,
    /// The batch.
    pub batch: BatchId,
    /// The hash of the signed batch.
    pub parcel_hash: Digest,
    /// How many items it covers.
    pub count: u32,
    /// Of these, how many the Centre holds.
    pub held: u32,
    /// When it was received, and how the clocks compared.
    pub received: Received,
}

/// That a receipt covers an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofView {
    /// The item: a text's making, a change or an event.
    pub kind: OutboxKind,
    /// Its hash, in hexadecimal.
    pub hash: Digest,
    /// The receipt.
    pub receipt: Digest,
    /// The item's number in the receipt's batch.
    pub item: u32,
    /// When it was received.
    pub received: Received,
}

/// What the store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Receipts, oldest first.
    pub receipts: Vec<ReceiptView>,
    /// Items of the dossier asked for.
    pub proofs: Vec<ProofView>,
}

/// One receipt, as a person is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedFor {
    /// The how-manieth of this device.
    pub number: u64,
    /// When the Centre received what it covers, Unix milliseconds by the Centre's clock.
    pub received_ms: i64,
    /// How many items of the dossier it covers.
    pub items: usize,
}

/// What the Centre signed for of one dossier's items made on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// The receipts, oldest first.
    pub receipts: Vec<SignedFor>,
    /// The latest own act that they cover.
    pub event: Option<EventId>,
    /// The Centre that signed.
    pub centre: Option<PublicKey>,
}

/// Everything; of one dossier only its proofs and the receipts that they name.
fn read(store: &dyn Store, centre: Option<PublicKey>, dossier: Option<&DossierId>) -> Result<Evidence, StoreFault> {
    let mut proofs = Vec::new();
    if let Some(dossier) = dossier {
        for (key, proof) in store.records::<ProofRecord>(dossier.as_bytes())? {
            let ItemKey { kind, hash, .. } = ItemKey::read(&key)?;
            let ProofRecord { receipt, item, received } = proof;
            proofs.push(ProofView { kind, hash: Digest(hash), receipt, item, received });
        }
    }
    let named: BTreeSet<Digest> = proofs.iter().map(|proof| proof.receipt).collect();
    let mut receipts = Vec::new();
    // A device that never met a Centre has no receipts, and nobody's signature to check them by.
    if let Some(centre) = centre {
        for (_, record) in store.records::<ReceiptRecord>(&[])? {
            if dossier.is_none() || named.contains(&record.signed.hash()) {
                receipts.push(view(&record, &centre)?);
            }
        }
    }
    receipts.sort_by_key(|receipt| receipt.number);
    Ok(Evidence { receipts, proofs })
}

fn view(ReceiptRecord { signed }: &ReceiptRecord, centre: &PublicKey) -> Result<ReceiptView, StoreFault> {
    let receipt = signed.verify(centre).map_err(|_| StoreFault::Damaged(ReceiptRecord::NAME))?;
    let exceptions = u32::try_from(receipt.exceptions.len()).unwrap_or(u32::MAX);
    Ok(ReceiptView {
        receipt: signed.hash(),
        number: receipt.number,
        previous: receipt.previous,
        centre: receipt.centre,
        batch: receipt.batch,
        parcel_hash: receipt.parcel_hash,
        count: receipt.count,
        held: receipt.count.saturating_sub(exceptions),
        received: receipt.received,
    })
}

impl Device {
    pub(crate) fn read_evidence(&self, dossier: Option<&DossierId>) -> Result<Evidence, Fault> {
        Ok(read(&*self.store, self.centre, dossier)?)
    }

    pub(crate) fn proof_of(&self, dossier: &DossierId) -> Result<Proof, Fault> {
        let Evidence { receipts, proofs } = read(&*self.store, self.centre, Some(dossier))?;
        let mut covered: BTreeMap<Digest, usize> = BTreeMap::new();
        let mut latest = None;
        for proof in &proofs {
            *covered.entry(proof.receipt).or_default() += 1;
            if proof.kind == OutboxKind::Event {
                let at = Self::dossier_key(dossier, &proof.hash.0);
                let counter = match self.store.record::<EventRecord>(&at)? {
                    Some(record) => record.signed.verify(dossier).map(|event| event.body().counter).ok(),
                    // The dossier's copy is gone; its proof stays.
                    None => None,
                };
                latest = latest.max(Some((counter, EventId(proof.hash.0))));
            }
        }
        let receipts = receipts.iter().map(|receipt| SignedFor {
            number: receipt.number,
            received_ms: receipt.received.at_ms,
            items: covered.get(&receipt.receipt).copied().unwrap_or(0),
        });
        Ok(Proof { receipts: receipts.collect(), event: latest.map(|(_, event)| event), centre: self.centre })
    }
}

#[cfg(test)]
mod tests;
