//! Typed reading of the store, and the batch that a piece of work is written into.

use crate::{
    record::Record,
    store::{Row, Store, StoreFault, WriteBatch},
};

/// How many records one scan asks for: a few hundred kilobytes of the largest ordinary records.
const PAGE: usize = 1_000;

/// A key of parts.
pub fn key(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// What is done with each record.
pub type Take<'a, R> = &'a mut dyn FnMut(&[u8], R) -> Result<(), StoreFault>;

/// Typed reading.
pub trait Read {
    /// The record of a key.
    fn record<R: Record>(&self, key: &[u8]) -> Result<Option<R>, StoreFault>;
    /// All records whose keys begin so, in order.
    fn records<R: Record>(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, R)>, StoreFault>;
    /// All records whose keys begin so, in order, one after the other.
    fn each<R: Record>(&self, prefix: &[u8], take: Take<'_, R>) -> Result<(), StoreFault>;
    /// All keys that begin so, in order.
    fn keys<R: Record>(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, StoreFault>;
}

fn each_page<R: Record>(
    store: &dyn Store,
    prefix: &[u8],
    mut take: impl FnMut(Row) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let rows = store.scan(R::SPACE, prefix, after.as_deref(), PAGE)?;
        let whole = rows.len() == PAGE;
        after = rows.last().map(|(key, _)| key.clone());
        rows.into_iter().try_for_each(&mut take)?;
        if !whole {
            return Ok(());
        }
    }
}

impl Read for dyn Store + '_ {
    fn record<R: Record>(&self, key: &[u8]) -> Result<Option<R>, StoreFault> {
        self.get(R::SPACE, key)?.map(|value| R::from_value(&value)).transpose()
    }

    fn records<R: Record>(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, R)>, StoreFault> {
        let mut all = Vec::new();
        each_page::<R>(self, prefix, |(key, value)| {
            all.push((key, R::from_value(&value)?));
            Ok(())
        })?;
        Ok(all)
    }

    fn each<R: Record>(&self, prefix: &[u8], take: Take<'_, R>) -> Result<(), StoreFault> {
        each_page::<R>(self, prefix, |(key, value)| take(&key, R::from_value(&value)?))
    }

    fn keys<R: Record>(&self, prefix: &[u8]) -> Result<Vec<Vec<u8>>, StoreFault> {
        let mut all = Vec::new();
        each_page::<R>(self, prefix, |(key, _)| {
            all.push(key);
            Ok(())
        })?;
        Ok(all)
    }
}

/// Typed writing into a batch.
pub trait Put {
    /// Sets a record.
    fn record<R: Record>(&mut self, key: &[u8], record: &R);
    /// Removes a record.
    fn remove<R: Record>(&mut self, key: &[u8]);
}

impl Put for WriteBatch {
    fn record<R: Record>(&mut self, key: &[u8], record: &R) {
        self.put(R::SPACE, key, record.to_value());
    }

    fn remove<R: Record>(&mut self, key: &[u8]) {
        self.delete(R::SPACE, key);
    }
}

/// The part of a key from `at`, as an id of fixed length.
pub fn part<const N: usize>(key: &[u8], at: usize) -> Result<[u8; N], StoreFault> {
    key.get(at..at + N).and_then(|part| part.try_into().ok()).ok_or(StoreFault::Damaged("key"))
}
