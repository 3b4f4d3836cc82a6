//! Facts, commits and receipts.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dossier::{
    id::{ActorId, BatchId, ChangeHash},
    state::Received,
};

use super::fixtures::{NOW_MS, Sender, change, device, digest, dossier, event, key, text};
use crate::storage::{
    ActorFacts, CommitFault, DossierNeeds, Facts, Group, ItemKind, ItemRow, ItemState, Needs, Storage,
};

fn needs(author: u8, items: &[ItemRow]) -> Needs {
    let mut needs = Needs { device: Some(device(author)), dossiers: BTreeMap::new() };
    for item in items {
        let of = needs.dossiers.entry(item.dossier).or_default();
        of.hashes.insert(item.hash);
        if let ItemKind::Change { actor, .. } = item.kind {
            of.actors.insert(actor);
        }
    }
    needs
}

async fn assert_untouched(storage: &dyn Storage, group: &Group, before: &Facts, needs: &Needs) {
    let after = storage.facts(needs).await.unwrap();
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    for item in &group.items {
        let record = storage.record(&item.dossier).await.unwrap();
        let count = before.dossiers.get(&item.dossier).map_or(0, |facts| facts.changes + facts.events + facts.texts);
        assert_eq!(record.map_or(0, |record| record.items.len() as u64), count);
    }
}

/// Nothing is known of what nobody sent, and asking is no fault.
pub async fn what_was_never_sent_is_unknown(storage: Arc<dyn Storage>) {
    let facts = storage.facts(&needs(1, &[change(dossier(1), 1, 1)])).await.unwrap();
    assert!(facts.dossiers.is_empty());
    assert_eq!((facts.receipts, facts.last_receipt), (0, None));
    assert_eq!(storage.record(&dossier(1)).await.unwrap(), None);
    assert_eq!(storage.receipts(&device(1), &BatchId([1; 16])).await.unwrap(), []);
    assert_eq!(storage.awaiting_admission(10).await.unwrap(), []);
    assert_eq!(storage.scopes_of(&dossier(1)).await.unwrap(), Vec::<String>::new());
    assert_eq!(storage.dossier_by_code("H29").await.unwrap(), None);
}

/// After a commit the sender's chain has moved and the items await admission.
pub async fn a_group_is_known_once_committed(storage: Arc<dyn Storage>) {
    let items = vec![text(dossier(1), 1, "lý do"), change(dossier(1), 1, 1), event(dossier(1), 1, 1, false)];
    let group = Sender::new(1).send(&*storage, items.clone()).await;
    let facts = storage.facts(&needs(1, &items)).await.unwrap();
    assert_eq!((facts.receipts, facts.last_receipt), (1, Some(group.receipt.hash())));
    let known = &facts.dossiers[&dossier(1)];
    assert_eq!((known.texts, known.changes, known.events), (1, 1, 1));
    assert_eq!(known.known, BTreeMap::from([(items[0].hash, None), (items[1].hash, Some(5)), (items[2].hash, None)]));
    assert_eq!(storage.awaiting_admission(10).await.unwrap(), [dossier(1)]);
    let known = storage.device(&device(1)).await.unwrap().unwrap();
    assert_eq!((known.key, known.receipts, known.last_contact_ms), (key(1).public(), 1, NOW_MS));
    assert_eq!(known.last_receipt, Some(group.receipt.hash()));
}

/// Facts are about the dossiers, hashes and actors that were asked for: no others, and not across dossiers.
pub async fn facts_name_what_was_asked_for(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    let (one, two) = (change(dossier(1), 1, 1), change(dossier(1), 1, 2));
    sender.send(&*storage, vec![one.clone(), two.clone(), change(dossier(1), 2, 1), change(dossier(2), 1, 1)]).await;
    let mut asked = Needs::default();
    let elsewhere = change(dossier(2), 1, 1).hash;
    let hashes = BTreeSet::from([one.hash, elsewhere, digest(&[b"nothing"])]);
    let actors = BTreeSet::from([ActorId([1; 16]), ActorId([9; 16])]);
    asked.dossiers.insert(dossier(1), DossierNeeds { hashes, actors });
    asked.dossiers.insert(dossier(3), DossierNeeds::default());
    let facts = storage.facts(&asked).await.unwrap();
    assert_eq!((facts.receipts, facts.last_receipt), (0, None), "no device was asked about");
    assert_eq!(facts.dossiers.keys().copied().collect::<Vec<_>>(), [dossier(1)]);
    let known = &facts.dossiers[&dossier(1)];
    assert_eq!(known.known, BTreeMap::from([(one.hash, Some(5))]));
    let actor = ActorFacts { device: device(1), seq: 2, hash: ChangeHash(two.hash.0) };
    assert_eq!(known.actors, BTreeMap::from([(ActorId([1; 16]), actor)]));
    assert_eq!(known.changes, 3);
}

/// Positions count from 1 within each dossier, in the order of the batches; who made items takes part.
pub async fn positions_follow_arrival(storage: Arc<dyn Storage>) {
    let (mut first, mut second) = (Sender::new(1), Sender::new(2));
    first.send(&*storage, vec![change(dossier(1), 1, 1), change(dossier(2), 1, 1), change(dossier(1), 1, 2)]).await;
    second.send(&*storage, vec![change(dossier(1), 2, 1), event(dossier(1), 3, 1, false)]).await;
    first.send(&*storage, vec![change(dossier(1), 1, 3)]).await;
    let record = storage.record(&dossier(1)).await.unwrap().unwrap();
    let hashes: Vec<_> = record.items.iter().map(|item| (item.position, item.hash)).collect();
    let expected = [
        change(dossier(1), 1, 1),
        change(dossier(1), 1, 2),
        change(dossier(1), 2, 1),
        event(dossier(1), 3, 1, false),
        change(dossier(1), 1, 3),
    ];
    assert_eq!(hashes, (1..).zip(expected.map(|item| item.hash)).collect::<Vec<_>>());
    let parties: Vec<_> = record.participants.iter().map(|party| (party.device, party.since_position)).collect();
    assert_eq!(parties, [(device(1), 1), (device(2), 3), (device(3), 4)]);
    assert_eq!(storage.record(&dossier(2)).await.unwrap().unwrap().items[0].position, 1);
}

/// A group with one known item is refused whole.
pub async fn a_hash_is_taken_once(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    sender.send(&*storage, vec![change(dossier(1), 1, 1), event(dossier(1), 1, 1, false)]).await;
    let group = sender.group(vec![change(dossier(2), 1, 1), event(dossier(1), 1, 1, false)]);
    let asked = needs(1, &group.items);
    let before = storage.facts(&asked).await.unwrap();
    assert!(matches!(storage.commit(&group).await, Err(CommitFault::Raced)));
    assert_untouched(&*storage, &group, &before, &asked).await;
    // The same content in another dossier is another item.
    let mut elsewhere = event(dossier(2), 1, 1, false);
    elsewhere.hash = event(dossier(1), 1, 1, false).hash;
    sender.send(&*storage, vec![elsewhere]).await;
}

/// Two changes under one number of one actor are a fork: the second is refused with all that came along.
pub async fn an_actors_number_is_taken_once(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    sender.send(&*storage, vec![change(dossier(1), 1, 1)]).await;
    let mut fork = change(dossier(1), 1, 1);
    fork.hash = digest(&[b"fork"]);
    let group = sender.group(vec![change(dossier(2), 1, 1), fork.clone()]);
    let asked = needs(1, &group.items);
    let before = storage.facts(&asked).await.unwrap();
    assert!(matches!(storage.commit(&group).await, Err(CommitFault::Raced)));
    assert_untouched(&*storage, &group, &before, &asked).await;
    // In another dossier the same actor and number are free.
    fork.dossier = dossier(2);
    sender.send(&*storage, vec![fork]).await;
}

/// A device's receipts make one chain.
pub async fn a_receipt_number_is_taken_once(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    let stale = sender.group(vec![change(dossier(1), 1, 1)]);
    sender.send(&*storage, vec![change(dossier(2), 1, 1)]).await;
    let asked = needs(1, &stale.items);
    let before = storage.facts(&asked).await.unwrap();
    assert!(matches!(storage.commit(&stale).await, Err(CommitFault::Raced)));
    assert_untouched(&*storage, &stale, &before, &asked).await;
    let ahead = Group { receipt_number: 3, ..stale };
    assert!(matches!(storage.commit(&ahead).await, Err(CommitFault::Raced)), "a number was left out");
    let stranger = Group { device: key(2).public(), receipt_number: 2, ..ahead };
    assert!(matches!(storage.commit(&stranger).await, Err(CommitFault::Raced)), "a chain begins with 1");
    assert_eq!(storage.device(&device(2)).await.unwrap(), None);
}

/// Receipts of a batch come back in their order, to their device only.
pub async fn a_batch_gets_its_receipts_again(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    let first = sender.send(&*storage, vec![change(dossier(1), 1, 1)]).await;
    let second = Group { batch: first.batch, ..sender.group(vec![change(dossier(1), 1, 2)]) };
    let _ = storage.commit(&second).await.unwrap().release();
    let receipts = storage.receipts(&device(1), &first.batch).await.unwrap();
    assert_eq!(receipts, [first.receipt, second.receipt]);
    assert_eq!(storage.receipts(&device(2), &first.batch).await.unwrap(), []);
    assert_eq!(storage.receipts(&device(1), &BatchId([99; 16])).await.unwrap(), []);
}

/// Every part of an item comes back, also numbers at the edge of their range and bytes of any kind.
pub async fn an_item_reads_back_as_written(storage: Arc<dyn Storage>) {
    let mut items = vec![
        text(dossier(1), 1, "nội\0dung"),
        change(dossier(1), 2, 1 << 20),
        event(dossier(1), 3, u64::MAX, true),
        event(dossier(1), 4, 2, false),
    ];
    items[1].bytes = (0..=255).collect();
    items[2].received = Received { at_ms: NOW_MS, clock_offset_ms: i64::MIN };
    items[3].state = ItemState::Quarantined;
    Sender::new(1).send(&*storage, items.clone()).await;
    for (position, item) in (1..).zip(&mut items) {
        item.position = position;
    }
    let record = storage.record(&dossier(1)).await.unwrap().unwrap();
    assert_eq!(record.items, items);
    assert!(record.scopes.is_empty() && record.arrived.is_empty());
}

/// What was put aside at once is not handed to admission.
pub async fn quarantined_items_do_not_await(storage: Arc<dyn Storage>) {
    let mut sender = Sender::new(1);
    let aside = ItemRow { state: ItemState::Quarantined, ..change(dossier(1), 1, 1) };
    sender.send(&*storage, vec![aside]).await;
    let revoked = ItemRow { state: ItemState::Revoked, ..change(dossier(4), 1, 1) };
    sender.send(&*storage, vec![revoked]).await;
    assert_eq!(storage.record(&dossier(4)).await.unwrap().unwrap().items[0].state, ItemState::Revoked);
    assert_eq!(storage.awaiting_admission(10).await.unwrap(), []);
    let later = Received { at_ms: NOW_MS + 5, clock_offset_ms: 0 };
    sender.send(&*storage, vec![ItemRow { received: later, ..change(dossier(1), 1, 2) }]).await;
    sender.send(&*storage, vec![change(dossier(2), 1, 1), change(dossier(3), 1, 1)]).await;
    let mut oldest = storage.awaiting_admission(2).await.unwrap();
    oldest.sort_unstable();
    assert_eq!(oldest, [dossier(2), dossier(3)], "oldest first");
    assert_eq!(storage.awaiting_admission(10).await.unwrap()[2], dossier(1));
}

/// A full group: 256 dossiers with a change and an event each.
pub async fn a_group_of_many_dossiers_is_one_commit(storage: Arc<dyn Storage>) {
    let items: Vec<_> = (0..256)
        .rev()
        .flat_map(|number| [change(dossier(number), 1, 1), event(dossier(number), 1, u64::from(number) + 1, false)])
        .collect();
    Sender::new(1).send(&*storage, items.clone()).await;
    let facts = storage.facts(&needs(1, &items)).await.unwrap();
    assert_eq!(facts.dossiers.len(), 256);
    for known in facts.dossiers.values() {
        assert_eq!((known.known.len(), known.actors.len(), known.changes, known.events), (2, 1, 1, 1));
    }
    assert_eq!(storage.awaiting_admission(1_000).await.unwrap().len(), 256);
    assert_eq!(storage.counts().await.unwrap().awaiting, 512);
}
