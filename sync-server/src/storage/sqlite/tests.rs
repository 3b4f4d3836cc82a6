use std::sync::Arc;

use super::*;
use crate::storage::conformance::fixtures::{Sender, admission, admit, change, dossier, rows};

async fn open() -> (Arc<dyn Storage>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(&directory.path().join("tram.sqlite")).await.unwrap();
    (Arc::new(storage), directory)
}

crate::storage_conformance!(open);

#[tokio::test]
async fn what_is_committed_waits_for_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(&directory.path().join("tram.sqlite")).await.unwrap();
    let mut writer = storage.writer.acquire().await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *writer).await.unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *writer).await.unwrap();
    let foreign: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut *writer).await.unwrap();
    assert_eq!((synchronous, journal.as_str(), foreign), (2, "wal", 1));
}

#[tokio::test]
async fn a_file_opened_again_holds_what_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tram.sqlite");
    let storage = SqliteStorage::open(&path).await.unwrap();
    Sender::new(1).send(&storage, vec![change(dossier(1), 1, 1)]).await;
    storage.close().await;
    let storage = SqliteStorage::open(&path).await.unwrap();
    admit(&storage, dossier(1), &["a"]).await;
    assert_eq!(rows(&storage, "a", 0).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_may_open_a_new_file_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tram.sqlite");
    let mut opening = tokio::task::JoinSet::new();
    for number in 0..6u8 {
        let path = path.clone();
        opening.spawn(async move {
            let storage = SqliteStorage::open(&path).await.unwrap();
            storage.settle_setting("key", &[number]).await.unwrap()
        });
    }
    let settled: std::collections::BTreeSet<_> = opening.join_all().await.into_iter().collect();
    assert_eq!(settled.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_write_one_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tram.sqlite");
    let mut writers = tokio::task::JoinSet::new();
    for number in 1..=2u8 {
        let storage = SqliteStorage::open(&path).await.unwrap();
        writers.spawn(async move {
            let mut sender = Sender::new(number);
            for count in 0..40 {
                let dossier = dossier(count);
                sender.send(&storage, vec![change(dossier, number, 1)]).await;
                // The other process may bring its own change in between; then it is for that one to admit both.
                let admission = admission(&storage, dossier, &["a"]).await;
                storage.admit(&admission).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let counts = SqliteStorage::open(&path).await.unwrap().counts().await.unwrap();
    assert_eq!((counts.dossiers, counts.changes, counts.receipts, counts.awaiting), (40, 80, 80, 0));
}

#[tokio::test]
async fn a_full_disk_is_told_writes_nothing_and_passes() {
    let directory = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(&directory.path().join("tram.sqlite")).await.unwrap();
    let mut sender = Sender::new(1);
    sender.send(&storage, vec![change(dossier(1), 1, 1)]).await;
    let mut writer = storage.writer.acquire().await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *writer).await.unwrap();
    let limit = format!("PRAGMA max_page_count = {}", pages + 2);
    sqlx::query(sqlx::AssertSqlSafe(limit)).execute(&mut *writer).await.unwrap();
    drop(writer);
    let mut large = change(dossier(1), 1, 2);
    large.bytes = vec![1; 1 << 20];
    let CommitFault::Storage(fault) = sender.try_send(&storage, vec![large]).await.unwrap_err() else {
        panic!("a full disk is no race")
    };
    assert!(fault.is_full(), "{fault:?}");
    let mut writer = storage.writer.acquire().await.unwrap();
    sqlx::query("PRAGMA max_page_count = 1000000").execute(&mut *writer).await.unwrap();
    drop(writer);
    assert_eq!(storage.record(&dossier(1)).await.unwrap().unwrap().items.len(), 1);
    sender.send(&storage, vec![change(dossier(1), 1, 2)]).await;
    assert_eq!(storage.record(&dossier(1)).await.unwrap().unwrap().items.len(), 2);
}

#[tokio::test]
async fn a_writer_that_lost_its_transaction_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(&directory.path().join("tram.sqlite")).await.unwrap();
    let mut transaction = storage.write().await.unwrap();
    // As SQLite itself does when the disk is full in the middle of a page.
    sqlx::raw_sql("ROLLBACK").execute(&mut *transaction).await.unwrap();
    drop(transaction);
    Sender::new(1).send(&storage, vec![change(dossier(1), 1, 1)]).await;
    assert_eq!(storage.counts().await.unwrap().changes, 1);
}

#[test]
fn other_faults_are_no_full_disk() {
    assert!(!StorageFault::from(sqlx::Error::PoolTimedOut).is_full());
    assert!(!StorageFault::Damaged("item").is_full());
}
