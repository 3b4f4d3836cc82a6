//! The store in one SQLite file.
//!
//! WAL with `synchronous=FULL`: a commit is one fsync of the log. The file is locked exclusively for as long as the
//! store lives; the lock is the operating system's, so it goes with a process that is killed.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use crate::store::{Row, Space, Store, StoreFault, Write, WriteBatch, end_of};

/// The layout this program writes, in SQLite's `user_version`.
const LAYOUT: i64 = 1;
/// Told in the file's header, so that tools know what it is: "Tram" in ASCII.
const APPLICATION_ID: i64 = 0x5472_616d;
/// How long to wait for another program to let go: a command in another window is done by then.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The store in one SQLite file.
pub struct SqliteStore {
    connection: Connection,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteStore")
    }
}

impl SqliteStore {
    /// Opens the file, making it if it is not there. Waits about five seconds for another owner, then
    /// [`StoreFault::InUse`]; [`StoreFault::Newer`] for a layout that this program does not know.
    pub fn open(path: &Path) -> Result<Self, StoreFault> {
        Self::open_waiting(path, LOCK_WAIT)
    }

    /// As [`SqliteStore::open`], waiting this long for another owner.
    pub fn open_waiting(path: &Path, wait: Duration) -> Result<Self, StoreFault> {
        let connection = Connection::open(path).map_err(fault)?;
        connection.busy_timeout(wait).map_err(fault)?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(fault)?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(fault)?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(StoreFault::Damaged("journal mode"));
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(fault)?;
        let store = Self { connection };
        store.lay_out()?;
        Ok(store)
    }

    fn lay_out(&self) -> Result<(), StoreFault> {
        // Taking the write lock once makes the exclusive lock ours for good.
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(fault)?;
        let version: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fault)?;
        match version {
            LAYOUT => {}
            0 => self
                .connection
                .execute_batch(&format!(
                    "CREATE TABLE record (
                       space INTEGER NOT NULL,
                       key   BLOB    NOT NULL,
                       value BLOB    NOT NULL,
                       PRIMARY KEY (space, key)
                     );
                     PRAGMA application_id = {APPLICATION_ID};
                     PRAGMA user_version = {LAYOUT};"
                ))
                .map_err(fault)?,
            _ => {
                self.connection.execute_batch("ROLLBACK").map_err(fault)?;
                return Err(StoreFault::Newer);
            }
        }
        self.connection.execute_batch("COMMIT").map_err(fault)
    }

    /// Bounds the file's size in pages of 4 KiB; `None` lifts the bound.
    pub fn limit_pages(&self, pages: Option<u32>) -> Result<(), StoreFault> {
        let pages = pages.map_or(i64::from(u32::MAX - 1), i64::from);
        self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).map_err(fault)
    }

    /// How many pages the file has.
    pub fn pages(&self) -> Result<u32, StoreFault> {
        self.connection.pragma_query_value(None, "page_count", |row| row.get(0)).map_err(fault)
    }
}

fn fault(error: rusqlite::Error) -> StoreFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreFault::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreFault::InUse,
        Some(ErrorCode::DatabaseCorrupt) => StoreFault::Damaged("database file"),
        Some(ErrorCode::NotADatabase) => StoreFault::Damaged("not a store"),
        _ => StoreFault::Io(Box::new(error)),
    }
}

impl Store for SqliteStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        let mut statement =
            self.connection.prepare_cached("SELECT value FROM record WHERE space = ?1 AND key = ?2").map_err(fault)?;
        statement.query_row(params![space as u8, key], |row| row.get(0)).optional().map_err(fault)
    }

    fn scan(&self, space: Space, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreFault> {
        let end = end_of(prefix);
        let (from, strictly) = match after {
            Some(after) if after >= prefix => (after, true),
            _ => (prefix, false),
        };
        let sql = match (strictly, end.is_some()) {
            (true, true) => {
                "SELECT key, value FROM record WHERE space = ?1 AND key > ?2 AND key < ?4 ORDER BY key LIMIT ?3"
            }
            (false, true) => {
                "SELECT key, value FROM record WHERE space = ?1 AND key >= ?2 AND key < ?4 ORDER BY key LIMIT ?3"
            }
            (true, false) => "SELECT key, value FROM record WHERE space = ?1 AND key > ?2 ORDER BY key LIMIT ?3",
            (false, false) => "SELECT key, value FROM record WHERE space = ?1 AND key >= ?2 ORDER BY key LIMIT ?3",
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let rows = match &end {
            Some(end) => statement.query_map(params![space as u8, from, limit, end], read),
            None => statement.query_map(params![space as u8, from, limit], read),
        };
        rows.map_err(fault)?.collect::<Result<_, _>>().map_err(fault)
    }

    fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault> {
        if batch.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.transaction().map_err(fault)?;
        {
            let mut put = transaction
                .prepare_cached(
                    "INSERT INTO record (space, key, value) VALUES (?1, ?2, ?3)
                     ON CONFLICT (space, key) DO UPDATE SET value = excluded.value",
                )
                .map_err(fault)?;
            let mut delete =
                transaction.prepare_cached("DELETE FROM record WHERE space = ?1 AND key = ?2").map_err(fault)?;
            for write in batch.writes() {
                match write {
                    Write::Put(space, key, value) => put.execute(params![*space as u8, key, value]),
                    Write::Delete(space, key) => delete.execute(params![*space as u8, key]),
                }
                .map_err(fault)?;
            }
        }
        transaction.commit().map_err(fault)
    }
}

#[cfg(test)]
mod tests;
