//! The compressed body of a request: opened within bounds, whatever it claims.

use std::io::Read;

use dossier::wire::limits;

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

/// Opens a body: bounded in size, window, output and ratio. Never allocates more than it has really read, plus a window.
pub fn open(compressed: &[u8]) -> Result<Vec<u8>, BodyFault> {
    if compressed.len() > limits::MAX_COMPRESSED_BYTES {
        return Err(BodyFault::OverLimit("compressed bytes"));
    }
    let allowed = compressed.len().saturating_mul(limits::MAX_RATIO).clamp(RATIO_FLOOR_BYTES, limits::MAX_BODY_BYTES);
    let mut rest = compressed;
    let mut decoder = zstd::stream::read::Decoder::with_buffer(&mut rest).map_err(BodyFault::Damaged)?.single_frame();
    decoder.window_log_max(limits::MAX_WINDOW_LOG).map_err(BodyFault::Damaged)?;
    let mut out = Vec::new();
    let cap = u64::try_from(allowed).unwrap_or(u64::MAX).saturating_add(1);
    decoder.by_ref().take(cap).read_to_end(&mut out).map_err(BodyFault::Damaged)?;
    if out.len() > allowed {
        let what = if allowed == limits::MAX_BODY_BYTES { "bytes" } else { "ratio" };
        return Err(BodyFault::OverLimit(what));
    }
    drop(decoder);
    if rest.is_empty() { Ok(out) } else { Err(BodyFault::Damaged(std::io::Error::other("bytes after the frame"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squeeze(bytes: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(bytes, 3).unwrap()
    }

    #[test]
    fn an_honest_body_opens() {
        let body: Vec<u8> = (0..200_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        assert_eq!(open(&squeeze(&body)).unwrap(), body);
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
