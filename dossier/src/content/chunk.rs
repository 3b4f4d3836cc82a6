//! A change as bytes: what may be said of it before anything is built, and how one is written.
//!
//! The format is Automerge's binary format for changes, so that any Automerge tool reads what a dossier holds; the
//! subset is ours. Bytes from outside are read once by [`scan`]: one raw, uncompressed change chunk; its checksum and
//! hash; dependencies, actor, sequence and operation numbers; every column known and as long as the others; only the
//! operations of [`operation::Operation`]. What passes can be read again without a fault.
//!
//! Cost: one pass over the bytes and one SHA-256. Nothing is unrolled, so time and memory are proportional to the bytes
//! and never to the lengths that they declare.

pub(crate) mod operation;
mod reader;
mod run;
pub(crate) mod write;

use std::sync::Arc;

use super::genesis;
use crate::id::{ActorId, ChangeHash, sha256};
use operation::Operations;
pub(crate) use reader::Reader;

/// The most bytes of one change: a whole e-form of 400 fields of 1,000 bytes each fits, and text of the same size.
pub const MAX_CHANGE_BYTES: usize = 1 << 20;
/// The most operations of one change: each character of a long text is one operation.
pub const MAX_OPS: u64 = 200_000;
/// The most direct dependencies of one change.
pub const MAX_DEPS: u64 = 256;
/// The most other actors that one change may name.
pub const MAX_OTHER_ACTORS: u64 = 256;
/// The highest operation number a dossier may reach. Beyond it the document could take no further edit.
pub const MAX_OP_NUMBER: u64 = 1 << 30;
/// The most changes of one actor in one dossier.
pub const MAX_SEQ: u64 = 1 << 20;
/// The longest key or string value in a change, in bytes.
pub const MAX_STRING_BYTES: u64 = 64 * 1024;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The hash covers what follows the magic and the checksum.
pub(crate) const HASHED_FROM: usize = 8;
const RAW_CHANGE: u8 = 1;
const PUT: u64 = 1;
const DELETE: u64 = 3;
/// The number of the operation that makes a text: it stands right on the skeleton.
const TEXT_OP: u64 = genesis::SKELETON_OPS + 1;

/// Why a change is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkFault {
    /// The bytes end too early, a number is malformed, or lengths do not add up.
    #[error("the change is damaged")]
    Damaged,
    /// The checksum does not fit the content.
    #[error("the change's checksum does not fit")]
    Checksum,
    /// A document, a compressed change, a bundle or something unknown.
    #[error("only raw changes are taken")]
    NotARawChange,
    /// A length, count or number is over its limit.
    #[error("the change is over the limit of {0}")]
    OverLimit(&'static str),
    /// An operation that dossiers do not use: making objects, counters, marks, unknown columns, saying nothing at all.
    #[error("the change does something that dossiers do not use")]
    ForeignOperation,
}

/// A change that passed the scan, with what the scan learned. Holding one is the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// Its hash, computed here.
    pub hash: ChangeHash,
    /// The changes it was made on.
    pub deps: Vec<ChangeHash>,
    /// Who wrote it, within this dossier.
    pub actor: ActorId,
    /// The how-manieth change of this actor, from 1.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// How many operations it has.
    pub ops: u64,
    /// When its author's device said it was, in Unix seconds.
    pub time_s: i64,
    /// Whom its operations name by their place: the author, then others.
    actors: Arc<[ActorId]>,
    /// Where the columns are described.
    columns_at: usize,
    bytes: Arc<[u8]>,
}

impl Scanned {
    /// The raw chunk.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The raw chunk, by value.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.to_vec()
    }

    /// Whom operations name by their place; the first is the author.
    pub(super) fn actors(&self) -> &[ActorId] {
        &self.actors
    }

    /// Its operations, which the scan has seen to be sound.
    pub(super) fn operations(&self) -> Result<Operations<'_>, ChunkFault> {
        let mut reader = Reader::new(&self.bytes[self.columns_at..]);
        Operations::new(&mut reader, self.actors.len() as u64, self.start_op)
    }

    /// A change of our own making that makes objects, as no change from outside may.
    pub(super) fn of_skeleton(head: &write::Head<'_>, ops: u64, content: &[u8]) -> Self {
        let bytes = write::chunk(content);
        Self {
            hash: ChangeHash(sha256(&[&bytes[HASHED_FROM..]])),
            deps: head.deps.to_vec(),
            actor: head.actor,
            seq: head.seq,
            start_op: head.start_op,
            ops,
            time_s: head.time_s,
            actors: Arc::from([head.actor]),
            columns_at: bytes.len(),
            bytes: bytes.into(),
        }
    }

    /// The number of its last operation (one below the first, if it has none).
    #[must_use]
    pub fn last_op(&self) -> u64 {
        self.start_op + self.ops - 1
    }
}

fn bounded(value: u64, limit: u64, what: &'static str) -> Result<u64, ChunkFault> {
    if value > limit { Err(ChunkFault::OverLimit(what)) } else { Ok(value) }
}

/// Scans bytes from outside: bounded, and only what people's edits are made of.
pub fn scan(bytes: &[u8]) -> Result<Scanned, ChunkFault> {
    if bytes.len() > MAX_CHANGE_BYTES {
        return Err(ChunkFault::OverLimit("bytes"));
    }
    let mut reader = Reader::new(bytes);
    if reader.take(4)? != MAGIC {
        return Err(ChunkFault::NotARawChange);
    }
    let checksum = reader.take(4)?;
    if reader.byte()? != RAW_CHANGE {
        return Err(ChunkFault::NotARawChange);
    }
    let length = reader.length()?;
    if length != reader.remaining() {
        return Err(ChunkFault::Damaged);
    }
    let hash = sha256(&[&bytes[HASHED_FROM..]]);
    if hash[..4] != *checksum {
        return Err(ChunkFault::Checksum);
    }

    let mut deps = Vec::new();
    for _ in 0..bounded(reader.unsigned()?, MAX_DEPS, "dependencies")? {
        deps.push(ChangeHash::from_slice(reader.take(32)?).map_err(|_| ChunkFault::Damaged)?);
    }
    if !deps.is_sorted_by(|a, b| a < b) {
        return Err(ChunkFault::Damaged);
    }
    let actor = read_actor(&mut reader)?;
    let seq = bounded(reader.unsigned()?, MAX_SEQ, "sequence")?;
    let start_op = bounded(reader.unsigned()?, MAX_OP_NUMBER, "operation number")?;
    if seq == 0 || start_op == 0 {
        return Err(ChunkFault::Damaged);
    }
    let time_s = reader.signed()?;
    let message = reader.length()?;
    if message != 0 {
        return Err(ChunkFault::ForeignOperation);
    }
    let mut actors = vec![actor];
    for _ in 0..bounded(reader.unsigned()?, MAX_OTHER_ACTORS, "actors")? {
        actors.push(read_actor(&mut reader)?);
    }
    if !actors[1..].is_sorted_by(|a, b| a < b) || actors[1..].contains(&actor) {
        return Err(ChunkFault::Damaged);
    }
    let columns_at = reader.position();
    let mut operations = Operations::new(&mut reader, actors.len() as u64, start_op)?;
    if reader.remaining() != 0 {
        return Err(ChunkFault::ForeignOperation);
    }
    while operations.next()?.is_some() {}
    let ops = operations.rows();
    if ops == 0 {
        return Err(ChunkFault::ForeignOperation);
    }
    if start_op + ops > MAX_OP_NUMBER {
        return Err(ChunkFault::OverLimit("operation number"));
    }
    Ok(Scanned {
        hash: ChangeHash(hash),
        deps,
        actor,
        seq,
        start_op,
        ops,
        time_s,
        actors: actors.into(),
        columns_at,
        bytes: bytes.into(),
    })
}

/// All our actors have 16 bytes.
fn read_actor(reader: &mut Reader<'_>) -> Result<ActorId, ChunkFault> {
    let length = reader.length()?;
    ActorId::from_slice(reader.take(length)?).map_err(|_| ChunkFault::OverLimit("actor id"))
}

#[cfg(test)]
mod tests;
