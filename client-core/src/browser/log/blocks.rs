//! Which blocks of the file are in use. Nothing of this is written down: it follows from the log and the index.

/// Bytes in a block.
pub const BLOCK: u64 = 4096;
/// The blocks at the file's beginning that hold the roots.
pub const ROOTS: Extent = Extent { first: 0, count: 2 };

/// Consecutive blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub first: u32,
    pub count: u32,
}

impl Extent {
    /// The blocks that these bytes lie in.
    pub fn around(offset: u64, bytes: u64) -> Self {
        Self { first: number(offset / BLOCK), count: number(bytes.div_ceil(BLOCK)) }
    }

    /// Where it begins in the file.
    pub fn offset(self) -> u64 {
        u64::from(self.first) * BLOCK
    }

    /// Where it ends in the file.
    pub fn end(self) -> u64 {
        self.offset() + u64::from(self.count) * BLOCK
    }

    /// The numbers of its blocks.
    pub fn range(self) -> std::ops::Range<usize> {
        self.first as usize..self.first as usize + self.count as usize
    }
}

fn number(blocks: u64) -> u32 {
    u32::try_from(blocks).expect("a file of the origin is far below 16 TiB")
}

/// The blocks in use.
#[derive(Debug, Default)]
pub struct Blocks {
    used: Vec<bool>,
    /// Every block before this one is in use.
    packed: usize,
}

impl Blocks {
    /// Takes blocks that nobody uses, as far to the front as they fit.
    pub fn take(&mut self, bytes: u64) -> Extent {
        let count = number(bytes.div_ceil(BLOCK)) as usize;
        while self.used.get(self.packed) == Some(&true) {
            self.packed += 1;
        }
        let mut first = self.packed;
        let mut next = first;
        while next < self.used.len() && next - first < count {
            if self.used[next] {
                first = next + 1;
            }
            next += 1;
        }
        let extent = Extent { first: number(first as u64), count: number(count as u64) };
        self.mark(extent);
        extent
    }

    /// Notes that these are in use; whether none was before.
    pub fn mark(&mut self, extent: Extent) -> bool {
        let range = extent.range();
        if self.used.len() < range.end {
            self.used.resize(range.end, false);
        }
        let free = !self.used[range.clone()].contains(&true);
        self.used[range].fill(true);
        free
    }

    /// Gives blocks back.
    pub fn free(&mut self, extent: Extent) {
        let range = extent.range();
        self.packed = self.packed.min(range.start);
        self.used[range].fill(false);
    }

    /// Where the last block in use ends.
    pub fn end(&self) -> u64 {
        self.used.iter().rposition(|used| *used).map_or(0, |last| (last as u64 + 1) * BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_taken_from_the_front_and_never_twice() {
        let mut blocks = Blocks::default();
        assert!(blocks.mark(ROOTS));
        let one = blocks.take(1);
        let three = blocks.take(2 * BLOCK + 1);
        assert_eq!((one, three), (Extent { first: 2, count: 1 }, Extent { first: 3, count: 3 }));
        assert!(!blocks.mark(Extent { first: 5, count: 4 }), "one of them is in use");
        assert_eq!(blocks.end(), 9 * BLOCK);
        blocks.free(one);
        assert_eq!(blocks.take(2 * BLOCK), Extent { first: 9, count: 2 }, "a gap of one does not hold two");
        assert_eq!(blocks.take(BLOCK), one);
    }
}
