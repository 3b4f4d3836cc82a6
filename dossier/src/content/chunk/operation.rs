//! The operations of a change, read off its columns one by one.
//!
//! | operation | columns say |
//! |---|---|
//! | [`Operation::Write`] | a string key in a map of the skeleton; put of a yes or no, a whole number or a text, or delete |
//! | [`Operation::Insert`] | insert flag, an element (or the head) as key, put of at least one character |
//! | [`Operation::Remove`] | delete with an element as key, which is also the one predecessor |
//!
//! Everything else is refused here: making objects, counters, marks, null, floats and bytes, writing in the root or in
//! the map of texts, putting over a character, a predecessor of an insertion. Automerge would take some of it; in a
//! dossier it would mean nothing, or hide something.
//!
//! **Bound.** A character, and a key that differs from the one before, cost at least one byte of the change each; a key may
//! repeat for the three maps and no longer; removals in a row are read as one, and there may be one for each byte and
//! [`MAX_EVEN_REMOVALS`] more. So the work is proportional to the bytes, however many rows a run declares.

use super::{
    ChunkFault, DELETE, MAX_OPS, MAX_OTHER_ACTORS, MAX_STRING_BYTES, PUT, TEXT_OP, bounded,
    reader::Reader,
    run::{Flags, Runs, Steps},
};
use crate::content::path::{ContentPath, Root};

/// In how many pieces one change may remove text beyond one for each of its bytes: evenly scattered ones take no bytes of
/// their own.
pub const MAX_EVEN_REMOVALS: usize = 4096;
/// The maps of cells, all but that of the texts: as often may one key come after itself.
const MAPS: u64 = Root::ALL.len() as u64 - 1;

const OBJECT_ACTOR: usize = 0;
const OBJECT_COUNTER: usize = 1;
const KEY_ACTOR: usize = 2;
const KEY_COUNTER: usize = 3;
pub const KEY_STRING: usize = 4;
const INSERT: usize = 5;
const ACTION: usize = 6;
pub const VALUE_META: usize = 7;
pub const VALUE_RAW: usize = 8;
const PRED_GROUP: usize = 9;
const PRED_ACTOR: usize = 10;
const PRED_COUNTER: usize = 11;

/// The numbers of the columns above in the format, ascending.
pub const SPECS: [u32; 12] = [0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73];

/// An operation's name within a change: its number, and the place of its author among the change's actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpName {
    pub counter: u32,
    pub actor: u32,
}

/// A value as it stands in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Boolean(bool),
    Integer(i64),
    Text(&'a str),
}

/// One operation, or several removals in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation<'a> {
    /// Sets a cell, or clears it. `map` is the place of the map's maker among the actors.
    Write { root: Root, map: u32, key: &'a str, value: Option<Value<'a>> },
    /// Puts characters (nearly always one) after an element, or at the head. `text` is the place of the text's maker.
    Insert { text: u32, after: Option<OpName>, characters: &'a str },
    /// Removes elements of one author with consecutive numbers, from the lowest.
    Remove { text: u32, lowest: OpName, count: u32 },
}

/// Reads operations.
pub struct Operations<'a> {
    object_actor: Runs<'a, u64>,
    object_counter: Runs<'a, u64>,
    key_actor: Runs<'a, u64>,
    key_counter: Steps<'a>,
    key_string: Runs<'a, &'a str>,
    insert: Flags<'a>,
    action: Runs<'a, u64>,
    meta: Runs<'a, u64>,
    values: Reader<'a>,
    pred_group: Runs<'a, u64>,
    pred_actor: Runs<'a, u64>,
    pred_counter: Steps<'a>,
    actors: u64,
    number: u64,
    rows: u64,
    removals_left: usize,
    preds: Vec<OpName>,
    preds_in_all: u64,
}

impl<'a> Operations<'a> {
    /// Reads the descriptions of the columns; what follows the last column is left in the reader.
    pub fn new(reader: &mut Reader<'a>, actors: u64, start_op: u64) -> Result<Self, ChunkFault> {
        let described = reader.unsigned()?;
        if described > SPECS.len() as u64 {
            return Err(ChunkFault::ForeignOperation);
        }
        let mut lengths = [0; SPECS.len()];
        let mut next = 0;
        for _ in 0..described {
            let spec = reader.unsigned()?;
            let length = reader.length()?;
            let place = SPECS.iter().position(|known| u64::from(*known) == spec).ok_or(ChunkFault::ForeignOperation)?;
            if place < next || length == 0 {
                return Err(ChunkFault::Damaged);
            }
            lengths[place] = length;
            next = place + 1;
        }
        let mut columns: [&[u8]; SPECS.len()] = [&[]; SPECS.len()];
        for (column, length) in columns.iter_mut().zip(lengths) {
            *column = reader.take(length)?;
        }
        let numbers = |place: usize| Runs::new(columns[place], Reader::unsigned);
        Ok(Self {
            object_actor: numbers(OBJECT_ACTOR),
            object_counter: numbers(OBJECT_COUNTER),
            key_actor: numbers(KEY_ACTOR),
            key_counter: Steps::new(columns[KEY_COUNTER]),
            key_string: Runs::new(columns[KEY_STRING], string),
            insert: Flags::new(columns[INSERT]),
            action: numbers(ACTION),
            meta: numbers(VALUE_META),
            values: Reader::new(columns[VALUE_RAW]),
            pred_group: numbers(PRED_GROUP),
            pred_actor: numbers(PRED_ACTOR),
            pred_counter: Steps::new(columns[PRED_COUNTER]),
            actors,
            number: start_op,
            rows: 0,
            removals_left: MAX_EVEN_REMOVALS + lengths.iter().sum::<usize>(),
            preds: Vec::new(),
            preds_in_all: 0,
        })
    }

    /// How many rows were read.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What the last operation says that it supersedes.
    pub fn preds(&self) -> &[OpName] {
        &self.preds
    }

    /// The next operation and its number; `None` after the last, when no column may have anything left.
    pub fn next(&mut self) -> Result<Option<(u32, Operation<'a>)>, ChunkFault> {
        if self.action.is_done() {
            return if self.is_done() { Ok(None) } else { Err(ChunkFault::Damaged) };
        }
        let number = u32::try_from(self.number).map_err(|_| ChunkFault::OverLimit("operation number"))?;
        self.count(1)?;
        let action = self.action.next()?;
        let object = (self.object_actor.next()?, self.object_counter.next()?);
        let (Some(maker), Some(made)) = object else { return Err(ChunkFault::ForeignOperation) };
        let maker = self.actor(maker)?;
        let insert = self.insert.next()?.ok_or(ChunkFault::Damaged)?;
        let key = self.key_string.next()?;
        let element = self.element(number)?;
        let value = self.value()?;
        self.read_preds(number)?;
        let operation = match (action, key, element, insert) {
            (Some(PUT | DELETE), Some(key), None, false) => {
                let root = self.map(made, key)?;
                match (action, value) {
                    (Some(PUT), Some(value)) => Operation::Write { root, map: maker, key, value: Some(value) },
                    (Some(DELETE), None) => Operation::Write { root, map: maker, key, value: None },
                    _ => return Err(ChunkFault::ForeignOperation),
                }
            }
            (Some(PUT), None, Some(after), true) if made == TEXT_OP && self.preds.is_empty() => match value {
                Some(Value::Text(characters)) if !characters.is_empty() => {
                    Operation::Insert { text: maker, after, characters }
                }
                _ => return Err(ChunkFault::ForeignOperation),
            },
            (Some(DELETE), None, Some(Some(element)), false)
                if made == TEXT_OP && value.is_none() && self.preds == [element] =>
            {
                self.removals_left =
                    self.removals_left.checked_sub(1).ok_or(ChunkFault::OverLimit("scattered removals"))?;
                let (lowest, count) = self.more_removals(element)?;
                Operation::Remove { text: maker, lowest, count }
            }
            _ => return Err(ChunkFault::ForeignOperation),
        };
        Ok(Some((number, operation)))
    }

    fn is_done(&self) -> bool {
        let numbers =
            [&self.object_actor, &self.object_counter, &self.key_actor, &self.meta, &self.pred_group, &self.pred_actor];
        numbers.into_iter().all(Runs::is_done)
            && self.key_counter.is_done()
            && self.key_string.is_done()
            && self.insert.is_done()
            && self.values.is_empty()
            && self.pred_counter.is_done()
    }

    fn count(&mut self, rows: u64) -> Result<(), ChunkFault> {
        self.rows = bounded(self.rows + rows, MAX_OPS, "operations")?;
        self.number += rows;
        Ok(())
    }

    fn actor(&self, place: u64) -> Result<u32, ChunkFault> {
        u32::try_from(place).ok().filter(|_| place < self.actors).ok_or(ChunkFault::Damaged)
    }

    /// The map that a cell is in. Its key must be that of a cell.
    fn map(&self, made: u64, key: &str) -> Result<Root, ChunkFault> {
        let place = made.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let root = place.and_then(|place| Root::ALL.get(place).copied());
        let root = root.filter(|root| *root != Root::Texts).ok_or(ChunkFault::ForeignOperation)?;
        let repeats = if self.key_string.repeated().is_some() { self.key_string.repeats() } else { 0 };
        if repeats >= MAPS || !ContentPath::is_key(key) {
            return Err(ChunkFault::ForeignOperation);
        }
        Ok(root)
    }

    /// The key of a row in a text: nothing, the head, or an element that came before.
    fn element(&mut self, number: u32) -> Result<Option<Option<OpName>>, ChunkFault> {
        match (self.key_actor.next()?, self.key_counter.next()?) {
            (None, None) => Ok(None),
            (None, Some(0)) => Ok(Some(None)),
            (Some(actor), Some(counter)) if counter > 0 && counter < number => {
                Ok(Some(Some(OpName { counter, actor: self.actor(actor)? })))
            }
            _ => Err(ChunkFault::Damaged),
        }
    }

    fn value(&mut self) -> Result<Option<Value<'a>>, ChunkFault> {
        let meta = self.meta.next()?.ok_or(ChunkFault::Damaged)?;
        let length = bounded(meta >> 4, MAX_STRING_BYTES, "value bytes")?;
        let bytes = self.values.take(usize::try_from(length).map_err(|_| ChunkFault::Damaged)?)?;
        let mut number = Reader::new(bytes);
        let value = match (meta & 0xf, length) {
            (0, 0) => return Ok(None),
            (1, 0) => Value::Boolean(false),
            (2, 0) => Value::Boolean(true),
            // Another writer's unsigned integer is the same number.
            (3, 1..) => Value::Integer(number.unsigned()?.try_into().map_err(|_| ChunkFault::ForeignOperation)?),
            (4, 1..) => Value::Integer(number.signed()?),
            (6, _) => {
                return std::str::from_utf8(bytes).map(|text| Some(Value::Text(text))).map_err(|_| ChunkFault::Damaged);
            }
            _ => return Err(ChunkFault::ForeignOperation),
        };
        if matches!(value, Value::Integer(_)) && !number.is_empty() {
            Err(ChunkFault::Damaged)
        } else {
            Ok(Some(value))
        }
    }

    fn read_preds(&mut self, number: u32) -> Result<(), ChunkFault> {
        self.preds.clear();
        let count = self.pred_group.next()?.ok_or(ChunkFault::Damaged)?;
        // Of each author only the latest word can stand in a cell.
        bounded(count, MAX_OTHER_ACTORS + 1, "predecessors")?;
        self.preds_in_all = bounded(self.preds_in_all + count, MAX_OPS, "predecessors")?;
        for _ in 0..count {
            let (Some(actor), Some(counter)) = (self.pred_actor.next()?, self.pred_counter.next()?) else {
                return Err(ChunkFault::Damaged);
            };
            if counter == 0 || counter >= number {
                return Err(ChunkFault::Damaged);
            }
            self.preds.push(OpName { counter, actor: self.actor(actor)? });
        }
        Ok(())
    }

    /// Reads on while rows remove the neighbours of `first`, upwards or downwards, run by run.
    fn more_removals(&mut self, first: OpName) -> Result<(OpName, u32), ChunkFault> {
        let (key_rows, key_step) = self.key_counter.repeats();
        let (pred_rows, pred_step) = self.pred_counter.repeats();
        let same = [
            self.object_actor.repeats(),
            self.object_counter.repeats(),
            self.key_actor.repeats(),
            if self.key_string.is_done() { u64::MAX } else { self.key_string.repeats() },
            self.action.repeats(),
            self.meta.repeats(),
            self.pred_group.repeats(),
            self.pred_actor.repeats(),
            self.insert.repeats(),
            key_rows,
            pred_rows,
        ];
        let rows = same.into_iter().min().unwrap_or(0);
        let rows = match (key_step, pred_step) {
            (Some(1), Some(1)) => rows,
            // Downwards there must be an element left to remove.
            (Some(-1), Some(-1)) => rows.min(u64::from(first.counter).saturating_sub(1)),
            _ => 0,
        };
        self.count(rows)?;
        let numbers = [
            &mut self.object_actor,
            &mut self.object_counter,
            &mut self.key_actor,
            &mut self.action,
            &mut self.meta,
            &mut self.pred_group,
            &mut self.pred_actor,
        ];
        numbers.into_iter().for_each(|column| column.skip(rows));
        self.key_string.skip(rows);
        self.insert.skip(rows);
        self.key_counter.skip(rows);
        self.pred_counter.skip(rows);
        let more = u32::try_from(rows).map_err(|_| ChunkFault::Damaged)?;
        let counter = if key_step == Some(-1) { first.counter - more } else { first.counter };
        Ok((OpName { counter, actor: first.actor }, more + 1))
    }
}

fn string<'a>(reader: &mut Reader<'a>) -> Result<&'a str, ChunkFault> {
    let length = reader.length()?;
    bounded(length as u64, MAX_STRING_BYTES, "string bytes")?;
    std::str::from_utf8(reader.take(length)?).map_err(|_| ChunkFault::Damaged)
}
