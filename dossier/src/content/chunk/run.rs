//! Columns as they are stored: runs of one value, runs of nothing, and values one by one.
//!
//! Nothing is unrolled: a column is read row by row, and rows that repeat can be skipped by the run.

use super::{ChunkFault, MAX_OP_NUMBER, MAX_OPS, reader::Reader};

enum Run<T> {
    Nothing,
    Same(T),
    Literal,
}

/// A run-length encoded column.
pub struct Runs<'a, T> {
    data: Reader<'a>,
    read: fn(&mut Reader<'a>) -> Result<T, ChunkFault>,
    run: Run<T>,
    left: u64,
}

impl<'a, T: Copy> Runs<'a, T> {
    pub fn new(data: &'a [u8], read: fn(&mut Reader<'a>) -> Result<T, ChunkFault>) -> Self {
        Self { data: Reader::new(data), read, run: Run::Nothing, left: 0 }
    }

    pub fn is_done(&self) -> bool {
        self.left == 0 && self.data.is_empty()
    }

    /// The value of the next row. `None` stands for null, and for every row after the end.
    pub fn next(&mut self) -> Result<Option<T>, ChunkFault> {
        if self.left == 0 {
            if self.data.is_empty() {
                return Ok(None);
            }
            self.begin_run()?;
        }
        self.left -= 1;
        match &self.run {
            Run::Nothing => Ok(None),
            Run::Same(value) => Ok(Some(*value)),
            Run::Literal => (self.read)(&mut self.data).map(Some),
        }
    }

    fn begin_run(&mut self) -> Result<(), ChunkFault> {
        let length = self.data.signed()?;
        self.left = if length == 0 { self.data.unsigned()? } else { length.unsigned_abs() };
        if self.left > MAX_OPS {
            return Err(ChunkFault::OverLimit("operations"));
        }
        self.run = match length {
            0 if self.left == 0 => return Err(ChunkFault::Damaged),
            0 => Run::Nothing,
            1.. => Run::Same((self.read)(&mut self.data)?),
            ..0 => Run::Literal,
        };
        Ok(())
    }

    /// How many rows after this one are the same by the run alone.
    pub fn repeats(&self) -> u64 {
        match self.run {
            Run::Literal => 0,
            Run::Nothing | Run::Same(_) => self.left,
        }
    }

    /// What the rows of [`Self::repeats`] hold.
    pub fn repeated(&self) -> Option<T> {
        match self.run {
            Run::Same(value) if self.left > 0 => Some(value),
            _ => None,
        }
    }

    /// Skips rows that [`Self::repeats`] counted.
    pub fn skip(&mut self, rows: u64) {
        self.left = self.left.saturating_sub(rows);
    }
}

/// A column of operation numbers, each written as its distance from the one before.
pub struct Steps<'a> {
    steps: Runs<'a, i64>,
    at: i64,
}

impl<'a> Steps<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { steps: Runs::new(data, Reader::signed), at: 0 }
    }

    pub fn is_done(&self) -> bool {
        self.steps.is_done()
    }

    pub fn next(&mut self) -> Result<Option<u32>, ChunkFault> {
        let Some(step) = self.steps.next()? else { return Ok(None) };
        self.at = self.at.checked_add(step).ok_or(ChunkFault::Damaged)?;
        let number = u64::try_from(self.at).map_err(|_| ChunkFault::Damaged)?;
        match u32::try_from(number) {
            Ok(small) if number <= MAX_OP_NUMBER => Ok(Some(small)),
            _ => Err(ChunkFault::OverLimit("operation number")),
        }
    }

    /// How many rows after this one go on by the same step, and by which.
    pub fn repeats(&self) -> (u64, Option<i64>) {
        (self.steps.repeats(), self.steps.repeated())
    }

    /// Skips rows that [`Self::repeats`] counted; the caller holds that they stay within what it has bounded.
    pub fn skip(&mut self, rows: u64) {
        let by = i64::try_from(rows).unwrap_or(i64::MAX).saturating_mul(self.steps.repeated().unwrap_or(0));
        self.at = self.at.saturating_add(by);
        self.steps.skip(rows);
    }
}

/// A column of yes and no: lengths of alternating runs, the first of no.
pub struct Flags<'a> {
    data: Reader<'a>,
    value: bool,
    left: u64,
}

impl<'a> Flags<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { data: Reader::new(data), value: true, left: 0 }
    }

    pub fn is_done(&self) -> bool {
        self.left == 0 && self.data.is_empty()
    }

    /// The next row; `None` after the end.
    pub fn next(&mut self) -> Result<Option<bool>, ChunkFault> {
        while self.left == 0 {
            if self.data.is_empty() {
                return Ok(None);
            }
            self.left = self.data.unsigned()?;
            self.value = !self.value;
            if self.left > MAX_OPS {
                return Err(ChunkFault::OverLimit("operations"));
            }
        }
        self.left -= 1;
        Ok(Some(self.value))
    }

    pub fn repeats(&self) -> u64 {
        self.left
    }

    pub fn skip(&mut self, rows: u64) {
        self.left = self.left.saturating_sub(rows);
    }
}
