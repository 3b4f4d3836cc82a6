//! A Centre without sockets, threads and files, and devices that talk to it.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use dossier::{catalogue::Catalogue, fault::Code, wire::Frame};
use sync_server::{
    admission::Admissions,
    centre::Centre,
    exchange::{Exchange, ExchangeFault, judge::Rules},
    operating::Operating,
    port::{Clock, Entropy, Work},
    server::text_fields,
    storage::{
        Storage,
        memory::{MemoryDisk, MemoryStorage, Open},
    },
};

use crate::honest::NOW_MS;

/// How often a future is asked before something is wrong: nothing here waits.
const POLLS_MAX: usize = 1_000_000;

#[derive(Debug)]
struct Standing(AtomicI64);

impl Clock for Standing {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Bytes that follow from how many were asked for: the Centre has the key of [`crate::honest::Who::Centre`].
#[derive(Debug, Default)]
struct Counted(Mutex<u8>);

impl Entropy for Counted {
    fn fill(&self, out: &mut [u8]) {
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *next = next.wrapping_add(1);
        out.fill(*next);
    }
}

/// Runs a future that waits for nothing to its end.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..POLLS_MAX {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return answer;
        }
    }
    unreachable!("a database in memory lets everything pass")
}

fn rules() -> Arc<Rules> {
    static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
    Arc::clone(RULES.get_or_init(|| Arc::new(Rules::with_text_fields(text_fields(Catalogue::shipped())))))
}

/// A Centre over an empty database in memory.
pub struct Room {
    /// The acceptance of syncs.
    pub exchange: Exchange,
    entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Room")
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::new()
    }
}

impl Room {
    /// A fresh one, always with the same key.
    #[must_use]
    pub fn new() -> Self {
        let entropy = Counted::default();
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::open(MemoryDisk::new(), Arc::new(Open)));
        let catalogue = Catalogue::shipped();
        let centre = at_once(Centre::open(storage.as_ref(), &entropy, catalogue, NOW_MS));
        let centre = Arc::new(centre.expect("an empty database in memory opens"));
        let clock: Arc<dyn Clock> = Arc::new(Standing(AtomicI64::new(NOW_MS)));
        let admissions =
            Admissions::new(Arc::clone(&storage), Arc::clone(&centre), catalogue, Arc::clone(&clock), Work::Here);
        let exchange = Exchange { storage, centre, catalogue, clock, admissions, rules: rules(), work: Work::Here };
        Self { exchange, entropy: Arc::new(entropy) }
    }

    /// Answers a request.
    pub fn post(&self, body: Vec<u8>) -> Result<Vec<Frame>, ExchangeFault> {
        let mut frames: Vec<Frame> = Vec::new();
        at_once(self.exchange.run(&mut Some(body.into()), &mut frames))?;
        Ok(frames)
    }

    /// What operators do.
    #[must_use]
    pub fn operating(&self) -> Operating {
        let Exchange { storage, centre, catalogue, clock, .. } = self.exchange.clone();
        Operating::new(storage, centre, catalogue, clock, Arc::clone(&self.entropy))
    }

    /// Random bytes, of a kind.
    #[must_use]
    pub fn entropy(&self) -> Arc<dyn Entropy> {
        Arc::clone(&self.entropy)
    }
}

/// The code under which a request is refused as a whole.
#[must_use]
pub fn code_of(fault: ExchangeFault) -> Code {
    sync_server::http::Refusal::from(fault).code()
}

/// The codes of the items that were not taken, in the order of their numbers; `None` if no receipt came.
#[must_use]
pub fn exceptions(frames: &[Frame], centre: &dossier::id::PublicKey) -> Option<Vec<(u32, String)>> {
    let mut found = None;
    for frame in frames {
        let Frame::Receipt(receipt) = frame else { continue };
        let receipt = receipt.verify(centre).ok()?;
        let codes = receipt.exceptions.into_iter().map(|exception| (exception.item, exception.code));
        found.get_or_insert_with(Vec::new).extend(codes);
    }
    found
}
