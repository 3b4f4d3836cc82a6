//! Compressed bodies.

use super::{Bomb, Thrown, at_centre, bomb};
use crate::{
    centre::Room,
    honest::{self, Who, compress},
};

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Every bomb of this kind.
pub const BOMBS: [Bomb; 13] = [
    bomb("zstd of 256 MiB", "zeroes, compressed ten thousand times", "OVER_LIMIT", || throw(zeroes(256))),
    bomb("zstd of 64 MiB and a byte", "at the limit of what is opened", "OVER_LIMIT", || throw(zeroes(65))),
    bomb("zstd that grows 1,000 times", "text that repeats", "OVER_LIMIT", || {
        throw(compress(&b"Tr\xe1\xba\xa1m ".repeat(1 << 20)))
    }),
    bomb("zstd of blocks of one byte", "99 RLE blocks of 128 KiB in 400 bytes", "OVER_LIMIT", || throw(rle_blocks())),
    bomb("zstd with a window of 128 MiB", "the window in the frame's head", "DAMAGED", || throw(window(17))),
    bomb("zstd with a window of 2 TiB", "the largest window that a head can say", "DAMAGED", || throw(window(31))),
    bomb("zstd that says 2⁶⁰ bytes", "the content size in the frame's head", "DAMAGED", || throw(declared())),
    bomb("two frames", "an honest frame twice", "DAMAGED", || throw([honest_body(), honest_body()].concat())),
    bomb("a skippable frame", "64 kB to be skipped before an honest frame", "DAMAGED", || throw(skippable())),
    bomb("a frame with a dictionary", "an id of a dictionary in the head", "DAMAGED", || throw(dictionary())),
    bomb("a body of 16 MiB and a byte", "noise", "OVER_LIMIT", || throw(noise())),
    bomb("a frame cut short", "an honest frame without its last byte", "DAMAGED", || throw(cut())),
    bomb("no body", "nothing at all", "DAMAGED", || throw(Vec::new())),
];

fn throw(body: Vec<u8>) -> Thrown {
    at_centre(Room::new(), body)
}

fn honest_body() -> Vec<u8> {
    honest::seal(&honest::whole_batch(Who::Stranger), Who::Stranger)
}

fn zeroes(mib: usize) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).expect("memory is there");
    let mebibyte = vec![0; 1 << 20];
    (0..mib).for_each(|_| encoder.write_all(&mebibyte).expect("memory is there"));
    encoder.finish().expect("memory is there")
}

fn rle_blocks() -> Vec<u8> {
    let mut frame = [&MAGIC[..], &[0x00, 13 << 3]].concat();
    for block in 0..99u32 {
        let head = (128 << 10) << 3 | 1 << 1 | u32::from(block == 98);
        frame.extend_from_slice(&head.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

fn window(exponent: u8) -> Vec<u8> {
    // A raw block of one byte, the last.
    [&MAGIC[..], &[0x00, exponent << 3, 0x09, 0x00, 0x00, 0x07]].concat()
}

fn declared() -> Vec<u8> {
    [&MAGIC[..], &[0xc0, 13 << 3], &(1u64 << 60).to_le_bytes(), &[0x09, 0x00, 0x00, 0x07]].concat()
}

fn skippable() -> Vec<u8> {
    let size = 64 << 10;
    [&0x184d_2a50_u32.to_le_bytes()[..], &(size as u32).to_le_bytes(), &vec![7; size], &honest_body()].concat()
}

fn dictionary() -> Vec<u8> {
    [&MAGIC[..], &[0x03, 13 << 3], &77_u32.to_le_bytes(), &[0x09, 0x00, 0x00, 0x07]].concat()
}

fn noise() -> Vec<u8> {
    (0..(16u32 << 20) + 1).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn cut() -> Vec<u8> {
    let mut body = honest_body();
    body.pop();
    body
}
