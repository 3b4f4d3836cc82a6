//! The store as a copy-on-write tree (redb) in one file.
//!
//! A commit writes new pages beside the old ones, then the root: whatever happens in between, the file opens as of the
//! last whole commit. Each commit also keeps what is needed to open the file without reading it through, because a
//! phone's browser is killed rather than closed.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{Database, DatabaseError, ReadableDatabase, StorageBackend, StorageError, TableDefinition};

use crate::store::{Row, Space, Store, StoreFault, Write, WriteBatch, end_of};

/// Space and key to value.
const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("record");
/// The layout this program writes, under the key 0.
const LAYOUTS: TableDefinition<'_, u8, u64> = TableDefinition::new("layout");
const LAYOUT: u64 = 1;
/// Pages held in memory. A phone has little; what a screen needs of 2,000 dossiers fits.
const CACHE_BYTES: usize = 8 << 20;

/// A file that a store can be opened on, one store at a time. Clones are the same file.
#[derive(Debug, Clone)]
pub struct Medium {
    backend: Arc<dyn StorageBackend>,
    taken: Arc<AtomicBool>,
}

impl Medium {
    /// The medium on a file.
    pub fn new(backend: impl StorageBackend) -> Self {
        Self { backend: Arc::new(backend), taken: Arc::default() }
    }
}

/// The file as the database sees it. The file outlives the database, which is opened anew after a failure.
#[derive(Debug)]
struct Pages(Arc<dyn StorageBackend>);

impl StorageBackend for Pages {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}

/// The store on a [`Medium`].
#[derive(Debug)]
pub struct TreeStore {
    medium: Medium,
    /// `None` only while it is opened anew, or if that failed.
    database: Option<Database>,
}

impl TreeStore {
    /// Opens the medium, laying it out if it is empty. [`StoreFault::InUse`] while another store has it;
    /// [`StoreFault::Newer`] for a layout that this program does not know.
    pub fn open(medium: &Medium) -> Result<Self, StoreFault> {
        if medium.taken.swap(true, Ordering::SeqCst) {
            return Err(StoreFault::InUse);
        }
        // From here on dropping the store gives the medium back, also when opening fails.
        let mut store = Self { medium: medium.clone(), database: None };
        store.database = Some(store.load()?);
        store.lay_out()?;
        Ok(store)
    }

    fn load(&self) -> Result<Database, StoreFault> {
        let pages = Pages(Arc::clone(&self.medium.backend));
        Database::builder().set_cache_size(CACHE_BYTES).create_with_backend(pages).map_err(|error| match error {
            DatabaseError::Storage(error) => fault(error),
            DatabaseError::UpgradeRequired(_) => StoreFault::Newer,
            other => StoreFault::Io(Box::new(other)),
        })
    }

    fn lay_out(&self) -> Result<(), StoreFault> {
        let known = (|| -> Result<Option<u64>, redb::Error> {
            let reading = self.database()?.begin_read()?;
            match reading.open_table(LAYOUTS) {
                Ok(layouts) => Ok(layouts.get(0)?.map(|layout| layout.value())),
                Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })();
        match known.map_err(wide)? {
            Some(LAYOUT) => Ok(()),
            Some(_) => Err(StoreFault::Newer),
            None => (|| -> Result<(), redb::Error> {
                let writing = self.database()?.begin_write()?;
                writing.open_table(LAYOUTS)?.insert(0, LAYOUT)?;
                writing.open_table(RECORDS)?;
                writing.commit()?;
                Ok(())
            })()
            .map_err(wide),
        }
    }

    fn database(&self) -> Result<&Database, StorageError> {
        self.database.as_ref().ok_or(StorageError::DatabaseClosed)
    }

    fn write(&self, batch: &WriteBatch) -> Result<(), redb::Error> {
        let mut writing = self.database()?.begin_write()?;
        writing.set_quick_repair(true);
        {
            let mut records = writing.open_table(RECORDS)?;
            for write in batch.writes() {
                match write {
                    Write::Put(space, key, value) => {
                        records.insert(in_space(*space, key).as_slice(), value.as_slice())?;
                    }
                    Write::Delete(space, key) => {
                        records.remove(in_space(*space, key).as_slice())?;
                    }
                }
            }
        }
        writing.commit()?;
        Ok(())
    }
}

impl Drop for TreeStore {
    fn drop(&mut self) {
        self.database = None;
        self.medium.taken.store(false, Ordering::SeqCst);
    }
}

fn in_space(space: Space, key: &[u8]) -> Vec<u8> {
    [&[space as u8], key].concat()
}

fn fault(error: StorageError) -> StoreFault {
    match error {
        StorageError::Io(error)
            if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) =>
        {
            StoreFault::Full
        }
        StorageError::Corrupted(_) => StoreFault::Damaged("database file"),
        other => StoreFault::Io(Box::new(other)),
    }
}

fn wide(error: redb::Error) -> StoreFault {
    match error {
        redb::Error::Io(error) => fault(StorageError::Io(error)),
        redb::Error::Corrupted(what) => fault(StorageError::Corrupted(what)),
        other => StoreFault::Io(Box::new(other)),
    }
}

impl Store for TreeStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        (|| -> Result<Option<Vec<u8>>, redb::Error> {
            let records = self.database()?.begin_read()?.open_table(RECORDS)?;
            Ok(records.get(in_space(space, key).as_slice())?.map(|value| value.value().to_vec()))
        })()
        .map_err(wide)
    }

    fn scan(&self, space: Space, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreFault> {
        use std::ops::Bound;
        let whole = in_space(space, prefix);
        let past = after.filter(|after| *after >= prefix).map(|after| in_space(space, after));
        let end = end_of(&whole);
        let from = past.as_deref().map_or(Bound::Included(whole.as_slice()), Bound::Excluded);
        let until = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        // A range must not end before it begins: past the prefix there is nothing.
        if let (Some(past), Some(end)) = (&past, &end)
            && past >= end
        {
            return Ok(Vec::new());
        }
        (|| -> Result<Vec<Row>, redb::Error> {
            let records = self.database()?.begin_read()?.open_table(RECORDS)?;
            let mut rows = Vec::new();
            for row in records.range::<&[u8]>((from, until))?.take(limit) {
                let (key, value) = row?;
                rows.push((key.value()[1..].to_vec(), value.value().to_vec()));
            }
            Ok(rows)
        })()
        .map_err(wide)
    }

    fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault> {
        if batch.is_empty() {
            return Ok(());
        }
        let Err(error) = self.write(&batch) else { return Ok(()) };
        // After a failed write the database refuses everything; opened anew it stands at the last whole commit.
        self.database = None;
        self.database = Some(self.load()?);
        Err(wide(error))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::store::conformance::{self, Bench};

    /// A file in memory with a bound, that remembers what was synced.
    #[derive(Debug, Clone, Default)]
    struct Disk(Arc<Mutex<Bytes>>);

    #[derive(Debug, Default)]
    struct Bytes {
        now: Vec<u8>,
        synced: Vec<u8>,
        most: Option<usize>,
        syncs: u64,
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            Ok(self.0.lock().unwrap().now.len() as u64)
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            let offset = usize::try_from(offset).unwrap();
            let bytes = self.0.lock().unwrap();
            let part = bytes.now.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            out.copy_from_slice(part);
            Ok(())
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            let len = usize::try_from(len).unwrap();
            let mut bytes = self.0.lock().unwrap();
            if bytes.most.is_some_and(|most| len > most.max(bytes.now.len())) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            bytes.now.resize(len, 0);
            Ok(())
        }

        fn sync_data(&self) -> io::Result<()> {
            let mut bytes = self.0.lock().unwrap();
            bytes.synced = bytes.now.clone();
            bytes.syncs += 1;
            Ok(())
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            let offset = usize::try_from(offset).unwrap();
            let mut bytes = self.0.lock().unwrap();
            let end = offset + data.len();
            if bytes.now.len() < end {
                if bytes.most.is_some_and(|most| end > most) {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                bytes.now.resize(end, 0);
            }
            bytes.now[offset..end].copy_from_slice(data);
            Ok(())
        }
    }

    struct Memory {
        disk: Disk,
        medium: Medium,
    }

    impl Memory {
        fn new() -> Self {
            let disk = Disk::default();
            Self { medium: Medium::new(disk.clone()), disk }
        }
    }

    impl Bench for Memory {
        fn open(&self) -> Result<Box<dyn Store>, StoreFault> {
            Ok(Box::new(TreeStore::open(&self.medium)?))
        }

        fn open_nearly_full(&self) -> Box<dyn Store> {
            let store = TreeStore::open(&self.medium).unwrap();
            let mut bytes = self.disk.0.lock().unwrap();
            bytes.most = Some(bytes.now.len() + (1 << 20));
            drop(bytes);
            Box::new(store)
        }

        fn make_room(&self, store: Box<dyn Store>) -> Box<dyn Store> {
            self.disk.0.lock().unwrap().most = None;
            store
        }
    }

    #[test]
    fn conforms() {
        conformance::suite(Memory::new);
    }

    #[test]
    fn a_newer_layout_is_left_alone() {
        let memory = Memory::new();
        let store = TreeStore::open(&memory.medium).unwrap();
        let writing = store.database().unwrap().begin_write().unwrap();
        writing.open_table(LAYOUTS).unwrap().insert(0, LAYOUT + 1).unwrap();
        writing.commit().unwrap();
        drop(store);
        assert!(matches!(TreeStore::open(&memory.medium), Err(StoreFault::Newer)));
    }

    #[test]
    fn what_was_committed_survives_a_power_cut_at_any_moment() {
        let memory = Memory::new();
        let mut store = TreeStore::open(&memory.medium).unwrap();
        for round in 0..40u8 {
            let mut batch = WriteBatch::new();
            batch.put(Space::Journal, [round], vec![round; 3000]);
            batch.delete(Space::Journal, [round.wrapping_sub(7)]);
            store.commit(batch).unwrap();
            // The power goes now: only what was synced is there, and another program opens it.
            let disk = Disk::default();
            disk.0.lock().unwrap().now = memory.disk.0.lock().unwrap().synced.clone();
            let after = TreeStore::open(&Medium::new(disk)).unwrap();
            let kept = after.scan(Space::Journal, &[], None, 100).unwrap();
            let first = round.saturating_sub(6);
            assert_eq!(kept.iter().map(|(key, _)| key[0]).collect::<Vec<_>>(), (first..=round).collect::<Vec<_>>());
        }
    }
}
