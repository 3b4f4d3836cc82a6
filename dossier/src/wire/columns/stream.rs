//! The streams that columns are spelled in: numbers and bytes, one kind to a stream.

use super::ColumnsFault;
use crate::content::chunk::{
    Reader,
    operation::SPECS,
    write::{signed, unsigned},
};

/// Where something stands. The operations' columns follow these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// How many dossiers, texts, changes, events.
    Counts,
    /// Field names of texts.
    Texts,
    /// What precedes a change's operations.
    Changes,
    /// When changes were made, each as the difference from the one before.
    Times,
    /// How long each column of a change is.
    Lengths,
    /// What events are about.
    Acts,
    /// What else they say.
    Events,
    /// When they were made, each as the difference from the one before.
    Moments,
    /// Which of their device's they are, likewise.
    Counters,
    /// What travels as it is.
    Plain,
    /// Ids of dossiers.
    Dossiers,
    /// Actors.
    Actors,
    /// Keys of authors, hashes that nothing here has, names of attachments.
    Hashes,
    /// Signatures.
    Signatures,
}

/// The streams before those of the operations' columns.
const FIRST: usize = Stream::Signatures as usize + 1;
const ALL: usize = FIRST + SPECS.len();

/// Streams being written.
#[derive(Debug)]
pub struct Out([Vec<u8>; ALL]);

impl Default for Out {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Vec::new()))
    }
}

impl Out {
    pub fn number(&mut self, stream: Stream, value: u64) {
        unsigned(value, &mut self.0[stream as usize]);
    }

    pub fn signed(&mut self, stream: Stream, value: i64) {
        signed(value, &mut self.0[stream as usize]);
    }

    pub fn bytes(&mut self, stream: Stream, bytes: &[u8]) {
        self.0[stream as usize].extend_from_slice(bytes);
    }

    /// Bytes after their number.
    pub fn slice(&mut self, stream: Stream, bytes: &[u8]) {
        self.number(stream, bytes.len() as u64);
        self.bytes(stream, bytes);
    }

    pub fn column(&mut self, place: usize) -> &mut Vec<u8> {
        &mut self.0[FIRST + place]
    }

    /// The lengths of all streams, then all streams: those that do not compress stand together.
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        self.0.iter().for_each(|stream| unsigned(stream.len() as u64, &mut out));
        self.0.iter().for_each(|stream| out.extend_from_slice(stream));
        out
    }
}

/// Streams being read.
pub struct In<'a> {
    streams: [Reader<'a>; ALL],
    /// Bytes that may still be put together.
    left: usize,
}

impl<'a> In<'a> {
    pub fn open(bytes: &'a [u8], most: usize) -> Result<Self, ColumnsFault> {
        let mut all = Reader::new(bytes);
        let mut lengths = [0; ALL];
        for length in &mut lengths {
            *length = all.length()?;
        }
        let mut streams = std::array::from_fn(|_| Reader::new(&[]));
        for (stream, length) in streams.iter_mut().zip(lengths) {
            *stream = Reader::new(all.take(length)?);
        }
        if all.is_empty() { Ok(Self { streams, left: most }) } else { Err(ColumnsFault::Damaged) }
    }

    pub fn number(&mut self, stream: Stream) -> Result<u64, ColumnsFault> {
        Ok(self.streams[stream as usize].unsigned()?)
    }

    /// A number of things, of which there may be so many.
    pub fn count(&mut self, stream: Stream, most: usize, what: &'static str) -> Result<usize, ColumnsFault> {
        let count = self.number(stream)?;
        usize::try_from(count).ok().filter(|count| *count <= most).ok_or(ColumnsFault::OverLimit(what))
    }

    pub fn signed(&mut self, stream: Stream) -> Result<i64, ColumnsFault> {
        Ok(self.streams[stream as usize].signed()?)
    }

    pub fn bytes(&mut self, stream: Stream, count: usize) -> Result<&'a [u8], ColumnsFault> {
        Ok(self.streams[stream as usize].take(count)?)
    }

    pub fn array<const N: usize>(&mut self, stream: Stream) -> Result<[u8; N], ColumnsFault> {
        self.bytes(stream, N)?.try_into().map_err(|_| ColumnsFault::Damaged)
    }

    /// Bytes after their number.
    pub fn slice(&mut self, stream: Stream) -> Result<&'a [u8], ColumnsFault> {
        let length = self.streams[stream as usize].length()?;
        self.bytes(stream, length)
    }

    /// A CBOR value, which ends by itself.
    pub fn value<T: minicbor::Decode<'a, ()>>(&mut self, stream: Stream) -> Result<T, ColumnsFault> {
        let reader = &mut self.streams[stream as usize];
        let mut decoder = minicbor::Decoder::new(reader.rest());
        let value = decoder.decode().map_err(|_| ColumnsFault::Damaged)?;
        reader.take(decoder.position())?;
        Ok(value)
    }

    pub fn column(&mut self, place: usize) -> &mut Reader<'a> {
        &mut self.streams[FIRST + place]
    }

    /// Counts bytes that are put together against the budget.
    pub fn spend(&mut self, bytes: usize) -> Result<(), ColumnsFault> {
        self.left = self.left.checked_sub(bytes).ok_or(ColumnsFault::OverLimit("bytes"))?;
        Ok(())
    }

    pub fn is_done(&self) -> bool {
        self.streams.iter().all(Reader::is_empty)
    }
}
