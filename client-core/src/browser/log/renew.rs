//! What is live, written anew.

use super::{
    LogStore,
    blocks::Extent,
    fault,
    frame::{Frame, HEAD},
    index::Kept,
    root::Root,
};
use crate::store::StoreFault;

/// What was written anew.
struct Written {
    /// Where the frames end.
    at: u64,
    /// The number of the next frame.
    next: u64,
    /// Where each value stands that is in the log and not held in memory, in order.
    offsets: Vec<u64>,
}

impl LogStore {
    /// Writes everything that is live into one new segment and lets the others go. If this fails before the new root
    /// counts, nothing has changed.
    pub(super) fn renew(&mut self) -> Result<(), StoreFault> {
        let piece = self.medium.sizes.piece as u64;
        let frames = self.index.live_bytes / piece + 1;
        let room = self.index.live_bytes + frames * HEAD as u64 + self.medium.sizes.segment;
        let segment = self.blocks.take(room);
        let old = self.root.segments.clone();
        let written = self.write_live(segment).and_then(|written| {
            self.name(Root { generation: 0, first: self.next, next: written.next, segments: vec![segment] })?;
            Ok(written)
        });
        let Written { at, next, offsets } = match written {
            Ok(written) => written,
            Err(fault) => {
                self.blocks.free(segment);
                return Err(fault);
            }
        };
        old.into_iter().for_each(|segment| self.blocks.free(segment));
        let mut offsets = offsets.into_iter();
        for kept in self.index.records.values_mut() {
            if let Kept::There(place) = kept
                && !place.apart
            {
                place.offset = offsets.next().expect("every value in the log was written");
            }
        }
        (self.at, self.next) = (at, next);
        self.log_bytes = at - segment.offset();
        self.settle();
        self.forget_other_root()?;
        self.trim()?;
        self.file().flush().map_err(fault)
    }

    /// When the log is to be renewed next: when garbage outweighs what is live.
    pub(super) fn settle(&mut self) {
        self.renew_above = 2 * self.index.live_bytes + self.medium.sizes.slack;
    }

    /// Writes all records into a segment, and zeros behind them.
    fn write_live(&self, segment: Extent) -> Result<Written, StoreFault> {
        let (mut at, mut next, mut offsets) = (segment.offset(), self.next, Vec::new());
        let mut frame = Frame::new();
        let mut left = self.index.records.len();
        for (key, kept) in &self.index.records {
            match kept {
                Kept::Here(value) => _ = frame.put(key, value),
                Kept::There(place) if place.apart => frame.refer(key, place),
                Kept::There(_) => offsets.push(at + frame.put(key, &self.value(kept)?) as u64),
            }
            left -= 1;
            if left == 0 || frame.len() - HEAD >= self.medium.sizes.piece {
                let bytes = std::mem::replace(&mut frame, Frame::new()).finish(next);
                self.file().write(at, &bytes).map_err(fault)?;
                at += bytes.len() as u64;
                next += 1;
            }
        }
        self.zero(at, segment.end())?;
        Ok(Written { at, next, offsets })
    }
}
