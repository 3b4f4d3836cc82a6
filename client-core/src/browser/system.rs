//! The browser's clock and randomness.

use ring::rand::{SecureRandom, SystemRandom};

use crate::ports::{Clock, Entropy};

/// The browser's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowserClock;

impl Clock for BrowserClock {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a browser's time is a whole number of milliseconds, far below 2^53"
    )]
    fn now_ms(&self) -> i64 {
        js_sys::Date::now() as i64
    }
}

/// The browser's randomness (`crypto.getRandomValues`).
#[derive(Debug, Clone)]
pub struct BrowserEntropy(SystemRandom);

impl BrowserEntropy {
    /// The browser's generator.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that brings the browser's randomness")]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for BrowserEntropy {
    fn default() -> Self {
        Self::new()
    }
}

impl Entropy for BrowserEntropy {
    fn fill(&mut self, buffer: &mut [u8]) {
        self.0
            .fill(buffer)
            .expect("without randomness no key can be made, and there is nothing sensible to go on with");
    }
}
