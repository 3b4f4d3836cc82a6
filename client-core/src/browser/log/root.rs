//! Where the log stands: one block at the file's beginning, written in turn to one of two places.
//!
//! The place that does not count is emptied once the other is durable. So there are two roots only while one replaces
//! the other, and a root that does not read is damage unless it was the one being written.

use super::{
    blocks::{BLOCK, Extent},
    frame::{checksum, eight, four},
};
use crate::store::StoreFault;

/// Bytes of one root.
pub const ROOT: usize = BLOCK as usize;
/// Mark, layout and the checksum at the block's end stay where they are in every layout.
const MARK: &[u8; 8] = b"TRAMLOG\n";
/// The layout this program writes.
const LAYOUT: u32 = 1;

/// Where the log stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Root {
    /// Counts the roots of this file.
    pub generation: u64,
    /// The number of the log's first frame.
    pub first: u64,
    /// The number of the first frame that was not yet durable when this root was written.
    pub next: u64,
    /// The blocks that hold the log, in order.
    pub segments: Vec<Extent>,
}

impl Root {
    /// Where this root is written.
    pub fn offset(&self) -> u64 {
        self.generation % 2 * BLOCK
    }

    /// Where the roots before and after this one are written.
    pub fn other_offset(&self) -> u64 {
        BLOCK - self.offset()
    }

    /// A whole block; `None` if the segments are too many for one.
    pub fn to_block(&self) -> Option<Vec<u8>> {
        let mut block = MARK.to_vec();
        block.extend(LAYOUT.to_le_bytes());
        block.extend([self.generation, self.first, self.next].map(u64::to_le_bytes).as_flattened());
        block.extend(u32::try_from(self.segments.len()).ok()?.to_le_bytes());
        for segment in &self.segments {
            block.extend([segment.first, segment.count].map(u32::to_le_bytes).as_flattened());
        }
        if block.len() > ROOT - 4 {
            return None;
        }
        block.resize(ROOT - 4, 0);
        block.extend(checksum(&block).to_le_bytes());
        Some(block)
    }

    /// Reads a block; `None` if there is no root in it.
    fn read(block: &[u8]) -> Result<Option<Self>, StoreFault> {
        let (body, mut sum) = block.split_at(ROOT - 4);
        if !body.starts_with(MARK) || four(&mut sum) != Some(checksum(body)) {
            return Ok(None);
        }
        let mut rest = &body[MARK.len()..];
        if four(&mut rest).is_none_or(|layout| layout != LAYOUT) {
            return Err(StoreFault::Newer);
        }
        let mut root = || {
            let (generation, first, next) = (eight(&mut rest)?, eight(&mut rest)?, eight(&mut rest)?);
            let count = four(&mut rest)?;
            let segment = |_| Some(Extent { first: four(&mut rest)?, count: four(&mut rest)? });
            Some(Self { generation, first, next, segments: (0..count).map(segment).collect::<Option<_>>()? })
        };
        Ok(root())
    }

    /// The root that counts, of the two blocks that hold them.
    pub fn newest(blocks: &[u8]) -> Result<Option<Self>, StoreFault> {
        let (even, odd) = blocks.split_at(ROOT);
        Ok(match (Self::read(even)?, Self::read(odd)?) {
            (Some(even), Some(odd)) if odd.generation > even.generation => Some(odd),
            (None, odd) => odd,
            (even, _) => even,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_of_two_roots_counts_and_one_alone_too() {
        let root = Root { generation: 4, first: 1, next: 9, segments: vec![Extent { first: 2, count: 64 }] };
        let after = Root { generation: 5, ..root.clone() };
        let empty = vec![0; ROOT];
        let (even, odd) = (root.to_block().unwrap(), after.to_block().unwrap());
        assert_eq!(Root::newest(&[even.clone(), odd.clone()].concat()).unwrap(), Some(after.clone()));
        assert_eq!(Root::newest(&[even.clone(), empty.clone()].concat()).unwrap(), Some(root.clone()));
        assert_eq!(Root::newest(&[empty.clone(), odd.clone()].concat()).unwrap(), Some(after));
        assert_eq!(Root::newest(&[empty.clone(), empty].concat()).unwrap(), None);
        let mut torn = odd;
        torn[100] ^= 1;
        assert_eq!(Root::newest(&[even, torn].concat()).unwrap(), Some(root.clone()));
        assert_eq!(Root { segments: vec![root.segments[0]; 600], ..root }.to_block(), None);
    }
}
