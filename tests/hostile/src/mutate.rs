//! Honest bytes, made hostile.
//!
//! Half of the mutations know nothing of the format. The other half know what the formats here are made of: CBOR heads
//! (a byte that says a type and a length), LEB128 numbers, texts; and what strangers try: lengths at the limits, runs
//! that say they are long, pieces of one message in another.

use crate::rng::Rng;

/// No input is longer than this, but for those that begin longer.
const MOST_BYTES: usize = 1 << 17;

/// Numbers that break things.
const NUMBERS: [u64; 22] = [
    0,
    1,
    0x17,
    0x18,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x1_0000,
    200_000,
    1 << 20,
    1 << 30,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    i64::MAX as u64,
    1 << 63,
    u64::MAX - 1,
    u64::MAX,
];

/// Characters that break things: marks without letters, other scripts' digits, directions, the ends of planes, controls.
const CHARACTERS: [char; 24] = [
    '\0',
    '\t',
    '\n',
    ' ',
    '"',
    '\\',
    '/',
    '.',
    '-',
    '+',
    '*',
    '%',
    '٣',
    '０',
    'ß',
    'İ',
    'đ',
    '\u{301}',
    '\u{200d}',
    '\u{202e}',
    '\u{feff}',
    '\u{d7ff}',
    '\u{ffff}',
    '\u{10ffff}',
];

/// How an input is made of honest ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Any bytes.
    Bytes,
    /// Bytes that are UTF-8 nearly always.
    Text,
}

/// One input: an honest one with one to a few mutations. Now and then the honest one itself, so that acceptance is
/// seen.
pub fn mutate(rng: &mut Rng, shape: Shape, honest: &[Vec<u8>]) -> Vec<u8> {
    let mut input = rng.pick(honest).clone();
    let times = match rng.below(64) {
        0 => 0,
        1..=39 => 1,
        40..=55 => 2,
        56..=61 => 4,
        _ => 12,
    };
    for _ in 0..times {
        match shape {
            Shape::Text if rng.below(8) != 0 => typo(rng, &mut input, honest),
            _ if rng.below(2) == 0 => noise(rng, &mut input, honest),
            _ => lie(rng, &mut input),
        }
    }
    input.truncate(input.len().min(MOST_BYTES.max(honest.iter().map(Vec::len).max().unwrap_or(0))));
    input
}

/// A place, and a stretch from there.
fn stretch(rng: &mut Rng, length: usize) -> std::ops::Range<usize> {
    let from = rng.below(length + 1);
    let most = if rng.below(4) == 0 { length - from } else { (length - from).min(16) };
    from..from + rng.below(most + 1)
}

fn noise(rng: &mut Rng, input: &mut Vec<u8>, honest: &[Vec<u8>]) {
    let at = rng.below(input.len());
    match rng.below(9) {
        0 => input.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << (rng.draw() & 7)),
        1 => {
            let byte = rng.byte();
            input.get_mut(at).into_iter().for_each(|old| *old = byte);
        }
        2 => input.get_mut(at).into_iter().for_each(|byte| {
            *byte = if rng.draw() & 1 == 0 { byte.wrapping_add(1) } else { byte.wrapping_sub(1) };
        }),
        3 => input.truncate(at),
        4 => {
            let range = stretch(rng, input.len());
            input.drain(range);
        }
        5 => {
            let range = stretch(rng, input.len());
            let copy: Vec<u8> = input[range].to_vec();
            let times = 1 + rng.below(if copy.len() < 64 { 40 } else { 3 });
            let copies = copy.repeat(times);
            input.splice(at..at, copies);
        }
        6 => {
            let count = 1 + rng.below(12);
            let fresh: Vec<u8> = (0..count).map(|_| rng.byte()).collect();
            input.splice(at..at, fresh);
        }
        7 => {
            let other = rng.pick(honest);
            let piece = other[stretch(rng, other.len())].to_vec();
            let range = stretch(rng, input.len());
            input.splice(range, piece);
        }
        _ => {
            let (one, other) = (stretch(rng, input.len()), rng.below(input.len()));
            let piece: Vec<u8> = input.drain(one).collect();
            let to = other.min(input.len());
            input.splice(to..to, piece);
        }
    }
}

/// Says another length, number or type than is true.
fn lie(rng: &mut Rng, input: &mut Vec<u8>) {
    let at = rng.below(input.len());
    let number = match rng.below(3) {
        0 => rng.draw() >> rng.below(64),
        _ => *rng.pick(&NUMBERS),
    };
    let major = rng.byte() & 0xe0;
    let said: Vec<u8> = match rng.below(7) {
        0 => leb128(number),
        1 => signed_leb128(number.cast_signed()),
        // A number of ten bytes and more, and one that never ends.
        2 => vec![0x80 | rng.byte(); 1 + rng.below(12)],
        3 => cbor_head(major, number),
        // The same meaning in more bytes than it needs.
        4 => [&[major | 0x1b][..], &number.to_be_bytes()].concat(),
        // Indefinite lengths, breaks, tags, floats, and nests of arrays.
        5 => vec![*rng.pick(&[0x9f, 0xbf, 0x5f, 0x7f, 0xff, 0xc0, 0xfb, 0xf6, 0x81, 0x82]); 1 + rng.below(64)],
        _ => number.to_be_bytes()[8 - (1 << rng.below(4))..].to_vec(),
    };
    // It replaces as many bytes as it has, or stands in the place of one, or before it.
    let until = match rng.below(3) {
        0 => at,
        1 => (at + 1).min(input.len()),
        _ => (at + said.len()).min(input.len()),
    };
    input.splice(at..until, said);
}

fn typo(rng: &mut Rng, input: &mut Vec<u8>, honest: &[Vec<u8>]) {
    let mut text: Vec<char> = String::from_utf8_lossy(input).chars().collect();
    let at = rng.below(text.len());
    match rng.below(7) {
        0 => _ = (!text.is_empty()).then(|| text.remove(at)),
        1 => text.insert(at, *rng.pick(&CHARACTERS)),
        2 => {
            let other = String::from_utf8_lossy(rng.pick::<Vec<u8>>(honest)).into_owned();
            let other: Vec<char> = other.chars().collect();
            let piece = other[stretch(rng, other.len())].to_vec();
            text.splice(at..at, piece);
        }
        3 => {
            let letter = text.get(at).copied().unwrap_or('a');
            let times = 1 << rng.below(12);
            text.splice(at..at, std::iter::repeat_n(letter, times));
        }
        4 => {
            let other = rng.below(text.len());
            if !text.is_empty() {
                text.swap(at, other);
            }
        }
        5 => {
            let digit = char::from(b'0' + rng.byte() % 10);
            text.get_mut(at).into_iter().for_each(|letter| *letter = digit);
        }
        _ => text.get_mut(at).into_iter().for_each(|letter| {
            *letter = if letter.is_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
        }),
    }
    *input = text.into_iter().collect::<String>().into_bytes();
}

/// An unsigned LEB128 number.
#[must_use]
pub fn leb128(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}

/// A signed LEB128 number.
#[must_use]
pub fn signed_leb128(mut value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0) {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}

/// The head of a CBOR item of a major type (in the three high bits), as short as can be.
#[must_use]
pub fn cbor_head(major: u8, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let major = major & 0xe0;
    match value {
        0..=0x17 => vec![major | bytes[7]],
        0x18..=0xff => vec![major | 0x18, bytes[7]],
        0x100..=0xffff => [&[major | 0x19], &bytes[6..]].concat(),
        0x1_0000..=0xffff_ffff => [&[major | 0x1a], &bytes[4..]].concat(),
        _ => [&[major | 0x1b], &bytes[..]].concat(),
    }
}
