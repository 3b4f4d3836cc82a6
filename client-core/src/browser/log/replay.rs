//! Opening: the newest root, then every frame after another.

use super::{
    LogStore, around,
    blocks::Extent,
    fault,
    frame::{HEAD, Head, Said, checksum, entries},
    index::Kept,
    root::{ROOT, Root},
};
use crate::{browser::file::File, store::StoreFault};

/// The file, read in pieces from the front to the back.
struct Reading<'a> {
    file: &'a dyn File,
    piece: usize,
    from: u64,
    bytes: Vec<u8>,
}

impl Reading<'_> {
    /// `length` bytes from `at` on, none of them from `end` on; fewer if there are not so many.
    fn get(&mut self, at: u64, length: usize, end: u64) -> Result<&[u8], StoreFault> {
        let most = usize::try_from(end - at).unwrap_or(usize::MAX);
        let length = length.min(most);
        let held = at >= self.from && at + length as u64 <= self.from + self.bytes.len() as u64;
        if !held {
            self.bytes.resize(length.max(self.piece).min(most), 0);
            self.from = at;
            self.file.read(at, &mut self.bytes).map_err(fault)?;
        }
        let skip = usize::try_from(at - self.from).expect("it lies within what is in memory");
        Ok(&self.bytes[skip..skip + length])
    }

    /// The frame of a number, if it stands here whole.
    fn frame(&mut self, at: u64, end: u64, number: u64) -> Result<Option<&[u8]>, StoreFault> {
        let Some(head) = Head::read(self.get(at, HEAD, end)?) else { return Ok(None) };
        let body = self.get(at + HEAD as u64, head.length as usize, end)?;
        let whole = head.sequence == number && body.len() == head.length as usize && checksum(body) == head.checksum;
        Ok(whole.then_some(body))
    }

    /// Whether nothing stands from here to there.
    fn empty(&mut self, mut at: u64, end: u64) -> Result<bool, StoreFault> {
        while at < end {
            let piece = self.get(at, self.piece, end)?;
            if piece.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            at += piece.len() as u64;
        }
        Ok(true)
    }

    /// Whether the head of a frame later than `number` stands between here and there.
    fn later(&mut self, mut at: u64, end: u64, number: u64) -> Result<bool, StoreFault> {
        while at + HEAD as u64 <= end {
            let piece = self.get(at, self.piece, end)?;
            if piece.windows(HEAD).any(|bytes| Head::read(bytes).is_some_and(|head| head.sequence > number)) {
                return Ok(true);
            }
            at += (piece.len() - HEAD + 1) as u64;
        }
        Ok(false)
    }
}

impl LogStore {
    /// Reads the file into memory, and brings it into the state that the next write begins from.
    pub(super) fn load(&mut self) -> Result<(), StoreFault> {
        let medium = self.medium.clone();
        let size_bytes = medium.file.size_bytes().map_err(fault)?;
        let mut reading = Reading { file: &*medium.file, piece: medium.sizes.piece, from: 0, bytes: Vec::new() };
        let mut blocks = vec![0; 2 * ROOT];
        let there = blocks.len().min(usize::try_from(size_bytes).unwrap_or(usize::MAX));
        medium.file.read(0, &mut blocks[..there]).map_err(fault)?;
        let Some(root) = Root::newest(&blocks)? else {
            // The first root is written after a segment of zeros, and only it may be half-written.
            return if reading.empty(blocks.len() as u64, size_bytes.max(blocks.len() as u64))? {
                self.renew()
            } else {
                Err(StoreFault::Damaged("root"))
            };
        };
        self.next = root.first;
        self.root = root;
        let mut torn = false;
        for segment in self.root.segments.clone() {
            if torn || segment.end() > size_bytes || !self.blocks.mark(segment) {
                return Err(StoreFault::Damaged("log"));
            }
            torn = !self.replay(&mut reading, segment)?;
        }
        if self.next < self.root.next || (torn && reading.later(self.at, self.end(), self.next)?) {
            return Err(StoreFault::Damaged("log"));
        }
        for kept in self.index.records.values() {
            if let Kept::There(place) = kept
                && place.apart
                && (place.offset + u64::from(place.length) > size_bytes || !self.blocks.mark(around(place)))
            {
                return Err(StoreFault::Damaged("index"));
            }
        }
        self.settle();
        let other = usize::try_from(self.root.other_offset()).expect("it is one of the first two blocks");
        if torn || blocks[other..other + ROOT].iter().any(|byte| *byte != 0) {
            self.clear()?;
        }
        self.trim()
    }

    /// Takes in the frames of a segment; whether there is nothing behind them.
    fn replay(&mut self, reading: &mut Reading<'_>, segment: Extent) -> Result<bool, StoreFault> {
        let mut at = segment.offset();
        while let Some(body) = reading.frame(at, segment.end(), self.next)? {
            let begins = at + HEAD as u64;
            let read = entries(body, &mut |key, said| {
                let kept = match said {
                    Said::Gone => None,
                    Said::Apart(place) => Some(Kept::There(place)),
                    Said::Value(value, within) => Some(self.kept(value, begins + within as u64)),
                };
                self.index.set(key.into(), kept);
            });
            read.ok_or(StoreFault::Damaged("log"))?;
            at = begins + body.len() as u64;
            self.log_bytes += at - begins + HEAD as u64;
            self.next += 1;
        }
        self.at = at;
        reading.empty(at, segment.end())
    }
}
