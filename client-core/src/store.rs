//! The port to durable storage: an ordered store of records, one durable transaction per commit.
//!
//! A record has a space, a key and a value. Keys are ids, hashes and counters, never anything personal; values are
//! opaque bytes whose first byte is the version of the record ([`crate::record`]). So values can be encrypted at rest
//! without a change of layout. What every store must do is written down in [`conformance`], which all pass.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod memory;

pub use memory::{MemoryDisk, MemoryStore};

/// What a record is about. Numbers are part of the layout and are never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Space {
    /// The device's own: key seed, Centre, certificate, invitation. Key: a fixed name.
    Settings = 1,
    /// Which dossiers are here. Key: dossier.
    Dossiers = 2,
    /// What was typed and not yet sealed. Key: dossier, hash of the path.
    Journal = 3,
    /// Content changes, everybody's. Key: dossier, hash.
    Changes = 4,
    /// Text objects that exist. Key: dossier, hash of the change that makes it.
    Texts = 5,
    /// Events, everybody's. Key: dossier, hash.
    Events = 6,
    /// This device's own events in their order. Key: counter, event.
    Chain = 7,
    /// What lists show; a cache. Key: dossier.
    Cards = 8,
    /// Attachments whose content is here, wholly or in part. Key: blob.
    Blobs = 10,
    /// Content of attachments in parts. Key: content id, number of the part.
    Chunks = 11,
    /// Content being laid down. Key: content id.
    Staging = 12,
    /// Attachments that a dossier names. Key: dossier, blob.
    Files = 13,
    /// Uploads begun. Key: dossier, blob.
    Uploads = 14,
    /// Own items without a receipt. Key: dossier, kind, hash.
    Outbox = 15,
    /// Which receipt holds an own item. Key: dossier, kind, hash.
    Proofs = 16,
    /// Receipts, as signed. Key: number, hash.
    Receipts = 17,
    /// Other devices and their certificates. Key: device.
    Directory = 18,
    /// As which actor this device writes. Key: dossier.
    Actors = 19,
    /// Which device stands behind an actor. Key: dossier, actor.
    Writers = 20,
    /// Blocks of official codes. Key: hash.
    Leases = 21,
    /// How far scopes were read. Key: hash of the scope.
    Cursors = 22,
    /// In which scopes a dossier came. Key: dossier, hash of the scope.
    Memberships = 23,
    /// Provisional codes given here. Key: local date, number.
    Provisional = 24,
    /// What the Centre said of items after their receipt. Key: dossier, hash.
    Notices = 25,
}

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// No room is left. Nothing of the commit happened.
    #[error("no room is left")]
    Full,
    /// Another program holds the store.
    #[error("the store is in use")]
    InUse,
    /// A newer program wrote it.
    #[error("the store was written by a newer program")]
    Newer,
    /// It does not read back as what was written.
    #[error("the store is damaged: {0}")]
    Damaged(&'static str),
    /// The medium failed. Nothing of the commit happened.
    #[error("the store failed")]
    Io(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// What happens to one record in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// The record has this value from now on.
    Put(Space, Vec<u8>, Vec<u8>),
    /// The record is gone.
    Delete(Space, Vec<u8>),
}

/// Everything that becomes durable together, in order: of two writes to one record the later counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteBatch {
    writes: Vec<Write>,
}

impl WriteBatch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a record.
    pub fn put(&mut self, space: Space, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.writes.push(Write::Put(space, key.into(), value.into()));
    }

    /// Removes a record; one that is not there is as good as removed.
    pub fn delete(&mut self, space: Space, key: impl Into<Vec<u8>>) {
        self.writes.push(Write::Delete(space, key.into()));
    }

    /// Adds everything of another batch after what is here.
    pub fn append(&mut self, other: Self) {
        self.writes.extend(other.writes);
    }

    /// The writes in order.
    #[must_use]
    pub fn writes(&self) -> &[Write] {
        &self.writes
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}

/// An ordered record store with one writer.
pub trait Store: Send {
    /// The value of a record.
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault>;

    /// Up to `limit` records of a space whose keys begin with `prefix`, in the order of their bytes, after the key
    /// `after`.
    fn scan(&self, space: Space, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreFault>;

    /// Makes all of a batch durable with one fsync, or nothing of it.
    fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault>;
}

/// The first key that does not begin with `prefix` and comes after all that do; `None` if there is no such key.
#[cfg(any(feature = "native", feature = "browser"))]
pub(crate) fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 255 {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}
