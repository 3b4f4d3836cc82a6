//! The store as a log in one file.
//!
//! A commit is one frame, appended with one write and one flush. Every record's key and every small value is held in
//! memory, in order; a larger value is read from where it stands in the file. Values that are large indeed (parts of
//! attachments) have blocks of their own and are durable before the frame that names them is written.
//!
//! ```text
//! block 0   block 1   blocks, each in use by one of:
//! root      root      a segment of the log: frame · frame · frame · zeros
//!                     a large value
//!                     nobody
//! ```
//!
//! # What holds at every moment
//!
//! * The newest root that reads names the segments. A segment was zeros, durably, before a root named it; so what stands
//!   in it are frames of this log, at most one half-written frame, and zeros.
//! * Blocks are used again only after the commit, or the root, that gave them up is durable.
//! * A frame that does not read and that nothing follows is the commit the power was cut in: it is zeroed, durably, before
//!   anything else is written. A frame that does not read while later ones do, or while a root says that it was durable,
//!   is damage.
//! * After a failed write everything that it may have left is zeroed, durably, before the next write. Until that succeeds
//!   nothing is written and nothing is given up.
//!
//! When most of the log is of no use any more, what is live is written into a new segment, and a new root names that one
//! alone.

mod blocks;
mod frame;
mod index;
mod renew;
mod replay;
mod root;

use std::{
    io,
    ops::Bound,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use self::{
    blocks::{Blocks, Extent, ROOTS},
    frame::{Frame, Place, checksum, length},
    index::{Index, Kept},
    root::{ROOT, Root},
};
use super::file::File;
use crate::store::{Row, Space, Store, StoreFault, Write, WriteBatch, end_of};

/// Where things go, by their size in bytes.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// The largest value held in memory. A list of dossiers is shown without reading the file.
    here: usize,
    /// The largest value in the log; larger ones have blocks of their own, and are not moved when the log is renewed.
    in_log: usize,
    /// The least of a segment.
    segment: u64,
    /// How much garbage the log may hold besides as much as is live.
    slack: u64,
    /// How much is read or written at once.
    piece: usize,
}

const SIZES: Sizes = Sizes { here: 512, in_log: 8 << 10, segment: 256 << 10, slack: 1 << 20, piece: 64 << 10 };

/// A file that a store can be opened on, one store at a time. Clones are the same file.
#[derive(Debug, Clone)]
pub struct Medium {
    file: Arc<dyn File>,
    taken: Arc<AtomicBool>,
    sizes: Sizes,
}

impl Medium {
    /// The medium on a file.
    pub fn new(file: impl File + 'static) -> Self {
        Self { file: Arc::new(file), taken: Arc::default(), sizes: SIZES }
    }
}

/// The store on a [`Medium`].
#[derive(Debug)]
pub struct LogStore {
    medium: Medium,
    index: Index,
    blocks: Blocks,
    root: Root,
    /// The number of the next frame.
    next: u64,
    /// Where in the last segment it goes.
    at: u64,
    /// Bytes of all frames.
    log_bytes: u64,
    /// The log is renewed when it is longer than this.
    renew_above: u64,
    /// A write failed, and what it may have left is not yet cleared away.
    unclear: bool,
}

impl LogStore {
    /// Opens the medium, laying it out if it is empty. [`StoreFault::InUse`] while another store has it;
    /// [`StoreFault::Newer`] for a layout that this program does not know; [`StoreFault::Damaged`] if something that was
    /// durable does not read.
    pub fn open(medium: &Medium) -> Result<Self, StoreFault> {
        if medium.taken.swap(true, Ordering::SeqCst) {
            return Err(StoreFault::InUse);
        }
        // From here on dropping the store gives the medium back, also when opening fails.
        let mut store = Self {
            medium: medium.clone(),
            index: Index::default(),
            blocks: Blocks::default(),
            root: Root::default(),
            next: 1,
            at: 0,
            log_bytes: 0,
            renew_above: 0,
            unclear: false,
        };
        store.blocks.mark(ROOTS);
        store.load()?;
        Ok(store)
    }

    fn file(&self) -> &dyn File {
        &*self.medium.file
    }

    fn value(&self, kept: &Kept) -> Result<Vec<u8>, StoreFault> {
        match kept {
            Kept::Here(value) => Ok(value.to_vec()),
            Kept::There(place) => {
                let mut value = vec![0; place.length as usize];
                self.file().read(place.offset, &mut value).map_err(fault)?;
                if checksum(&value) == place.checksum { Ok(value) } else { Err(StoreFault::Damaged("value")) }
            }
        }
    }

    /// Writes a batch; what it took of blocks is noted in `taken`.
    fn write(&mut self, batch: &WriteBatch, taken: &mut Vec<Extent>) -> Result<(), StoreFault> {
        let mut frame = Frame::new();
        let mut changes = Vec::with_capacity(batch.writes().len());
        for write in batch.writes() {
            let (Write::Put(space, key, _) | Write::Delete(space, key)) = write;
            let key = in_space(*space, key);
            let kept = match write {
                Write::Delete(..) => {
                    frame.delete(&key);
                    None
                }
                Write::Put(_, _, value) if value.len() > self.medium.sizes.in_log => {
                    let extent = self.blocks.take(value.len() as u64);
                    taken.push(extent);
                    self.file().write(extent.offset(), value).map_err(fault)?;
                    let place = place(extent.offset(), value, true);
                    frame.refer(&key, &place);
                    Some(Kept::There(place))
                }
                Write::Put(_, _, value) => {
                    let within = frame.put(&key, value);
                    Some(self.kept(value, within as u64))
                }
            };
            changes.push((key, kept));
        }
        if !taken.is_empty() {
            self.file().flush().map_err(fault)?;
        }
        let bytes = frame.finish(self.next);
        if self.end() - self.at < bytes.len() as u64 {
            self.lengthen(bytes.len() as u64)?;
        }
        self.file().write(self.at, &bytes).map_err(fault)?;
        self.file().flush().map_err(fault)?;
        for (key, mut kept) in changes {
            if let Some(Kept::There(place)) = &mut kept
                && !place.apart
            {
                place.offset += self.at;
            }
            self.set(key, kept);
        }
        self.at += bytes.len() as u64;
        self.log_bytes += bytes.len() as u64;
        self.next += 1;
        Ok(())
    }

    /// How a value in the log, standing at `offset`, is held.
    fn kept(&self, value: &[u8], offset: u64) -> Kept {
        if value.len() <= self.medium.sizes.here {
            Kept::Here(value.into())
        } else {
            Kept::There(place(offset, value, false))
        }
    }

    /// Sets a record in memory; the blocks of the value before it are free from here on.
    fn set(&mut self, key: Box<[u8]>, kept: Option<Kept>) {
        if let Some(Kept::There(place)) = self.index.set(key, kept)
            && place.apart
        {
            self.blocks.free(around(&place));
        }
    }

    /// Where the last segment ends.
    fn end(&self) -> u64 {
        self.root.segments.last().map_or(0, |segment| segment.end())
    }

    /// Adds a segment with room for a frame.
    fn lengthen(&mut self, bytes: u64) -> Result<(), StoreFault> {
        let segment = self.blocks.take(bytes.max(self.medium.sizes.segment).max(self.log_bytes / 4));
        let mut root = Root { next: self.next, ..self.root.clone() };
        root.segments.push(segment);
        if let Err(fault) = self.zero(segment.offset(), segment.end()).and_then(|()| self.name(root)) {
            self.blocks.free(segment);
            return Err(fault);
        }
        self.at = segment.offset();
        self.forget_other_root()
    }

    /// Makes another root count, with everything written so far. If this fails the old one counts, once what is left of
    /// the new one is cleared away.
    fn name(&mut self, mut root: Root) -> Result<(), StoreFault> {
        root.generation = self.root.generation + 1;
        let block = root.to_block().ok_or_else(|| StoreFault::Io("the log has too many segments".into()))?;
        self.file().flush().map_err(fault)?;
        self.file().write(root.offset(), &block).map_err(fault)?;
        self.file().flush().map_err(fault)?;
        self.root = root;
        Ok(())
    }

    /// Clears away what a failed write, or a power cut, may have left: a piece of a frame, or a root that does not count.
    fn clear(&mut self) -> Result<(), StoreFault> {
        self.unclear = true;
        self.zero(self.at, self.end())?;
        self.forget_other_root()?;
        self.file().flush().map_err(fault)?;
        self.unclear = false;
        Ok(())
    }

    /// Empties the place of the root that does not count: if the one that counts were damaged, another in its place would
    /// be taken for it. The next flush makes this durable.
    fn forget_other_root(&self) -> Result<(), StoreFault> {
        self.zero(self.root.other_offset(), self.root.other_offset() + ROOT as u64)
    }

    /// Gives back what the file has behind the last block in use.
    fn trim(&self) -> Result<(), StoreFault> {
        let end = self.blocks.end();
        if self.file().size_bytes().map_err(fault)? > end {
            self.file().cut(end).map_err(fault)?;
        }
        Ok(())
    }

    fn zero(&self, mut from: u64, until: u64) -> Result<(), StoreFault> {
        let zeros = vec![0; self.medium.sizes.piece];
        while from < until {
            let piece = zeros.len().min(usize::try_from(until - from).unwrap_or(usize::MAX));
            self.file().write(from, &zeros[..piece]).map_err(fault)?;
            from += piece as u64;
        }
        Ok(())
    }
}

impl Drop for LogStore {
    fn drop(&mut self) {
        self.medium.taken.store(false, Ordering::SeqCst);
    }
}

fn in_space(space: Space, key: &[u8]) -> Box<[u8]> {
    [&[space as u8], key].concat().into()
}

fn place(offset: u64, value: &[u8], apart: bool) -> Place {
    Place { offset, length: length(value), checksum: checksum(value), apart }
}

fn around(place: &Place) -> Extent {
    Extent::around(place.offset, place.length.into())
}

fn fault(error: io::Error) -> StoreFault {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreFault::Full,
        _ => StoreFault::Io(Box::new(error)),
    }
}

impl Store for LogStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        self.index.records.get(&in_space(space, key)).map(|kept| self.value(kept)).transpose()
    }

    fn scan(&self, space: Space, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreFault> {
        let whole = in_space(space, prefix);
        let past = after.filter(|after| *after >= prefix).map(|after| in_space(space, after));
        let end = end_of(&whole);
        let from = past.as_deref().map_or(Bound::Included(&*whole), Bound::Excluded);
        let until = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        // A range must not end before it begins: past the prefix there is nothing.
        if let (Some(past), Some(end)) = (&past, &end)
            && **past >= **end
        {
            return Ok(Vec::new());
        }
        let rows = self.index.records.range::<[u8], _>((from, until)).take(limit);
        rows.map(|(key, kept)| Ok((key[1..].to_vec(), self.value(kept)?))).collect()
    }

    fn commit(&mut self, batch: WriteBatch) -> Result<(), StoreFault> {
        if batch.is_empty() {
            return Ok(());
        }
        if self.unclear {
            self.clear()?;
        }
        let mut taken = Vec::new();
        if let Err(fault) = self.write(&batch, &mut taken) {
            taken.into_iter().for_each(|extent| self.blocks.free(extent));
            // What cannot be cleared away now is before the next write.
            _ = self.clear();
            return Err(fault);
        }
        if self.log_bytes > self.renew_above && self.renew().is_err() {
            // The commit stands. The log goes on as it is, and is renewed when it is longer still.
            self.renew_above = self.log_bytes + self.log_bytes / 2;
            _ = self.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
