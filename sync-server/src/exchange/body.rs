//! The compressed body of a request: opened within bounds as it comes in, whatever it claims.

use std::io;

use dossier::wire::limits;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

/// Why a body is not opened.
#[derive(Debug, thiserror::Error)]
pub enum BodyFault {
    /// Larger than a body may be, compressed or not, or inflating beyond every honest ratio.
    #[error("the body is over the limit of {0}")]
    OverLimit(&'static str),
    /// Not one zstd frame within the window that every decoder supports.
    #[error("the body is not a zstd frame that is read here")]
    Damaged(#[source] std::io::Error),
}

/// A body of a few hundred bytes may honestly inflate by more than [`limits::MAX_RATIO`]: zeroes in an empty hello.
const RATIO_FLOOR_BYTES: usize = 64 * 1024;
/// How much is opened at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// A body that is being opened: bounded in size, window, output and ratio at every piece of it.
pub struct Opening {
    decoder: Decoder<'static>,
    compressed: usize,
    opened: usize,
    is_over: bool,
}

impl Opening {
    /// Before the first piece.
    pub fn begin() -> Result<Self, BodyFault> {
        let mut decoder = Decoder::new().map_err(BodyFault::Damaged)?;
        decoder.set_parameter(DParameter::WindowLogMax(limits::MAX_WINDOW_LOG)).map_err(BodyFault::Damaged)?;
        Ok(Self { decoder, compressed: 0, opened: 0, is_over: false })
    }

    /// Opens a piece. Never holds more than was really written, and a window.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, BodyFault> {
        self.compressed += piece.len();
        if self.compressed > limits::MAX_COMPRESSED_BYTES {
            return Err(BodyFault::OverLimit("bytes"));
        }
        let most = self.compressed.saturating_mul(limits::MAX_RATIO).clamp(RATIO_FLOOR_BYTES, limits::MAX_BODY_BYTES);
        let (mut input, mut out) = (InBuffer::around(piece), Vec::new());
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            if self.is_over {
                let is_all = input.pos() == piece.len();
                return is_all
                    .then_some(out)
                    .ok_or_else(|| BodyFault::Damaged(io::Error::other("bytes after the frame")));
            }
            let mut output = OutBuffer::around(&mut buffer);
            self.is_over = self.decoder.run(&mut input, &mut output).map_err(BodyFault::Damaged)? == 0;
            let written = output.as_slice();
            self.opened += written.len();
            if self.opened > most {
                let what = if most == limits::MAX_BODY_BYTES { "bytes" } else { "ratio" };
                return Err(BodyFault::OverLimit(what));
            }
            out.extend_from_slice(written);
            // A buffer that is not full has nothing behind it.
            if written.len() < BUFFER_BYTES && input.pos() == piece.len() && !self.is_over {
                return Ok(out);
            }
        }
    }

    /// Whether the frame was whole.
    pub fn end(&self) -> Result<(), BodyFault> {
        self.is_over.then_some(()).ok_or_else(|| BodyFault::Damaged(io::ErrorKind::UnexpectedEof.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens a body that comes in pieces of this size.
    fn open_in(compressed: &[u8], piece: usize) -> Result<Vec<u8>, BodyFault> {
        let mut opening = Opening::begin()?;
        let mut out = Vec::new();
        for piece in compressed.chunks(piece) {
            out.extend(opening.push(piece)?);
        }
        opening.end().map(|()| out)
    }

    fn open(compressed: &[u8]) -> Result<Vec<u8>, BodyFault> {
        open_in(compressed, compressed.len().max(1))
    }

    fn squeeze(bytes: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(bytes, 3).unwrap()
    }

    #[test]
    fn an_honest_body_opens() {
        let body: Vec<u8> = (0..200_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        assert_eq!(open(&squeeze(&body)).unwrap(), body);
        assert_eq!(open_in(&squeeze(&body), 1_000).unwrap(), body);
        assert_eq!(open_in(&squeeze(&body[..9]), 1).unwrap(), body[..9]);
    }

    #[test]
    fn a_bomb_stops_at_the_ratio() {
        let bomb = squeeze(&vec![0; 256 << 20]);
        assert!(bomb.len() < 64 * 1024);
        assert!(matches!(open(&bomb), Err(BodyFault::OverLimit("ratio"))));
    }

    #[test]
    fn a_cut_a_tail_and_noise_are_refused() {
        let whole = squeeze(b"Tram");
        assert!(open(&whole[..whole.len() - 1]).is_err());
        assert!(open(&[&whole[..], &whole[..]].concat()).is_err());
        assert!(open(b"no frame").is_err());
        assert!(open(b"").is_err());
    }

    #[test]
    fn a_window_beyond_what_every_decoder_supports_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(27).unwrap();
        let noise: Vec<u8> = (0..40_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        std::io::Write::write_all(&mut encoder, &noise).unwrap();
        let wide = encoder.finish().unwrap();
        assert!(matches!(open(&wide), Err(BodyFault::Damaged(_))), "{} bytes", wide.len());
    }
}
