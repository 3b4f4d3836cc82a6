//! The columns of a change: run-length encoded, one row per operation.
//!
//! A run of three million nulls takes four bytes. So rows are counted run by run before anything could unroll them, and
//! no column may have more rows than the change has operations.

use super::{ChunkFault, MAX_OP_NUMBER, MAX_OPS, MAX_STRING_BYTES, bounded, reader::Reader};
use crate::content::genesis::SKELETON_OPS;

/// Which operations may occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Put and delete of scalars; splices of text are puts with the insert flag.
    Edits,
    /// Also the making of maps and texts.
    Skeleton,
}

const MAKE_MAP: u64 = 0;
const PUT: u64 = 1;
const DELETE: u64 = 3;
const MAKE_TEXT: u64 = 4;

const OBJECT_ACTOR: u32 = 0x01;
const OBJECT_COUNTER: u32 = 0x02;
const KEY_ACTOR: u32 = 0x11;
const KEY_COUNTER: u32 = 0x13;
const KEY_STRING: u32 = 0x15;
const INSERT: u32 = 0x34;
const ACTION: u32 = 0x42;
const VALUE_META: u32 = 0x56;
const VALUE_RAW: u32 = 0x57;
const PRED_GROUP: u32 = 0x70;
const PRED_ACTOR: u32 = 0x71;
const PRED_COUNTER: u32 = 0x73;

/// The most columns: every known one once.
const MAX_COLUMNS: u64 = 12;

/// Reads column descriptions and data; answers the number of operations.
pub fn scan_columns(reader: &mut Reader<'_>, actors: u64, start_op: u64, allowed: Allowed) -> Result<u64, ChunkFault> {
    let count = reader.unsigned()?;
    if count > MAX_COLUMNS {
        return Err(ChunkFault::ForeignOperation);
    }
    let mut described = Vec::with_capacity(MAX_COLUMNS as usize);
    let mut last_spec = 0;
    for _ in 0..count {
        let spec = u32::try_from(reader.unsigned()?).map_err(|_| ChunkFault::ForeignOperation)?;
        if spec <= last_spec {
            return Err(ChunkFault::Damaged);
        }
        last_spec = spec;
        described.push((spec, reader.length()?));
    }
    let columns = Columns { actors, start_op, allowed };
    let mut tallies = Tallies::default();
    for (spec, length) in described {
        columns.scan(spec, Reader::new(reader.take(length)?), &mut tallies)?;
    }
    tallies.check(allowed)
}

struct Columns {
    actors: u64,
    start_op: u64,
    allowed: Allowed,
}

/// Rows seen per kind of column.
#[derive(Default)]
struct Tallies {
    ops: u64,
    rows: u64,
    value_bytes: u64,
    value_bytes_declared: u64,
    preds: u64,
    pred_rows: u64,
    objects: Vec<u64>,
}

impl Tallies {
    fn check(&self, allowed: Allowed) -> Result<u64, ChunkFault> {
        let in_objects =
            allowed == Allowed::Skeleton || self.ops == 0 || self.objects.as_slice() == [self.ops, self.ops];
        if !in_objects {
            return Err(ChunkFault::ForeignOperation);
        }
        let sound =
            self.rows <= self.ops && self.value_bytes == self.value_bytes_declared && self.pred_rows <= self.preds;
        if sound { Ok(self.ops) } else { Err(ChunkFault::Damaged) }
    }
}

impl Columns {
    fn scan(&self, spec: u32, mut data: Reader<'_>, tallies: &mut Tallies) -> Result<(), ChunkFault> {
        let rows = match spec {
            OBJECT_ACTOR => self.object_rows(data, |actor| (1..self.actors).contains(&actor), tallies)?,
            OBJECT_COUNTER => self.object_rows(data, |counter| (1..=SKELETON_OPS + 1).contains(&counter), tallies)?,
            KEY_ACTOR => self.actor_rows(data)?,
            KEY_COUNTER => self.counter_rows(data)?,
            KEY_STRING => runs(data, read_string, |_, _| Ok(()))?,
            INSERT => booleans(&mut data)?,
            ACTION => {
                tallies.ops = runs(data, Reader::unsigned, |action, _| self.action(action))?;
                tallies.ops
            }
            VALUE_META => runs(data, Reader::unsigned, |meta, count| {
                let Some(meta) = meta else { return Ok(()) };
                let length = bounded(meta >> 4, MAX_STRING_BYTES, "value bytes")?;
                value_type(meta & 0xf)?;
                tallies.value_bytes_declared += length * count;
                Ok(())
            })?,
            VALUE_RAW => {
                tallies.value_bytes = data.remaining() as u64;
                0
            }
            PRED_GROUP => runs(data, Reader::unsigned, |group, count| {
                tallies.preds += bounded(group.unwrap_or(0), MAX_OPS, "predecessors")? * count;
                bounded(tallies.preds, MAX_OPS, "predecessors").map(|_| ())
            })?,
            PRED_ACTOR => {
                tallies.pred_rows = tallies.pred_rows.max(self.actor_rows(data)?);
                0
            }
            PRED_COUNTER => {
                tallies.pred_rows = tallies.pred_rows.max(self.counter_rows(data)?);
                0
            }
            _ => return Err(ChunkFault::ForeignOperation),
        };
        tallies.rows = tallies.rows.max(rows);
        Ok(())
    }

    fn action(&self, action: Option<u64>) -> Result<(), ChunkFault> {
        match action {
            Some(PUT | DELETE) => Ok(()),
            Some(MAKE_MAP | MAKE_TEXT) if self.allowed == Allowed::Skeleton => Ok(()),
            _ => Err(ChunkFault::ForeignOperation),
        }
    }

    /// Every edit is within an object of the skeleton, or a text made by its own deterministic change: never in the
    /// root, where it could hide a whole map, and never in an object of the author's own making.
    fn object_rows(
        &self,
        data: Reader<'_>,
        is_known: impl Fn(u64) -> bool,
        tallies: &mut Tallies,
    ) -> Result<u64, ChunkFault> {
        if self.allowed == Allowed::Skeleton {
            return runs(data, Reader::unsigned, |_, _| Ok(()));
        }
        let rows = runs(data, Reader::unsigned, |value, _| match value {
            Some(value) if is_known(value) => Ok(()),
            _ => Err(ChunkFault::ForeignOperation),
        })?;
        tallies.objects.push(rows);
        Ok(rows)
    }

    fn actor_rows(&self, data: Reader<'_>) -> Result<u64, ChunkFault> {
        runs(data, Reader::unsigned, |actor, _| match actor {
            Some(actor) if actor >= self.actors => Err(ChunkFault::Damaged),
            _ => Ok(()),
        })
    }

    /// Operation numbers written as differences.
    fn counter_rows(&self, data: Reader<'_>) -> Result<u64, ChunkFault> {
        let mut current = 0i64;
        runs(data, Reader::signed, |step, count| {
            let Some(step) = step else { return Ok(()) };
            let count = i64::try_from(count).map_err(|_| ChunkFault::Damaged)?;
            let moved = step.checked_mul(count).and_then(|by| current.checked_add(by)).ok_or(ChunkFault::Damaged)?;
            // The steps of a run go one way, so its ends bound it.
            for end in [current.checked_add(step).ok_or(ChunkFault::Damaged)?, moved] {
                self.operation_number(u64::try_from(end).map_err(|_| ChunkFault::Damaged)?)?;
            }
            current = moved;
            Ok(())
        })
    }

    /// A change can only speak of operations up to its own last one.
    fn operation_number(&self, number: u64) -> Result<(), ChunkFault> {
        let last = (self.start_op + MAX_OPS).min(MAX_OP_NUMBER);
        if number <= last { Ok(()) } else { Err(ChunkFault::OverLimit("operation number")) }
    }
}

/// Null, false, true, signed integer and string are what dossiers hold; an unsigned integer does no harm.
fn value_type(kind: u64) -> Result<(), ChunkFault> {
    match kind {
        0..=4 | 6 => Ok(()),
        _ => Err(ChunkFault::ForeignOperation),
    }
}

fn read_string(reader: &mut Reader<'_>) -> Result<(), ChunkFault> {
    let length = reader.length()?;
    bounded(length as u64, MAX_STRING_BYTES, "string bytes")?;
    std::str::from_utf8(reader.take(length)?).map(|_| ()).map_err(|_| ChunkFault::Damaged)
}

/// Walks a run-length encoded column: `visit` sees each value (`None` for null) with how often it repeats. Answers the
/// number of rows.
fn runs<'a, T: Copy>(
    mut data: Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, ChunkFault>,
    mut visit: impl FnMut(Option<T>, u64) -> Result<(), ChunkFault>,
) -> Result<u64, ChunkFault> {
    let mut rows = 0u64;
    while !data.is_empty() {
        let run = data.signed()?;
        let count = if run == 0 { data.unsigned()? } else { run.unsigned_abs() };
        rows = bounded(rows.saturating_add(count), MAX_OPS, "operations")?;
        match run {
            0 if count == 0 => return Err(ChunkFault::Damaged),
            0 => visit(None, count)?,
            1.. => visit(Some(read(&mut data)?), count)?,
            ..0 => {
                for _ in 0..count {
                    visit(Some(read(&mut data)?), 1)?;
                }
            }
        }
    }
    Ok(rows)
}

/// Walks a boolean column: lengths of alternating runs.
fn booleans(data: &mut Reader<'_>) -> Result<u64, ChunkFault> {
    let mut rows = 0u64;
    while !data.is_empty() {
        rows = bounded(rows.saturating_add(data.unsigned()?), MAX_OPS, "operations")?;
    }
    Ok(rows)
}
