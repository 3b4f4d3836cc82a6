//! Things to store, each a function of small numbers.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    envelope::SigningKey,
    id::{ActorId, BatchId, BlobId, DeviceId, Digest, DossierId, sha256},
    state::Received,
    wire::{Receipt, SignedReceipt},
};

use crate::storage::{
    Admission, CommitFault, FeedRow, Group, ItemKind, ItemRow, ItemState, Projection, ScopeRow, Storage,
};

/// A moment: Unix milliseconds.
pub const NOW_MS: i64 = 1_795_000_000_000;

/// A dossier.
#[must_use]
pub fn dossier(number: u32) -> DossierId {
    let mut id = [1; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    DossierId(id)
}

/// A key.
#[must_use]
pub fn key(number: u8) -> SigningKey {
    SigningKey::derive_from_seed(&[number; 32])
}

/// The device of a key.
#[must_use]
pub fn device(number: u8) -> DeviceId {
    key(number).device()
}

/// A hash of something.
#[must_use]
pub fn digest(parts: &[&[u8]]) -> Digest {
    Digest(sha256(parts))
}

/// An attachment.
#[must_use]
pub fn blob(number: u8) -> BlobId {
    BlobId([number; 32])
}

fn item(dossier: DossierId, author: u8, hash: Digest, kind: ItemKind, bytes: Vec<u8>) -> ItemRow {
    ItemRow {
        dossier,
        position: 0,
        hash,
        kind,
        bytes,
        author: device(author),
        received: Received { at_ms: NOW_MS, clock_offset_ms: -7 },
        state: ItemState::Received,
    }
}

/// The `seq`-th change of a device in a dossier; 100 bytes.
#[must_use]
pub fn change(dossier: DossierId, author: u8, seq: u64) -> ItemRow {
    let hash = digest(&[b"change", &dossier.0, &[author], &seq.to_be_bytes()]);
    let kind = ItemKind::Change { actor: ActorId([author; 16]), seq, last_op: 4 + seq };
    item(dossier, author, hash, kind, vec![author; 100])
}

/// The `counter`-th event of a device; 100 bytes.
#[must_use]
pub fn event(dossier: DossierId, author: u8, counter: u64, staff_only: bool) -> ItemRow {
    let hash = digest(&[b"event", &dossier.0, &[author], &counter.to_be_bytes()]);
    item(dossier, author, hash, ItemKind::Event { counter, staff_only }, vec![author; 100])
}

/// The making of a text.
#[must_use]
pub fn text(dossier: DossierId, author: u8, field: &str) -> ItemRow {
    let hash = digest(&[b"text", &dossier.0, field.as_bytes()]);
    item(dossier, author, hash, ItemKind::Text { field: field.to_owned() }, Vec::new())
}

/// A device that sends groups, one after the other.
#[derive(Debug)]
pub struct Sender {
    number: u8,
    receipts: u64,
    last: Option<Digest>,
}

impl Sender {
    /// A device that was never seen.
    #[must_use]
    pub fn new(number: u8) -> Self {
        Self { number, receipts: 0, last: None }
    }

    /// The next group.
    #[must_use]
    pub fn group(&self, items: Vec<ItemRow>) -> Group {
        let key = key(self.number);
        let number = self.receipts + 1;
        let batch = BatchId([u8::try_from(number % 250).unwrap(); 16]);
        let parcel_hash = digest(&[b"batch", &number.to_be_bytes()]);
        let receipt = Receipt {
            centre: super::fixtures::key(200).public(),
            device: key.device(),
            batch,
            parcel_hash,
            first: 0,
            count: u32::try_from(items.len()).unwrap(),
            known: 0,
            exceptions: Vec::new(),
            received: Received { at_ms: NOW_MS, clock_offset_ms: 0 },
            number,
            previous: self.last,
        };
        let receipt = SignedReceipt::seal(&super::fixtures::key(200), &receipt);
        Group { device: key.public(), batch, parcel_hash, items, receipt, receipt_number: number, now_ms: NOW_MS }
    }

    /// Commits the next group.
    pub async fn try_send(&mut self, storage: &dyn Storage, items: Vec<ItemRow>) -> Result<Group, CommitFault> {
        let group = self.group(items);
        let receipt = storage.commit(&group).await?.release();
        assert_eq!(receipt, group.receipt);
        self.receipts += 1;
        self.last = Some(receipt.hash());
        Ok(group)
    }

    /// Commits the next group, which must pass.
    pub async fn send(&mut self, storage: &dyn Storage, items: Vec<ItemRow>) -> Group {
        self.try_send(storage, items).await.unwrap()
    }
}

/// What lists show of a dossier.
#[must_use]
pub fn projection(dossier: DossierId) -> Projection {
    Projection {
        dossier,
        code: Some("H29.16-261121-0042".into()),
        provisional_code: Some("BĐ-ABCD".into()),
        procedure: Some("1.001193".into()),
        status: Some(2),
        unit: Some("25747".into()),
        channel: Some(3),
        submitted_ms: Some(NOW_MS - 1),
        accepted_ms: None,
        due_at: Some("2026-11-25T17:00:00".into()),
        conflicts: 1,
        disputed: true,
        pending_amendment: false,
        updated_ms: NOW_MS,
    }
}

/// The admission of all items that wait, into scopes. A scope that begins with `unit:` sees staff-only events.
pub async fn admission(storage: &dyn Storage, dossier: DossierId, scopes: &[&str]) -> Admission {
    let record = storage.record(&dossier).await.unwrap().unwrap();
    let waiting = record.items.iter().filter(|item| item.state == ItemState::Received);
    Admission {
        dossier,
        upto: record.items.last().unwrap().position,
        outcomes: waiting.map(|item| (item.hash, ItemState::Admitted)).collect(),
        scopes: scopes.iter().map(|name| scope(name, name.starts_with("unit:"))).collect(),
        blobs: BTreeMap::new(),
        projection: projection(dossier),
        codes: BTreeSet::new(),
    }
}

/// Admits all items that wait.
pub async fn admit(storage: &dyn Storage, dossier: DossierId, scopes: &[&str]) {
    let admission = admission(storage, dossier, scopes).await;
    assert!(storage.admit(&admission).await.unwrap());
}

/// A scope.
#[must_use]
pub fn scope(name: &str, staff: bool) -> ScopeRow {
    ScopeRow { scope: name.to_owned(), staff }
}

/// All rows of a scope after a number.
pub async fn rows(storage: &dyn Storage, scope: &str, after: u64) -> Vec<FeedRow> {
    let page = storage.feed(scope, after, usize::MAX, None).await.unwrap();
    assert!(!page.more);
    page.rows
}

/// The rows in short: `enter`, `leave`, `item N` (its position), `blob`.
#[must_use]
pub fn outline(rows: &[FeedRow]) -> Vec<String> {
    let word = |row: &FeedRow| match row {
        FeedRow::Enter(_) => "enter".to_owned(),
        FeedRow::Leave(_) => "leave".to_owned(),
        FeedRow::Item(item) => format!("item {}", item.position),
        FeedRow::Blob { .. } => "blob".to_owned(),
    };
    rows.iter().map(word).collect()
}
