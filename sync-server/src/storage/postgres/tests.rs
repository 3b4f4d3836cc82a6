use std::sync::Arc;

use super::*;
use crate::storage::{
    conformance::fixtures::{Sender, admit, change, dossier, rows},
    throwaway_postgres::ThrowawayPostgres,
};

async fn fresh() -> String {
    match ThrowawayPostgres::shared() {
        Ok(server) => server.fresh_database().await.unwrap(),
        Err(fault) => panic!("{fault}"),
    }
}

async fn open() -> (Arc<dyn Storage>, ()) {
    (Arc::new(PostgresStorage::connect(&fresh().await).await.unwrap()), ())
}

crate::storage_conformance!(open);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_share_a_new_database() {
    let url = fresh().await;
    let mut opening = tokio::task::JoinSet::new();
    for number in 1..=4u8 {
        let url = url.clone();
        opening.spawn(async move {
            let storage = PostgresStorage::connect(&url).await.unwrap();
            Sender::new(number).send(&storage, vec![change(dossier(1), number, 1)]).await;
            storage
        });
    }
    let storages = opening.join_all().await;
    admit(&storages[0], dossier(1), &["a"]).await;
    for storage in &storages {
        assert_eq!(rows(storage, "a", 0).await.len(), 5);
    }
}

#[tokio::test]
async fn an_unsafe_default_of_the_database_is_not_taken_over() {
    let url = fresh().await;
    let storage = PostgresStorage::connect(&url).await.unwrap();
    for (set, found) in [("off", "on"), ("remote_apply", "remote_apply")] {
        let statement = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = {set}', current_database()); END $$"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&storage.pool).await.unwrap();
        let again = PostgresStorage::connect(&url).await.unwrap();
        let value: String =
            sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&mut *again.write().await.unwrap()).await.unwrap();
        assert_eq!(value, found);
    }
}

#[tokio::test]
async fn work_that_another_writer_broke_off_is_known_as_such() {
    let storage = PostgresStorage::connect(&fresh().await).await.unwrap();
    for (state, broken_off, full) in [("40001", true, false), ("40P01", true, false), ("53100", false, true)] {
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$");
        let error = sqlx::raw_sql(sqlx::AssertSqlSafe(raise)).execute(&storage.pool).await.unwrap_err();
        let fault = StorageFault::from(error);
        assert_eq!((fault.was_broken_off(), fault.is_full()), (broken_off, full), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_one_process_reach_the_others_once() {
    let url = fresh().await;
    let (here, there) = (PostgresStorage::connect(&url).await.unwrap(), PostgresStorage::connect(&url).await.unwrap());
    let (mut own, mut others) = (here.news().await.unwrap(), there.news().await.unwrap());
    let mut sender = Sender::new(1);
    for scope in ["a", "b"] {
        sender.send(&here, vec![change(dossier(u32::from(scope.as_bytes()[0])), 1, 1)]).await;
        admit(&here, dossier(u32::from(scope.as_bytes()[0])), &[scope]).await;
    }
    // Then one from there, so that whatever was told twice would stand before it.
    sender.send(&there, vec![change(dossier(3), 1, 1)]).await;
    admit(&there, dossier(3), &["c"]).await;
    for scope in ["a", "b", "c"] {
        let expected = News::In(Arc::new([scope.to_owned()].into()));
        assert_eq!((own.recv().await.unwrap(), others.recv().await.unwrap()), (expected.clone(), expected));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_whose_line_broke_is_told_that_it_may_have_missed_something() {
    let storage = PostgresStorage::connect(&fresh().await).await.unwrap();
    let mut news = storage.news().await.unwrap();
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    )
    .execute(&storage.pool)
    .await
    .unwrap();
    assert_eq!(news.recv().await.unwrap(), News::Unknown);
}
