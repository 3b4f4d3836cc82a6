//! The structural scan: what may be said of a change before Automerge decodes it.
//!
//! Automerge 0.12 can be made to panic, to allocate gigabytes from a hundred bytes, or to be poisoned for ever by a
//! crafted change. So bytes from outside are read here first, without building anything: one raw, uncompressed change
//! chunk; its checksum and hash; dependencies, actor, sequence and operation numbers; every column known, no column
//! longer than the declared number of operations, only puts and deletes of scalars and splices of text. The format is
//! described in the Automerge binary format specification.
//!
//! Cost: one pass over the bytes and one SHA-256, no allocation that grows with declared (rather than real) lengths.

mod column;
mod reader;

use crate::id::{ActorId, ChangeHash, sha256};
use reader::Reader;

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

pub(super) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;

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
    /// An operation that dossiers do not use: making objects, counters, marks, unknown columns.
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
    bytes: Vec<u8>,
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
        self.bytes
    }

    /// The number of its last operation (one below the first, if it has none).
    #[must_use]
    pub fn last_op(&self) -> u64 {
        self.start_op + self.ops - 1
    }
}

/// Scans bytes from outside: bounded, and only what people's edits are made of.
pub fn scan(bytes: &[u8]) -> Result<Scanned, ChunkFault> {
    scan_as(bytes, column::Allowed::Edits)
}

/// Scans a chunk of our own making, which may also make the skeleton's objects.
pub(crate) fn scan_own(bytes: &[u8]) -> Result<Scanned, ChunkFault> {
    scan_as(bytes, column::Allowed::Skeleton)
}

fn bounded(value: u64, limit: u64, what: &'static str) -> Result<u64, ChunkFault> {
    if value > limit { Err(ChunkFault::OverLimit(what)) } else { Ok(value) }
}

fn scan_as(bytes: &[u8], allowed: column::Allowed) -> Result<Scanned, ChunkFault> {
    if bytes.len() > MAX_CHANGE_BYTES {
        return Err(ChunkFault::OverLimit("bytes"));
    }
    let mut reader = Reader::new(bytes);
    if reader.take(4)? != MAGIC {
        return Err(ChunkFault::NotARawChange);
    }
    let checksum = reader.take(4)?;
    let hashed_from = reader.position();
    if reader.byte()? != CHANGE {
        return Err(ChunkFault::NotARawChange);
    }
    let length = reader.length()?;
    if length != reader.remaining() {
        return Err(ChunkFault::Damaged);
    }
    let hash = sha256(&[&bytes[hashed_from..]]);
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
    let mut actors = 1;
    for _ in 0..bounded(reader.unsigned()?, MAX_OTHER_ACTORS, "actors")? {
        read_actor(&mut reader)?;
        actors += 1;
    }
    let ops = column::scan_columns(&mut reader, actors, start_op, allowed)?;
    if reader.remaining() != 0 {
        return Err(ChunkFault::ForeignOperation);
    }
    if start_op + ops > MAX_OP_NUMBER {
        return Err(ChunkFault::OverLimit("operation number"));
    }
    Ok(Scanned { hash: ChangeHash(hash), deps, actor, seq, start_op, ops, time_s, bytes: bytes.to_vec() })
}

/// All our actors have 16 bytes.
fn read_actor(reader: &mut Reader<'_>) -> Result<ActorId, ChunkFault> {
    let length = reader.length()?;
    ActorId::from_slice(reader.take(length)?).map_err(|_| ChunkFault::OverLimit("actor id"))
}

#[cfg(test)]
mod tests;
