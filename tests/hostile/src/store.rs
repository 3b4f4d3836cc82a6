//! A device's store that begins again from the same records each time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use client_core::store::{Row, Space, Store, StoreFault, Write, WriteBatch};

type Records = BTreeMap<(Space, Vec<u8>), Vec<u8>>;

/// Records in memory. Clones are the same records.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<Mutex<Records>>);

impl Shelf {
    /// The same records, apart from now on.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.records(|records| records.clone()))))
    }

    fn records<T>(&self, with: impl FnOnce(&mut Records) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Shelf {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(self.records(|records| records.get(&(space, key.to_vec())).cloned()))
    }

    fn scan(&self, space: Space, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreFault> {
        Ok(self.records(|records| {
            let from = records.range((space, prefix.to_vec())..);
            let ours = from.take_while(|((of, key), _)| *of == space && key.starts_with(prefix));
            let ours = ours.filter(|((_, key), _)| after.is_none_or(|after| key.as_slice() > after));
            ours.take(limit).map(|((_, key), value)| (key.clone(), value.clone())).collect()
        }))
    }

    fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault> {
        self.records(|records| {
            for write in batch.writes() {
                match write {
                    Write::Put(space, key, value) => records.insert((*space, key.clone()), value.clone()),
                    Write::Delete(space, key) => records.remove(&(*space, key.clone())),
                };
            }
        });
        Ok(())
    }
}
