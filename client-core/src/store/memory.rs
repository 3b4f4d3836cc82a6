//! A store in memory that fails when told to: for tests and the simulator.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Row, Space, Store, StoreFault, Write, WriteBatch};

#[derive(Debug, Default)]
struct Contents {
    records: BTreeMap<(Space, Vec<u8>), Vec<u8>>,
    open: bool,
    commits: u64,
    full_at: Option<u64>,
    fail_at: Option<u64>,
}

/// What outlives a crash: the medium of a [`MemoryStore`]. Clones are the same medium.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Contents>>);

impl MemoryDisk {
    /// An empty medium.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        // A panic while holding the lock leaves the last whole commit: each is applied in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens it; [`StoreFault::InUse`] while another store has it open.
    pub fn open(&self) -> Result<MemoryStore, StoreFault> {
        let mut contents = self.lock();
        if contents.open {
            return Err(StoreFault::InUse);
        }
        contents.open = true;
        Ok(MemoryStore { disk: self.clone() })
    }

    /// How many commits became durable.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.lock().commits
    }

    /// From now on, the `after`-th next commit (1 is the very next) and all following find no room. `None`: room again.
    pub fn fill_up(&self, after: Option<u64>) {
        let mut contents = self.lock();
        contents.full_at = after.map(|after| contents.commits + after);
    }

    /// The `after`-th next commit (1 is the very next) fails once.
    pub fn fail_once(&self, after: u64) {
        let mut contents = self.lock();
        contents.fail_at = Some(contents.commits + after);
    }

    /// Overwrites a record behind the program's back, as a failing medium would.
    pub fn damage(&self, space: Space, key: &[u8], value: &[u8]) {
        self.lock().records.insert((space, key.to_vec()), value.to_vec());
    }

    /// Everything, for comparing.
    #[must_use]
    pub fn dump(&self) -> Vec<(Space, Vec<u8>, Vec<u8>)> {
        self.lock().records.iter().map(|((space, key), value)| (*space, key.clone(), value.clone())).collect()
    }
}

/// An open medium in memory. Dropping it closes the medium, as a crash would.
#[derive(Debug)]
pub struct MemoryStore {
    disk: MemoryDisk,
}

impl MemoryStore {
    /// A new medium, open.
    #[must_use]
    pub fn new() -> Self {
        let disk = MemoryDisk::new();
        disk.lock().open = true;
        Self { disk }
    }

    /// The medium, to be opened again after this store is dropped.
    #[must_use]
    pub fn disk(&self) -> MemoryDisk {
        self.disk.clone()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for MemoryStore {
    fn drop(&mut self) {
        self.disk.lock().open = false;
    }
}

impl Store for MemoryStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(self.disk.lock().records.get(&(space, key.to_vec())).cloned())
    }

    fn scan(&self, space: Space, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreFault> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded((space, after.to_vec())),
            _ => Bound::Included((space, prefix.to_vec())),
        };
        let contents = self.disk.lock();
        Ok(contents
            .records
            .range((from, Bound::Unbounded))
            .take_while(|((of, key), _)| *of == space && key.starts_with(prefix))
            .take(limit)
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect())
    }

    fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault> {
        let mut contents = self.disk.lock();
        let number = contents.commits + 1;
        if contents.full_at.is_some_and(|at| number >= at) {
            return Err(StoreFault::Full);
        }
        if contents.fail_at == Some(number) {
            contents.fail_at = None;
            return Err(StoreFault::Io("a fault asked for by a test".into()));
        }
        for write in batch.writes {
            match write {
                Write::Put(space, key, value) => {
                    contents.records.insert((space, key), value);
                }
                Write::Delete(space, key) => {
                    contents.records.remove(&(space, key));
                }
            }
        }
        contents.commits = number;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::{self, Bench};

    struct InMemory(MemoryDisk);

    impl Bench for InMemory {
        fn open(&self) -> Result<Box<dyn Store>, StoreFault> {
            Ok(Box::new(self.0.open()?))
        }

        fn open_nearly_full(&self) -> Box<dyn Store> {
            let store = self.0.open().unwrap();
            self.0.fill_up(Some(4));
            Box::new(store)
        }

        fn make_room(&self, store: Box<dyn Store>) -> Box<dyn Store> {
            self.0.fill_up(None);
            store
        }
    }

    #[test]
    fn the_memory_store_does_what_every_store_must() {
        conformance::suite(|| InMemory(MemoryDisk::new()));
    }

    #[test]
    fn a_failing_commit_changes_nothing_and_the_next_works() {
        let mut store = MemoryStore::new();
        store.disk().fail_once(1);
        let mut batch = WriteBatch::new();
        batch.put(Space::Cards, [1], [2]);
        assert!(matches!(store.commit(batch.clone()), Err(StoreFault::Io(_))));
        assert_eq!(store.get(Space::Cards, &[1]).unwrap(), None);
        store.commit(batch).unwrap();
        assert_eq!(store.get(Space::Cards, &[1]).unwrap(), Some(vec![2]));
    }
}
