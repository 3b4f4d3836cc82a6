//! Two columns of a change that say what can be worked out: the lengths of single characters, and names of attachments
//! as text.

use super::{
    ColumnsFault,
    stream::{In, Stream},
};
use crate::content::chunk::{
    ChunkFault, Reader,
    write::{signed, unsigned},
};

/// The kind of a text in a value's description.
const TEXT: u64 = 6;
/// What stands in a key before an attachment's name.
const BEFORE_NAME: &[u8] = b"/files/";
/// A name as text, and as bytes.
const NAME_TEXT: usize = 64;
const NAME: usize = 32;

/// How long a character is that begins with this byte, if one can.
fn width(first: u8) -> Option<usize> {
    match first {
        0..0x80 => Some(1),
        0xc2..0xe0 => Some(2),
        0xe0..0xf0 => Some(3),
        0xf0..0xf5 => Some(4),
        _ => None,
    }
}

/// Whether the next `count` values of this length are one character each.
fn are_characters(values: &[u8], length: usize, count: u64) -> bool {
    let whole = usize::try_from(count).ok().and_then(|count| count.checked_mul(length));
    let Some(values) = whole.and_then(|whole| values.get(..whole)) else { return false };
    (1..=4).contains(&length) && values.chunks_exact(length).all(|value| width(value[0]) == Some(length))
}

/// The descriptions of values, spelled short: "so many single characters" for all of whatever length that follow each
/// other. `None` if that does not give the same column back.
pub fn short_metas(metas: &[u8], values: &[u8]) -> Option<Vec<u8>> {
    let short = shorten(metas, values).ok()?;
    (long_metas(&short, values).ok()?.as_slice() == metas && short.len() < metas.len()).then_some(short)
}

fn shorten(metas: &[u8], mut values: &[u8]) -> Result<Vec<u8>, ChunkFault> {
    let mut reader = Reader::new(metas);
    let (mut out, mut characters) = (Vec::new(), 0u64);
    while !reader.is_empty() {
        let run = reader.signed()?;
        let (times, count) = if run > 0 { (1, run.unsigned_abs()) } else { (run.unsigned_abs(), 1) };
        if run == 0 {
            return Err(ChunkFault::Damaged);
        }
        for _ in 0..times {
            let meta = reader.unsigned()?;
            let length = usize::try_from(meta >> 4).map_err(|_| ChunkFault::Damaged)?;
            if meta & 0xf == TEXT && are_characters(values, length, count) {
                characters += count;
            } else {
                flush(&mut characters, &mut out);
                unsigned(count << 1, &mut out);
                unsigned(meta, &mut out);
            }
            let bytes = usize::try_from(count).ok().and_then(|count| count.checked_mul(length));
            values = bytes.and_then(|bytes| values.get(bytes..)).ok_or(ChunkFault::Damaged)?;
        }
    }
    flush(&mut characters, &mut out);
    Ok(out)
}

fn flush(characters: &mut u64, out: &mut Vec<u8>) {
    if *characters > 0 {
        unsigned(*characters << 1 | 1, out);
    }
    *characters = 0;
}

/// The column that [`short_metas`] spelled short. What it costs is bounded by its bytes and the values'.
pub fn long_metas(short: &[u8], mut values: &[u8]) -> Result<Vec<u8>, ColumnsFault> {
    let mut reader = Reader::new(short);
    let mut runs = Runs::default();
    while !reader.is_empty() {
        let number = reader.unsigned()?;
        let count = number >> 1;
        if number & 1 == 1 {
            for _ in 0..count {
                let length = values.first().and_then(|first| width(*first)).ok_or(ColumnsFault::Damaged)?;
                values = values.get(length..).ok_or(ColumnsFault::Damaged)?;
                runs.push((length as u64) << 4 | TEXT, 1);
            }
        } else {
            let meta = reader.unsigned()?;
            let bytes = (meta >> 4).checked_mul(count).and_then(|bytes| usize::try_from(bytes).ok());
            values = bytes.and_then(|bytes| values.get(bytes..)).ok_or(ColumnsFault::Damaged)?;
            runs.push(meta, count);
        }
    }
    Ok(runs.finish())
}

/// A run-length encoded column of numbers, being written by runs.
#[derive(Default)]
struct Runs {
    out: Vec<u8>,
    literal: Vec<u64>,
    value: u64,
    count: u64,
}

impl Runs {
    fn push(&mut self, value: u64, count: u64) {
        if count > 0 && self.count > 0 && self.value == value {
            self.count = self.count.saturating_add(count);
        } else if count > 0 {
            self.end();
            (self.value, self.count) = (value, count);
        }
    }

    fn end(&mut self) {
        match self.count {
            0 => {}
            1 => self.literal.push(self.value),
            count => {
                self.write_literal();
                signed(i64::try_from(count).unwrap_or(i64::MAX), &mut self.out);
                unsigned(self.value, &mut self.out);
            }
        }
        self.count = 0;
    }

    fn write_literal(&mut self) {
        if !self.literal.is_empty() {
            signed(-(self.literal.len() as i64), &mut self.out);
            self.literal.drain(..).for_each(|value| unsigned(value, &mut self.out));
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.end();
        self.write_literal();
        self.out
    }
}

/// The keys without the names of attachments, and those names as bytes. `None` if there are none, or something else
/// stands where a name should.
pub fn short_keys(keys: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut words, mut names, mut rest) = (Vec::new(), Vec::new(), keys);
    while let Some(at) = find(rest) {
        let (before, after) = rest.split_at(at);
        let (name, after) = after.split_at_checked(NAME_TEXT)?;
        names.extend(data_encoding::HEXLOWER.decode(name).ok()?);
        words.extend_from_slice(before);
        rest = after;
    }
    words.extend_from_slice(rest);
    // A mark that appears only where a name was taken out would be taken for one that was there.
    (!names.is_empty() && marks(&words) * NAME == names.len()).then_some((words, names))
}

/// The keys that [`short_keys`] took apart; the names stand among the hashes.
pub fn long_keys(words: &[u8], from: &mut In<'_>) -> Result<Vec<u8>, ColumnsFault> {
    let (mut keys, mut rest) = (Vec::new(), words);
    while let Some(at) = find(rest) {
        let (before, after) = rest.split_at(at);
        from.spend(NAME_TEXT)?;
        keys.extend_from_slice(before);
        keys.extend_from_slice(data_encoding::HEXLOWER.encode(from.bytes(Stream::Hashes, NAME)?).as_bytes());
        rest = after;
    }
    keys.extend_from_slice(rest);
    Ok(keys)
}

/// Where the first mark ends.
fn find(bytes: &[u8]) -> Option<usize> {
    let at = bytes.windows(BEFORE_NAME.len()).position(|window| window == BEFORE_NAME)?;
    Some(at + BEFORE_NAME.len())
}

fn marks(bytes: &[u8]) -> usize {
    bytes.windows(BEFORE_NAME.len()).filter(|window| *window == BEFORE_NAME).count()
}
