//! Time, randomness and progress: what the engine asks of its surroundings besides storage and transport.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use dossier::id::sha256;
use serde::Serialize;

/// What time it is.
pub trait Clock: Send {
    /// The device's wall clock, Unix milliseconds. It may be wrong by years: nothing is ordered by it.
    fn now_ms(&self) -> i64;
}

/// Where random bytes come from.
pub trait Entropy: Send {
    /// Fills the buffer with bytes that nobody can guess.
    fn fill(&mut self, buffer: &mut [u8]);
}

/// What long work is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Sealing and packing what goes out; counted in items.
    Pack,
    /// One round trip after another; counted in items receipted.
    Exchange,
    /// Applying what came in; counted in dossiers.
    Apply,
    /// Sending attachments; counted in bytes.
    Upload,
    /// Fetching an attachment; counted in bytes.
    Fetch,
}

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done, in the stage's unit.
    pub done: u64,
    /// How much there is in all, as far as known.
    pub total: u64,
}

/// The shell's answer to progress: whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proceed {
    /// Go on.
    Go,
    /// Stop at the next safe point; what was done stands, the rest follows another time.
    Stop,
}

/// A clock that stands where it was set: for tests and the simulator. Clones show the same time.
#[derive(Debug, Clone)]
pub struct FixedClock(Arc<AtomicI64>);

impl FixedClock {
    /// A clock showing this time (Unix milliseconds).
    #[must_use]
    pub fn at(now_ms: i64) -> Self {
        Self(Arc::new(AtomicI64::new(now_ms)))
    }

    /// Sets the time.
    pub fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }

    /// Moves the time on.
    pub fn advance(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Bytes that follow from a seed: for tests and the simulator, never for a real key.
#[derive(Debug, Clone)]
pub struct SeededEntropy {
    seed: u64,
    drawn: u64,
}

impl SeededEntropy {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, buffer: &mut [u8]) {
        for part in buffer.chunks_mut(32) {
            let block = sha256(&[b"tram/seeded\0", &self.seed.to_be_bytes(), &self.drawn.to_be_bytes()]);
            self.drawn += 1;
            part.copy_from_slice(&block[..part.len()]);
        }
    }
}

pub(crate) fn draw<const N: usize>(entropy: &mut dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_stream_again_and_another_seed_another() {
        let mut one = SeededEntropy::new(1);
        let first: [u8; 48] = draw(&mut one);
        let second: [u8; 48] = draw(&mut one);
        assert_ne!(first, second);
        assert_eq!(draw::<48>(&mut SeededEntropy::new(1)), first);
        assert_ne!(draw::<48>(&mut SeededEntropy::new(2)), first);
    }
}
