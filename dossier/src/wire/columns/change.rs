//! Changes by columns.

use std::collections::BTreeMap;

use super::{
    ColumnsFault,
    stream::{In, Out, Stream},
    value,
};
use crate::{
    content::{
        chunk::{
            ChunkFault, HASHED_FROM, MAX_CHANGE_BYTES, MAX_DEPS, MAX_OTHER_ACTORS, Reader,
            operation::{KEY_STRING, SPECS, VALUE_META, VALUE_RAW},
            write as chunk,
        },
        genesis,
    },
    id::{ActorId, ChangeHash, DossierId, sha256},
};

/// It travels as it is.
const PLAIN: u64 = 0;
/// It travels by columns.
const SPLIT: u64 = 1;
/// The values' kinds and lengths are spelled short.
const SHORT_METAS: u64 = 2;
/// Attachments' names in the keys are spelled as bytes.
const SHORT_KEYS: u64 = 4;

/// What the reader of one dossier's items can work out by now.
#[derive(Debug)]
pub struct Known {
    /// Hashes of the skeleton, the texts, and the changes so far.
    hashes: Vec<[u8; 32]>,
    /// The last place of each.
    places: BTreeMap<[u8; 32], usize>,
    /// Who made them.
    actors: Vec<ActorId>,
}

impl Known {
    /// Before the first change.
    pub fn of(dossier: &DossierId, texts: &[String]) -> Self {
        let skeleton = genesis::skeleton(dossier);
        let texts: Vec<_> = texts.iter().map(|field| genesis::text_on(&skeleton, dossier, field)).collect();
        let made = || [&skeleton].into_iter().chain(&texts);
        let mut known = Self { hashes: Vec::new(), places: BTreeMap::new(), actors: Vec::new() };
        made().for_each(|made| known.learn(made.hash.0, made.actor));
        known
    }

    fn learn(&mut self, hash: [u8; 32], actor: ActorId) {
        self.places.insert(hash, self.hashes.len());
        self.hashes.push(hash);
        self.actors.push(actor);
    }

    /// A hash as its place, counted from 1, or as it is after a nought.
    pub fn write(&self, out: &mut Out, stream: Stream, hash: &[u8; 32]) {
        match self.places.get(hash) {
            Some(place) => out.number(stream, *place as u64 + 1),
            None => {
                out.number(stream, 0);
                out.bytes(Stream::Hashes, hash);
            }
        }
    }

    pub fn read(&self, from: &mut In<'_>, stream: Stream) -> Result<[u8; 32], ColumnsFault> {
        from.spend(32)?;
        match from.number(stream)? {
            0 => from.array(Stream::Hashes),
            place => pick(&self.hashes, place),
        }
    }

    fn write_actor(&self, out: &mut Out, actor: &ActorId) {
        match self.actors.iter().rposition(|known| known == actor) {
            Some(place) => out.number(Stream::Changes, place as u64 + 1),
            None => {
                out.number(Stream::Changes, 0);
                out.bytes(Stream::Actors, actor.as_bytes());
            }
        }
    }

    fn read_actor(&self, from: &mut In<'_>) -> Result<ActorId, ColumnsFault> {
        match from.number(Stream::Changes)? {
            0 => Ok(ActorId(from.array(Stream::Actors)?)),
            place => pick(&self.actors, place),
        }
    }
}

fn pick<T: Copy>(known: &[T], place: u64) -> Result<T, ColumnsFault> {
    let at = usize::try_from(place - 1).map_err(|_| ColumnsFault::Damaged)?;
    known.get(at).copied().ok_or(ColumnsFault::Damaged)
}

/// What a change's chunk says, in its order.
#[derive(Debug, Default)]
struct Parts<'a> {
    deps: Vec<[u8; 32]>,
    actor: Option<ActorId>,
    seq: u64,
    start_op: u64,
    time_s: i64,
    others: Vec<ActorId>,
    columns: [&'a [u8]; SPECS.len()],
}

impl<'a> Parts<'a> {
    /// Takes a chunk to pieces; nothing of what they mean is looked at.
    fn split(bytes: &'a [u8]) -> Result<Self, ChunkFault> {
        let mut reader = Reader::new(bytes);
        // The magic, the checksum and the kind are made anew, and compared by whoever splits.
        reader.take(HASHED_FROM + 1)?;
        reader.length()?;
        let mut parts = Self::default();
        for _ in 0..reader.unsigned()?.min(MAX_DEPS + 1) {
            parts.deps.push(reader.array()?);
        }
        let actor = |reader: &mut Reader<'a>| {
            let length = reader.length()?;
            ActorId::from_slice(reader.take(length)?).map_err(|_| ChunkFault::Damaged)
        };
        parts.actor = Some(actor(&mut reader)?);
        (parts.seq, parts.start_op, parts.time_s) = (reader.unsigned()?, reader.unsigned()?, reader.signed()?);
        let message = reader.length()?;
        for _ in 0..reader.unsigned()?.min(MAX_OTHER_ACTORS + 1) {
            parts.others.push(actor(&mut reader)?);
        }
        let mut described = Vec::new();
        for _ in 0..reader.unsigned()?.min(SPECS.len() as u64) {
            let spec = reader.unsigned()?;
            let place = SPECS.iter().position(|known| u64::from(*known) == spec).ok_or(ChunkFault::Damaged)?;
            described.push((place, reader.length()?));
        }
        for (place, length) in described {
            parts.columns[place] = reader.take(length)?;
        }
        if message == 0 && reader.is_empty() { Ok(parts) } else { Err(ChunkFault::Damaged) }
    }

    fn join(&self) -> Option<Vec<u8>> {
        let deps: Vec<_> = self.deps.iter().map(|dep| ChangeHash(*dep)).collect();
        let (actor, time_s) = (self.actor?, self.time_s);
        let head = chunk::Head { deps: &deps, actor, seq: self.seq, start_op: self.start_op, time_s };
        Some(chunk::chunk(&chunk::content(&head, &self.others, &self.columns)))
    }
}

/// Writes a change. `time` is that of the one before.
pub fn write(out: &mut Out, known: &mut Known, time: &mut i64, bytes: &[u8]) {
    let parts = Parts::split(bytes)
        .ok()
        .filter(|_| bytes.len() <= MAX_CHANGE_BYTES)
        .filter(|parts| parts.join().as_deref() == Some(bytes));
    let Some((parts, actor)) = parts.and_then(|parts| parts.actor.map(|actor| (parts, actor))) else {
        out.number(Stream::Changes, PLAIN);
        return out.slice(Stream::Plain, bytes);
    };
    let metas = value::short_metas(parts.columns[VALUE_META], parts.columns[VALUE_RAW]);
    let keys = value::short_keys(parts.columns[KEY_STRING]);
    let short = |is_short: bool, bit: u64| if is_short { bit } else { 0 };
    out.number(Stream::Changes, SPLIT | short(metas.is_some(), SHORT_METAS) | short(keys.is_some(), SHORT_KEYS));
    out.number(Stream::Changes, parts.deps.len() as u64);
    parts.deps.iter().for_each(|dep| known.write(out, Stream::Changes, dep));
    known.write_actor(out, &actor);
    out.number(Stream::Changes, parts.seq);
    out.number(Stream::Changes, parts.start_op);
    out.signed(Stream::Times, parts.time_s.wrapping_sub(*time));
    *time = parts.time_s;
    out.number(Stream::Changes, parts.others.len() as u64);
    parts.others.iter().for_each(|other| known.write_actor(out, other));
    for (place, column) in parts.columns.iter().enumerate() {
        let column = match place {
            VALUE_META if metas.is_some() => metas.as_deref().unwrap_or_default(),
            KEY_STRING if keys.is_some() => {
                let (words, names) = keys.as_ref().map(|(words, names)| (&words[..], &names[..])).unwrap_or_default();
                out.bytes(Stream::Hashes, names);
                words
            }
            _ => column,
        };
        out.number(Stream::Lengths, column.len() as u64);
        out.column(place).extend_from_slice(column);
    }
    known.learn(sha256(&[&bytes[HASHED_FROM..]]), actor);
}

/// Reads a change: the very bytes that were written.
pub fn read(from: &mut In<'_>, known: &mut Known, time: &mut i64) -> Result<Vec<u8>, ColumnsFault> {
    let kind = from.number(Stream::Changes)?;
    if kind == PLAIN {
        let bytes = from.slice(Stream::Plain)?;
        from.spend(bytes.len())?;
        return Ok(bytes.to_vec());
    }
    if kind & SPLIT == 0 || kind > (SPLIT | SHORT_METAS | SHORT_KEYS) {
        return Err(ColumnsFault::Damaged);
    }
    let mut parts = Parts::default();
    for _ in 0..from.count(Stream::Changes, most(MAX_DEPS), "dependencies")? {
        parts.deps.push(known.read(from, Stream::Changes)?);
    }
    let actor = known.read_actor(from)?;
    parts.actor = Some(actor);
    (parts.seq, parts.start_op) = (from.number(Stream::Changes)?, from.number(Stream::Changes)?);
    *time = time.wrapping_add(from.signed(Stream::Times)?);
    parts.time_s = *time;
    for _ in 0..from.count(Stream::Changes, most(MAX_OTHER_ACTORS), "actors")? {
        from.spend(16)?;
        parts.others.push(known.read_actor(from)?);
    }
    let mut left = MAX_CHANGE_BYTES;
    for place in 0..SPECS.len() {
        let length = from.count(Stream::Lengths, left, "bytes")?;
        left -= length;
        parts.columns[place] = from.column(place).take(length)?;
        from.spend(length)?;
    }
    let (metas, keys);
    if kind & SHORT_KEYS != 0 {
        keys = value::long_keys(parts.columns[KEY_STRING], from)?;
        parts.columns[KEY_STRING] = &keys;
    }
    if kind & SHORT_METAS != 0 {
        metas = value::long_metas(parts.columns[VALUE_META], parts.columns[VALUE_RAW])?;
        from.spend(metas.len())?;
        parts.columns[VALUE_META] = &metas;
    }
    let bytes = parts.join().ok_or(ColumnsFault::Damaged)?;
    known.learn(sha256(&[&bytes[HASHED_FROM..]]), actor);
    Ok(bytes)
}

fn most(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
