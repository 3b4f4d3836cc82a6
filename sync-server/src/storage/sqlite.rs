//! The embedded database: one file, no other process to run.
//!
//! Write-ahead logging with a flush to disk at every commit. One connection writes, so writers queue here rather than
//! fail there; a few others read, each seeing one moment, and never wait for the writer. Another process (an operator's
//! command) may have the same file open.

mod admission;
mod intake;
mod listing;
mod plain {
    crate::storage::plain::plain_queries!(sqlx::SqliteConnection);
}
#[cfg(test)]
mod tests;

use std::{path::Path, time::Duration};

use dossier::{
    id::{BatchId, BlobId, DeviceId, Digest, DossierId, PublicKey},
    wire::{SignedReceipt, Waiting, repair::Sum},
};
use sqlx::{
    Connection, Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Storage,
    implement::{implement_storage, writing},
    news::Told,
    *,
};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");

/// Connections that read at once. Reads are short, and the machine has few cores.
const READERS: u32 = 4;
/// How long to wait for another process that writes: an operator's command takes milliseconds, a backup seconds.
const BUSY: Duration = Duration::from_secs(20);

/// The Centre's things in one SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteStorage {
    writer: SqlitePool,
    readers: SqlitePool,
    told: Told,
}

impl SqliteStorage {
    /// Opens the file, makes it if it is not there, and brings its schema up to date. Several processes may open it at
    /// once; a file beside it (`….lock`) keeps them from changing the schema together.
    pub async fn open(path: &Path) -> Result<Self, StorageFault> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            // After a full disk SQLite ends the transaction by itself, and the driver no longer knows where it is: such
            // a connection is closed, and the next writer gets a new one. The ping comes after the queued rollback.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            });
        let lock = lock_beside(path).await?;
        let writer = writer.connect_with(options.clone()).await?;
        MIGRATIONS.run(&writer).await.map_err(|error| StorageFault::Database(Box::new(error)))?;
        drop(lock);
        let readers = SqlitePoolOptions::new().max_connections(READERS).test_before_acquire(false);
        let readers = readers.connect_with(options.read_only(true).create_if_missing(false)).await?;
        Ok(Self { writer, readers, told: Told::default() })
    }

    /// Waits for what is under way and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn read(&self) -> Result<PoolConnection<Sqlite>, StorageFault> {
        Ok(self.readers.acquire().await?)
    }

    async fn snapshot(&self) -> Result<Transaction<'static, Sqlite>, StorageFault> {
        Ok(self.readers.begin().await?)
    }

    /// This process is the only one that admits, so its own news are all there are.
    async fn listen(&self) -> Result<broadcast::Receiver<News>, StorageFault> {
        Ok(self.told.subscribe())
    }

    async fn write(&self) -> Result<Transaction<'static, Sqlite>, StorageFault> {
        // A transaction that began by reading could not be made to wait when it comes to write.
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Holds a lock on a file beside the database, until dropped.
async fn lock_beside(path: &Path) -> Result<std::fs::File, StorageFault> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = move || {
        let file = std::fs::File::options().create(true).append(true).open(name)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    };
    let joined = tokio::task::spawn_blocking(lock).await.map_err(|error| StorageFault::Database(Box::new(error)))?;
    joined.map_err(|error| StorageFault::Database(Box::new(error)))
}

implement_storage!(SqliteStorage, "sqlite");
