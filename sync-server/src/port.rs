//! What the server takes from outside: time, randomness, and somewhere to do heavy work. A simulator brings its own;
//! storage is [`crate::storage`].

use std::time::Duration;

use futures::future::BoxFuture;
use ring::rand::SecureRandom;
use tokio::task::JoinError;

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Unix milliseconds.
    fn now_ms(&self) -> i64;
}

/// Bytes that nobody can guess.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer.
    fn fill(&self, out: &mut [u8]);
}

/// Where work is done that would hold up others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Work {
    /// On the runtime's other threads, as in a server.
    #[default]
    Apart,
    /// Here and now, on the thread that asks: no thread, no runtime, no clock, so that a simulator decides what happens
    /// when.
    Here,
}

impl Work {
    /// Does what keeps a processor busy. Apart it begins at once; here when it is waited for.
    pub fn heavy<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> BoxFuture<'static, Result<T, JoinError>> {
        match self {
            Self::Apart => Box::pin(tokio::task::spawn_blocking(work)),
            Self::Here => Box::pin(async move { Ok(work()) }),
        }
    }

    /// Does what goes on though nobody may wait for it any more.
    pub async fn onward(self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), JoinError> {
        match self {
            Self::Apart => tokio::spawn(work).await,
            Self::Here => {
                work.await;
                Ok(())
            }
        }
    }

    /// Waits no longer than said; answers whether it was done by then. Here, where no time passes, it always is.
    pub async fn within(self, most: Duration, work: impl Future<Output = ()>) -> bool {
        match self {
            Self::Apart => tokio::time::timeout(most, work).await.is_ok(),
            Self::Here => {
                work.await;
                true
            }
        }
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        // A clock before 1970 reads as 1970: it is wrong either way, and nothing is ordered by it.
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The kernel's random source.
#[derive(Debug, Clone)]
pub struct SystemEntropy(ring::rand::SystemRandom);

impl Default for SystemEntropy {
    fn default() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        self.0.fill(out).expect("the kernel's random source does not fail once the machine is up");
    }
}
