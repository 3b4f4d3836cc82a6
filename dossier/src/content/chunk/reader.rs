//! Bounded reading of LEB128 numbers and slices.

use super::ChunkFault;

/// A cursor over bytes from outside; every read says when there is too little.
#[derive(Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    pub fn position(&self) -> usize {
        self.position
    }

    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    pub fn is_empty(&self) -> bool {
        self.remaining() == 0
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], ChunkFault> {
        if count > self.remaining() {
            return Err(ChunkFault::Damaged);
        }
        let slice = &self.bytes[self.position..self.position + count];
        self.position += count;
        Ok(slice)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], ChunkFault> {
        self.take(N)?.try_into().map_err(|_| ChunkFault::Damaged)
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    pub fn byte(&mut self) -> Result<u8, ChunkFault> {
        Ok(self.take(1)?[0])
    }

    /// A length that must fit in what is left.
    pub fn length(&mut self) -> Result<usize, ChunkFault> {
        let value = self.unsigned()?;
        usize::try_from(value).ok().filter(|length| *length <= self.remaining()).ok_or(ChunkFault::Damaged)
    }

    /// An unsigned LEB128 number in its shortest form.
    pub fn unsigned(&mut self) -> Result<u64, ChunkFault> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                return Err(ChunkFault::Damaged);
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(ChunkFault::Damaged) } else { Ok(value) };
            }
        }
        Err(ChunkFault::Damaged)
    }

    /// A signed LEB128 number.
    pub fn signed(&mut self) -> Result<i64, ChunkFault> {
        let mut value = 0i64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = i64::from(byte & 0x7f);
            if shift == 63 && low != 0 && low != 0x7f {
                return Err(ChunkFault::Damaged);
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                if shift < 57 && byte & 0x40 != 0 {
                    value |= -1i64 << (shift + 7);
                }
                return Ok(value);
            }
        }
        Err(ChunkFault::Damaged)
    }
}
