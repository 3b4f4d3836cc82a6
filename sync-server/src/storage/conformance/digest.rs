//! What a device ought to hold of a scope.

use std::{collections::BTreeMap, sync::Arc};

use dossier::{
    id::{Digest, DossierId},
    wire::repair::{Elements, Sum, element},
};

use super::fixtures::{Sender, admission, admit, blob, change, dossier, event, rows, text};
use crate::storage::{FeedRow, ItemState, Storage};

fn sum(hashes: &[Digest]) -> Sum {
    hashes.iter().fold(Sum::default(), |sum, hash| sum.with_item(&hash.0))
}

/// What a reader of the whole feed holds in the end.
async fn read(storage: &dyn Storage, scope: &str) -> BTreeMap<DossierId, Sum> {
    let mut held = BTreeMap::new();
    for row in rows(storage, scope, 0).await {
        match row {
            FeedRow::Enter(dossier) => _ = held.insert(dossier, Sum::default()),
            FeedRow::Leave(dossier) => _ = held.remove(&dossier),
            FeedRow::Item(item) => {
                held.entry(item.dossier).and_modify(|sum: &mut Sum| *sum = sum.with_item(&item.hash.0));
            }
            FeedRow::Blob { .. } => {}
        }
    }
    held
}

async fn agree(storage: &dyn Storage, scope: &str) {
    let page = storage.feed(scope, 0, 0, None).await.unwrap();
    let told: BTreeMap<DossierId, Sum> = storage.held(scope).await.unwrap().into_iter().collect();
    assert_eq!(Elements::of(told.clone()).digest(), page.digest, "the digest of {scope} is that of its dossiers");
    assert_eq!(told, read(storage, scope).await, "{scope} holds what its feed tells");
}

/// Whatever enters, grows, leaves and comes back, the digest is that of what a reader of the feed holds.
pub async fn the_digest_is_that_of_what_the_feed_told(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    for step in 1..=4u64 {
        let items = (1..=6).map(|number| change(dossier(number), 1, step)).collect();
        sender.send(&*storage, items).await;
        let mut all = Vec::new();
        for number in 1..=6u32 {
            let scopes: &[&str] = match (u64::from(number) + step) % 4 {
                0 => &["device:1"],
                1 => &["device:1", "unit:1"],
                2 => &["unit:1", "unit:2", "centre"],
                _ => &["unit:2"],
            };
            all.push(admission(&*storage, dossier(number), scopes).await);
        }
        storage.admit_all(&all).await.unwrap();
        for scope in ["device:1", "unit:1", "unit:2", "centre"] {
            agree(&*storage, scope).await;
        }
    }
    assert_eq!(storage.held("nowhere").await.unwrap(), []);
}

/// Every kind of item counts once it is admitted, and nothing else does; items for staff not in a device's scope.
pub async fn what_is_admitted_counts_where_it_is_for(storage: Arc<dyn Storage>) {
    let (first, note, words) = (change(dossier(1), 1, 1), event(dossier(1), 1, 1, true), text(dossier(1), 1, "why"));
    let bad = change(dossier(1), 2, 1);
    let items = vec![first.clone(), note.clone(), words.clone(), bad.clone()];
    Sender::new(1).send(&*storage, items).await;
    assert_eq!(storage.held("unit:1").await.unwrap(), []);
    let mut admission = admission(&*storage, dossier(1), &["unit:1", "device:1"]).await;
    admission.outcomes.insert(bad.hash, ItemState::Quarantined);
    assert!(storage.admit(&admission).await.unwrap());
    let parties = sum(&[first.hash, words.hash]);
    assert_eq!(storage.held("device:1").await.unwrap(), [(dossier(1), parties)]);
    assert_eq!(storage.held("unit:1").await.unwrap(), [(dossier(1), parties.with_item(&note.hash.0))]);
    let digest = storage.feed("device:1", 0, 0, None).await.unwrap().digest;
    assert_eq!(digest, element(&dossier(1), parties));
    // What was kept aside may be admitted later, once.
    admission.outcomes = BTreeMap::from([(bad.hash, ItemState::Admitted)]);
    for _ in 0..2 {
        assert!(storage.admit(&admission).await.unwrap());
        assert_eq!(storage.held("device:1").await.unwrap(), [(dossier(1), parties.with_item(&bad.hash.0))]);
    }
    agree(&*storage, "unit:1").await;
    // An attachment is no item.
    storage.blob_arrived(&dossier(1), &blob(1), 5, super::fixtures::NOW_MS).await.unwrap();
    agree(&*storage, "unit:1").await;
    // Gone from everywhere, nothing is left.
    admit(&*storage, dossier(1), &[]).await;
    for scope in ["unit:1", "device:1"] {
        assert_eq!(storage.feed(scope, 0, usize::MAX, None).await.unwrap().digest, Sum::default());
        assert_eq!(storage.held(scope).await.unwrap(), []);
    }
}

/// A setting may be replaced, which the epoch is when a backup was put back.
pub async fn a_setting_is_replaced(storage: Arc<dyn Storage>) {
    storage.replace_setting("epoch", b"1").await.unwrap();
    storage.replace_setting("epoch", b"2").await.unwrap();
    assert_eq!(storage.settle_setting("epoch", b"3").await.unwrap(), b"2");
}
