//! What holds when many do it at once.

use std::{collections::BTreeSet, sync::Arc};

use dossier::id::Digest;
use tokio::task::JoinSet;

use super::{
    devices::{certificate, invitation},
    fixtures::{NOW_MS, Sender, admission, admit, change, device, dossier, key},
};
use crate::storage::{CommitFault, Enrolment, FeedRow, Storage};

/// How many write at once.
const WRITERS: u8 = 8;
/// Dossiers that each writer brings.
const DOSSIERS: u32 = 12;

/// While many admit into one scope, a reader who goes on from where the last page ended sees every row once, in order:
/// of each dossier first that it enters, then its items by position.
pub async fn a_reader_sees_every_row_once_in_order(storage: Arc<dyn Storage>) {
    let mut writers = JoinSet::new();
    for number in 1..=WRITERS {
        let storage = Arc::clone(&storage);
        writers.spawn(async move {
            let mut sender = Sender::new(number);
            for count in 0..DOSSIERS {
                let dossier = dossier(u32::from(number) * 1_000 + count);
                for seq in 1..=2 {
                    sender.send(&*storage, vec![change(dossier, number, seq)]).await;
                    // Scopes in different company and order, so that their locks are sought from both ends.
                    let own = format!("own:{number}");
                    let scopes = if number % 2 == 0 { ["common", "z", &own] } else { ["a", "common", &own] };
                    admit(&*storage, dossier, &scopes).await;
                }
            }
        });
    }
    let expected = usize::from(WRITERS) * DOSSIERS as usize * 3;
    let (mut after, mut seen) = (0, Vec::new());
    let mut writing = true;
    loop {
        let page = storage.feed("common", after, 5_000, None).await.unwrap();
        assert_eq!(page.upto - after, page.rows.len() as u64, "numbers without gaps");
        after = page.upto;
        let finished = page.rows.is_empty() && !writing;
        seen.extend(page.rows);
        if finished {
            break;
        }
        while let Some(joined) = writers.try_join_next() {
            joined.unwrap();
        }
        writing = !writers.is_empty();
        // Lets the writers run where reader and writers share a thread.
        tokio::task::yield_now().await;
    }
    assert_eq!(seen.len(), expected);
    let mut entered = BTreeSet::new();
    let mut items = std::collections::BTreeMap::new();
    for row in seen {
        match row {
            FeedRow::Enter(dossier) => assert!(entered.insert(dossier), "entered once"),
            FeedRow::Item(item) => {
                assert!(entered.contains(&item.dossier));
                let last = items.insert(item.dossier, item.position).unwrap_or(0);
                assert_eq!(item.position, last + 1);
            }
            other => panic!("not written: {other:?}"),
        }
    }
}

/// Transactions that touch many dossiers and scopes in any order all come to an end.
pub async fn two_admissions_of_many_scopes_do_not_block_for_ever(storage: Arc<dyn Storage>) {
    let numbers: Vec<u32> = (1..=20).collect();
    Sender::new(1).send(&*storage, numbers.iter().map(|number| change(dossier(*number), 1, 1)).collect()).await;
    let mut writers = JoinSet::new();
    for round in 0..WRITERS {
        let (storage, mut numbers) = (Arc::clone(&storage), numbers.clone());
        numbers.rotate_left(usize::from(round) * 2);
        if round % 2 == 0 {
            numbers.reverse();
        }
        writers.spawn(async move {
            let scopes: Vec<String> = (0..6).map(|scope| format!("s{}", (scope * 5 + round) % 8)).collect();
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            let mut admissions = Vec::new();
            for number in numbers {
                admissions.push(admission(&*storage, dossier(number), &scopes).await);
            }
            assert_eq!(storage.admit_all(&admissions).await.unwrap(), [true; 20]);
        });
    }
    while let Some(joined) = writers.join_next().await {
        joined.unwrap();
    }
    for number in numbers {
        assert_eq!(storage.scopes_of(&dossier(number)).await.unwrap().len(), 6);
    }
}

/// Blocks of serials taken at once do not overlap and leave nothing out.
pub async fn serials_are_never_given_twice(storage: Arc<dyn Storage>) {
    let mut takers = JoinSet::new();
    for _ in 0..WRITERS {
        let storage = Arc::clone(&storage);
        takers.spawn(async move {
            let mut taken = Vec::new();
            for count in 1..=10 {
                let first = storage.take_serials("H29.16", "2026-11-21", count).await.unwrap();
                taken.extend(first..first + count);
            }
            taken
        });
    }
    let mut all = Vec::new();
    while let Some(taken) = takers.join_next().await {
        all.extend(taken.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (1..=u32::from(WRITERS) * 55).collect::<Vec<_>>());
}

/// The same device sends twice at once (its first request is still under way): one group stands, the others are told.
pub async fn of_two_groups_with_one_number_one_stands(storage: Arc<dyn Storage>) {
    let mut senders = JoinSet::new();
    for number in 0..u32::from(WRITERS) {
        let storage = Arc::clone(&storage);
        senders.spawn(async move {
            let group = Sender::new(1).group(vec![change(dossier(number), 1, 1), change(dossier(100), 2, 1)]);
            match storage.commit(&group).await {
                Ok(committed) => Some(committed.release()),
                Err(CommitFault::Raced) => None,
                Err(fault) => panic!("{fault:?}"),
            }
        });
    }
    let outcomes = senders.join_all().await;
    assert_eq!(outcomes.iter().flatten().count(), 1);
    let counts = storage.counts().await.unwrap();
    assert_eq!((counts.dossiers, counts.changes, counts.receipts), (2, 2, 1));
}

/// Two people scan one invitation at the same time.
pub async fn of_two_devices_with_one_invitation_one_is_enrolled(storage: Arc<dyn Storage>) {
    storage.invite(&invitation(1)).await.unwrap();
    let mut devices = JoinSet::new();
    for number in 1..=WRITERS {
        let storage = Arc::clone(&storage);
        devices.spawn(async move {
            let signed = certificate(number, "25747");
            storage.enrol(&Digest([1; 32]), &key(number).public(), &signed, NOW_MS).await.unwrap()
        });
    }
    let outcomes = devices.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Enrolment::Enrolled(_))).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Enrolment::AlreadyUsed).count(), usize::from(WRITERS) - 1);
    let used_by = storage.invitation(&Digest([1; 32])).await.unwrap().unwrap().used_by;
    let enrolled = storage.enrolled_devices().await.unwrap();
    assert_eq!(enrolled.len(), 1);
    assert_eq!(used_by, (1..=WRITERS).map(device).find(|device| enrolled[0].key == key_of(*device)));
}

fn key_of(wanted: dossier::id::DeviceId) -> dossier::id::PublicKey {
    (1..=WRITERS).map(|number| key(number).public()).find(|key| dossier::id::DeviceId::of(key) == wanted).unwrap()
}

/// All that settle a value at once are answered the same one.
pub async fn two_starting_processes_agree(storage: Arc<dyn Storage>) {
    let mut starting = JoinSet::new();
    for number in 1..=WRITERS {
        let storage = Arc::clone(&storage);
        starting.spawn(async move { storage.settle_setting("key", &[number]).await.unwrap() });
    }
    let settled: BTreeSet<Vec<u8>> = starting.join_all().await.into_iter().collect();
    assert_eq!(settled.len(), 1);
    assert_eq!(storage.setting("key").await.unwrap(), settled.into_iter().next());
}
