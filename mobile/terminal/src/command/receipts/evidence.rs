//! Receipts and proofs as the device's store keeps them. Every receipt's signature is checked again here.

use std::collections::BTreeSet;

use client_core::{
    Space, Store, StoreFault,
    record::{ProofRecord, ReceiptRecord, Record},
    store::Row,
};
use dossier::{
    fault::Fault,
    id::{BatchId, Digest, DossierId, PublicKey},
    state::Received,
};
use serde::Serialize;

/// How many records one reading asks for.
const PAGE: usize = 1_000;

/// A receipt.
#[derive(Debug, Serialize)]
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
    pub batch_hash: Digest,
    /// How many items it covers.
    pub count: u32,
    /// Of these, how many the Centre holds.
    pub held: u32,
    /// When it was received, and how the clocks compared.
    pub received: Received,
}

/// That a receipt covers an item.
#[derive(Debug, Serialize)]
pub struct ProofView {
    /// The item: a text's making, a change or an event.
    pub kind: &'static str,
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
#[derive(Debug)]
pub struct Evidence {
    /// Receipts, oldest first.
    pub receipts: Vec<ReceiptView>,
    /// Items of the dossier asked for.
    pub proofs: Vec<ProofView>,
}

/// Everything; of one dossier only its proofs and the receipts that they name.
pub fn read(store: &dyn Store, centre: Option<PublicKey>, dossier: Option<DossierId>) -> Result<Evidence, Fault> {
    let mut proofs = Vec::new();
    if let Some(dossier) = dossier {
        for (key, value) in rows(store, Space::Proofs, dossier.as_bytes())? {
            proofs.push(proof(&key, &value)?);
        }
    }
    let named: BTreeSet<Digest> = proofs.iter().map(|proof| proof.receipt).collect();
    let mut receipts = Vec::new();
    // A device that never met a Centre has no receipts, and nobody's signature to check them by.
    if let Some(centre) = centre {
        for (_, value) in rows(store, Space::Receipts, &[])? {
            let view = receipt(&value, &centre)?;
            if dossier.is_none() || named.contains(&view.receipt) {
                receipts.push(view);
            }
        }
    }
    receipts.sort_by_key(|receipt| receipt.number);
    Ok(Evidence { receipts, proofs })
}

/// When the Centre last signed for something, by its own clock, Unix milliseconds.
pub fn last_contact_ms(store: &dyn Store, centre: Option<PublicKey>) -> Result<Option<i64>, Fault> {
    // The key begins with the receipt's number, so that the last record is the latest.
    match (centre, rows(store, Space::Receipts, &[])?.last()) {
        (Some(centre), Some((_, value))) => Ok(Some(receipt(value, &centre)?.received.at_ms)),
        _ => Ok(None),
    }
}

fn rows(store: &dyn Store, space: Space, prefix: &[u8]) -> Result<Vec<Row>, StoreFault> {
    let mut all: Vec<Row> = Vec::new();
    loop {
        let after = all.last().map(|(key, _)| key.clone());
        let rows = store.scan(space, prefix, after.as_deref(), PAGE)?;
        let whole = rows.len() == PAGE;
        all.extend(rows);
        if !whole {
            return Ok(all);
        }
    }
}

fn receipt(value: &[u8], centre: &PublicKey) -> Result<ReceiptView, StoreFault> {
    let signed = ReceiptRecord::from_value(value)?.signed;
    let receipt = signed.verify(centre).map_err(|_| StoreFault::Damaged(ReceiptRecord::NAME))?;
    let exceptions = u32::try_from(receipt.exceptions.len()).unwrap_or(u32::MAX);
    Ok(ReceiptView {
        receipt: signed.hash(),
        number: receipt.number,
        previous: receipt.previous,
        centre: receipt.centre,
        batch: receipt.batch,
        batch_hash: receipt.batch_hash,
        count: receipt.count,
        held: receipt.count.saturating_sub(exceptions),
        received: receipt.received,
    })
}

/// The key of a proof is dossier, kind, hash.
fn proof(key: &[u8], value: &[u8]) -> Result<ProofView, StoreFault> {
    let damaged = || StoreFault::Damaged(ProofRecord::NAME);
    let kind = match key.get(16).ok_or_else(damaged)? {
        0 => "text",
        1 => "change",
        2 => "event",
        _ => return Err(damaged()),
    };
    let hash = key.get(17..).and_then(|hash| Digest::from_slice(hash).ok()).ok_or_else(damaged)?;
    let ProofRecord { receipt, item, received } = ProofRecord::from_value(value)?;
    Ok(ProofView { kind, hash, receipt, item, received })
}

#[cfg(test)]
mod tests {
    use client_core::{MemoryStore, WriteBatch};
    use dossier::{
        envelope::SigningKey,
        id::DeviceId,
        wire::{Exception, Receipt, SignedReceipt},
    };

    use super::*;

    const DOSSIER: DossierId = DossierId([3; 16]);

    fn store() -> (MemoryStore, PublicKey) {
        let key = SigningKey::derive_from_seed(&[9; 32]);
        let received = Received { at_ms: 1_795_000_000_000, clock_offset_ms: 5 };
        let receipt = Receipt {
            centre: key.public(),
            device: DeviceId([1; 16]),
            batch: BatchId([2; 16]),
            batch_hash: Digest([4; 32]),
            first: 0,
            count: 3,
            known: 0,
            exceptions: vec![Exception { item: 1, code: "ACTOR_FORK".into(), detail: String::new() }],
            received,
            number: 1,
            previous: None,
        };
        let signed = SignedReceipt::seal(&key, &receipt);
        let mut batch = WriteBatch::new();
        let name = [1_u64.to_be_bytes().as_slice(), signed.hash().as_bytes()].concat();
        let proof = ProofRecord { receipt: signed.hash(), item: 2, received };
        batch.put(Space::Receipts, name, ReceiptRecord { signed }.to_value());
        let item = [DOSSIER.as_bytes(), [2].as_slice(), [7; 32].as_slice()].concat();
        batch.put(Space::Proofs, item, proof.to_value());
        let mut store = MemoryStore::new();
        store.commit(batch).unwrap();
        (store, key.public())
    }

    #[test]
    fn a_receipt_says_how_many_items_are_held() {
        let (store, centre) = store();
        let all = read(&store, Some(centre), None).unwrap();
        assert_eq!(last_contact_ms(&store, Some(centre)).unwrap(), Some(1_795_000_000_000));
        assert_eq!((all.receipts.len(), all.receipts[0].held, all.proofs.len()), (1, 2, 0));
        let of_one = read(&store, Some(centre), Some(DOSSIER)).unwrap();
        assert_eq!((of_one.proofs[0].kind, of_one.proofs[0].receipt), ("event", of_one.receipts[0].receipt));
        let of_other = read(&store, Some(centre), Some(DossierId([4; 16]))).unwrap();
        assert!(of_other.receipts.is_empty() && of_other.proofs.is_empty());
    }

    #[test]
    fn a_receipt_of_somebody_else_is_no_evidence() {
        let (store, _) = store();
        let stranger = SigningKey::derive_from_seed(&[8; 32]).public();
        assert!(read(&store, Some(stranger), None).is_err());
        assert!(read(&store, None, None).unwrap().receipts.is_empty());
        assert!(last_contact_ms(&store, Some(stranger)).is_err());
    }
}
