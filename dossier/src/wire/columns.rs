//! Items by columns: how a batch and a feed are spelled on the line.
//!
//! A thousand dossiers of one procedure say the same things in the same places, with different words. Spelled one after
//! the other, each interrupts the other's repetition with names and signatures that no compressor can shrink. So like
//! stands with like here: all kinds of operation, all field names, all words, all hashes. A zstd frame over the result
//! is about two thirds of one over the plain items.
//!
//! ```text
//! items ─split─▶ counts · dossiers · heads · times · column 1 … column 12 · acts · hashes · signatures
//!                   every hash that the reader can work out is a number: "the dossier's third change"
//! ```
//!
//! What is left out: the checksum and length of a change; dependencies and heads that are the dossier's skeleton, one of
//! its texts or a change that travels along; the event before, if it travels along; actors that follow from the
//! dossier's id; the lengths of single characters; attachments' names as text.
//!
//! **Nothing is believed for being spelled this way.** Reading gives back the very bytes that were signed, and everything
//! after it sees only those. What cannot be split and joined to the same bytes travels as it is. Reading is bounded: what
//! is put together is counted against a budget before it is.

mod change;
mod event;
mod stream;
mod value;

use super::{limits, request::DossierItems};
use crate::{content::chunk::ChunkFault, event::SignedEvent, id::DossierId};
use change::Known;
use stream::{In, Out, Stream};

/// Why columns are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsFault {
    /// They end too early or too late, or speak of what is not there.
    #[error("the columns do not add up")]
    Damaged,
    /// More of something than one message may hold.
    #[error("the columns hold more than the limit of {0}")]
    OverLimit(&'static str),
}

impl From<ChunkFault> for ColumnsFault {
    fn from(_: ChunkFault) -> Self {
        Self::Damaged
    }
}

/// How many times larger than their columns items may be. Honest ones reach 3.
const MOST_GROWTH: usize = 16;
/// A few items may honestly grow by more.
const GROWTH_FLOOR_BYTES: usize = 1 << 20;

/// One dossier's items, borrowed.
#[derive(Debug, Clone)]
pub struct Items<'a> {
    /// The dossier.
    pub dossier: DossierId,
    /// Fields of `texts` whose object exists.
    pub texts: &'a [String],
    /// Raw chunks in causal order.
    pub changes: Vec<&'a [u8]>,
    /// Events.
    pub events: Vec<&'a SignedEvent>,
}

/// Spells items by columns; nothing at all for no dossiers.
#[must_use]
pub fn write(dossiers: &[Items<'_>]) -> Vec<u8> {
    if dossiers.is_empty() {
        return Vec::new();
    }
    let mut out = Out::default();
    out.number(Stream::Counts, dossiers.len() as u64);
    let mut events = event::Writer::over(dossiers.iter().flat_map(|items| items.events.iter().copied()));
    let mut times = 0;
    for items in dossiers {
        out.bytes(Stream::Dossiers, items.dossier.as_bytes());
        out.number(Stream::Counts, items.texts.len() as u64);
        out.number(Stream::Counts, items.changes.len() as u64);
        out.number(Stream::Counts, items.events.len() as u64);
        for field in items.texts {
            out.slice(Stream::Texts, field.as_bytes());
        }
        let mut known = Known::of(&items.dossier, items.texts);
        for bytes in &items.changes {
            change::write(&mut out, &mut known, &mut times, bytes);
        }
        events.write(&mut out, &items.dossier, &known, items.events.len());
    }
    out.finish()
}

/// How much columns may hold. What a dossier's skeleton and its texts are is worked out before anything is verified, so
/// there may be few of these where a stranger asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Dossiers.
    pub dossiers: usize,
    /// Texts, changes and events together.
    pub items: usize,
}

/// Reads what [`write`] wrote.
pub fn read(bytes: &[u8], most: Most) -> Result<Vec<DossierItems>, ColumnsFault> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let most_bytes = bytes.len().saturating_mul(MOST_GROWTH).clamp(GROWTH_FLOOR_BYTES, limits::MAX_BODY_BYTES);
    let mut from = In::open(bytes, most_bytes)?;
    let count = from.count(Stream::Counts, most.dossiers, "dossiers")?;
    let mut dossiers = Vec::new();
    let mut events = event::Reader::default();
    let (mut times, mut items_left) = (0, most.items);
    for _ in 0..count {
        let dossier = DossierId(from.array(Stream::Dossiers)?);
        let mut counted = || -> Result<usize, ColumnsFault> {
            let count = from.count(Stream::Counts, items_left, "items")?;
            items_left -= count;
            Ok(count)
        };
        let (texts, changes, happened) = (counted()?, counted()?, counted()?);
        if texts > limits::MAX_TEXTS_PER_DOSSIER {
            return Err(ColumnsFault::OverLimit("texts"));
        }
        let texts: Vec<String> = (0..texts)
            .map(|_| String::from_utf8(from.slice(Stream::Texts)?.to_vec()).map_err(|_| ColumnsFault::Damaged))
            .collect::<Result<_, _>>()?;
        let mut known = Known::of(&dossier, &texts);
        let mut chunks = Vec::new();
        for _ in 0..changes {
            chunks.push(change::read(&mut from, &mut known, &mut times)?.into());
        }
        events.read(&mut from, &dossier, &known, happened)?;
        dossiers.push(DossierItems { dossier, texts, changes: chunks, events: Vec::new() });
    }
    events.finish(&mut from, &mut dossiers)?;
    from.is_done().then_some(dossiers).ok_or(ColumnsFault::Damaged)
}

#[cfg(test)]
mod tests;
