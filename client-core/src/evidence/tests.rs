use dossier::{
    envelope::SigningKey,
    id::DeviceId,
    wire::{Exception, Receipt, SignedReceipt},
};

use super::*;
use crate::{
    ledger::{Put, key},
    store::{MemoryStore, WriteBatch},
};

const DOSSIER: DossierId = DossierId([3; 16]);

fn store() -> (MemoryStore, PublicKey) {
    let signing = SigningKey::derive_from_seed(&[9; 32]);
    let received = Received { at_ms: 1_795_000_000_000, clock_offset_ms: 5 };
    let receipt = Receipt {
        centre: signing.public(),
        device: DeviceId([1; 16]),
        batch: BatchId([2; 16]),
        parcel_hash: Digest([4; 32]),
        first: 0,
        count: 3,
        known: 0,
        exceptions: vec![Exception { item: 1, code: "ACTOR_FORK".into(), detail: String::new() }],
        received,
        number: 1,
        previous: None,
    };
    let signed = SignedReceipt::seal(&signing, &receipt);
    let mut batch = WriteBatch::new();
    let proof = ProofRecord { receipt: signed.hash(), item: 2, received };
    batch.record(&key(&[&1_u64.to_be_bytes(), signed.hash().as_bytes()]), &ReceiptRecord { signed });
    batch.record(&OutboxKind::Event.key(&DOSSIER, &[7; 32]), &proof);
    let mut store = MemoryStore::new();
    store.commit(batch).unwrap();
    (store, signing.public())
}

#[test]
fn a_receipt_says_how_many_items_are_held() {
    let (store, centre) = store();
    let all = read(&store, Some(centre), None).unwrap();
    assert_eq!((all.receipts.len(), all.receipts[0].held, all.proofs.len()), (1, 2, 0));
    let of_one = read(&store, Some(centre), Some(&DOSSIER)).unwrap();
    assert_eq!((of_one.proofs[0].kind, of_one.proofs[0].receipt), (OutboxKind::Event, of_one.receipts[0].receipt));
    let of_other = read(&store, Some(centre), Some(&DossierId([4; 16]))).unwrap();
    assert!(of_other.receipts.is_empty() && of_other.proofs.is_empty());
}

#[test]
fn a_receipt_of_somebody_else_is_no_evidence() {
    let (store, _) = store();
    let stranger = SigningKey::derive_from_seed(&[8; 32]).public();
    assert!(read(&store, Some(stranger), None).is_err());
    assert!(read(&store, Some(stranger), Some(&DOSSIER)).is_err());
    assert!(read(&store, None, None).unwrap().receipts.is_empty());
}
