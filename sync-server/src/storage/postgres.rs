//! PostgreSQL: many server processes on one database.
//!
//! Whatever a group or an admission brings travels as arrays, so the number of statements does not grow with the number
//! of dossiers. Rows are locked in one order everywhere: device, then dossiers by id, then scopes by name. Numbers of a
//! scope's feed are given under the lock on the scope's row, which is held until the transaction ends.

mod admission;
mod hearing;
mod intake;
mod listing;
mod plain {
    crate::storage::plain::plain_queries!(sqlx::PgConnection);
}
#[cfg(test)]
mod tests;

use std::{str::FromStr, sync::Arc, time::Duration};

use dossier::{
    id::{BatchId, BlobId, DeviceId, Digest, DossierId, PublicKey},
    wire::{SignedReceipt, Waiting, repair::Sum},
};
use sqlx::{
    PgPool, Postgres, Transaction,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::sync::OnceCell;

use super::{
    Storage,
    implement::{implement_storage, writing},
    news::Told,
    *,
};
use crate::port::{Entropy, SystemEntropy};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/postgres");

/// Connections of one server process. A hundred connections, PostgreSQL's default, serve six processes.
const CONNECTIONS: u32 = 16;
/// How long a request waits for a connection before it is told to come back later.
const PATIENCE: Duration = Duration::from_secs(20);

/// The Centre's things in a PostgreSQL database.
#[derive(Debug, Clone)]
pub struct PostgresStorage {
    pool: PgPool,
    told: Told,
    /// By which other processes tell our news from theirs.
    mark: String,
    ear: Arc<OnceCell<hearing::Ear>>,
}

impl PostgresStorage {
    /// Connects to `postgres://…` and brings the schema up to date. Several processes may do so at once.
    pub async fn connect(url: &str) -> Result<Self, StorageFault> {
        let options = PgConnectOptions::from_str(url)?;
        let mut mark = [0; 8];
        SystemEntropy::default().fill(&mut mark);
        let mark = data_encoding::HEXLOWER.encode(&mark);
        let process = mark.clone();
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            // A database may be set not to wait for its disk. What is acknowledged must be there after a crash, so that
            // this setting is not taken over; a stricter one, which waits for replicas too, is.
            .after_connect(move |connection, _| {
                let process = process.clone();
                Box::pin(async move {
                    sqlx::query("SELECT set_config($1, $2, false)")
                        .bind(hearing::PROCESS)
                        .bind(process)
                        .execute(&mut *connection)
                        .await?;
                    sqlx::query(
                        "SELECT set_config('synchronous_commit', 'on', false)
                         WHERE current_setting('synchronous_commit') = 'off'",
                    )
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await?;
        MIGRATIONS.run(&pool).await.map_err(|error| StorageFault::Database(Box::new(error)))?;
        Ok(Self { pool, told: Told::default(), mark, ear: Arc::default() })
    }

    /// Waits for what is under way and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn read(&self) -> Result<PoolConnection<Postgres>, StorageFault> {
        Ok(self.pool.acquire().await?)
    }

    async fn snapshot(&self) -> Result<Transaction<'static, Postgres>, StorageFault> {
        Ok(self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
    }

    /// Listens to other processes from the first time that somebody asks.
    async fn listen(&self) -> Result<broadcast::Receiver<News>, StorageFault> {
        let news = self.told.subscribe();
        let open = async || {
            let mut listener = PgListener::connect_with(&self.pool).await?;
            listener.listen(hearing::CHANNEL).await?;
            Ok::<_, StorageFault>(hearing::Ear::open(listener, self.told.clone(), self.mark.clone()))
        };
        self.ear.get_or_try_init(open).await?;
        Ok(news)
    }

    async fn write(&self) -> Result<Transaction<'static, Postgres>, StorageFault> {
        // Said outright, since a database may have another default: the locks below are made for this level.
        Ok(self.pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await?)
    }
}

implement_storage!(PostgresStorage, "postgres");
