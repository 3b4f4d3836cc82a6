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
