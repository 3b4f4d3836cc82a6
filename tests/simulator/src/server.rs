//! The Centre's processes: two on one database, driven one poll at a time.
//!
//! A request is a future. It stops at the gate of the database wherever the world says so; another request comes in
//! between, or the process dies there, which drops the future.

use std::{
    collections::VecDeque,
    future::Future,
    io::Write as _,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use bytes::Bytes;
use client_core::{
    ports::{Entropy as _, SeededEntropy},
    transport::{Response, TransportFault},
};
use dossier::{
    catalogue::Catalogue,
    fault::{Code, Fault},
    wire::{Feed, Frame, SignedReceipt, write_frame},
};
use sync_server::{
    admission::Admissions,
    centre::{Centre, begin_epoch},
    exchange::{Exchange, ExchangeFault, Gone, Sink, Source, judge::Rules},
    operating::Operating,
    port::{Clock, Entropy, Work},
    server::text_fields,
    storage::{
        Storage,
        memory::{Gate, MemoryDisk, MemoryStorage, Pass, Quirk, Side},
    },
};

use crate::{bugs::Bug, rng::Rng};

/// How often a future is asked before something is wrong: no request needs a thousandth of it.
const POLLS_MAX: usize = 1_000_000;
/// What a full disk refuses.
const WRITES: [&str; 6] = ["commit", "admit_all", "settle_setting", "heard_from", "enrol", "take_serials"];

/// The Centre's clock, set by the world.
#[derive(Debug, Default)]
pub struct CentreClock(AtomicI64);

impl CentreClock {
    /// Sets it.
    pub fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for CentreClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
struct Seeded(Mutex<SeededEntropy>);

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(out);
    }
}

#[derive(Debug)]
struct Mood {
    rng: Rng,
    calm: bool,
    full: bool,
    quirk: Option<Quirk>,
}

/// The world's hand on the database.
#[derive(Debug)]
pub struct Hand(Mutex<Mood>);

impl Hand {
    fn mood<T>(&self, with: impl FnOnce(&mut Mood) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Nothing waits and nothing fails from now on, or does again.
    pub fn set_calm(&self, calm: bool) {
        self.mood(|mood| mood.calm = calm);
    }

    /// The disk is full from now on, or has room again.
    pub fn set_full(&self, full: bool) {
        self.mood(|mood| mood.full = full);
    }
}

impl Gate for Hand {
    fn pass(&self, operation: &'static str, side: Side) -> Pass {
        self.mood(|mood| match side {
            Side::Before if mood.full && WRITES.contains(&operation) => Pass::Fail,
            _ if mood.calm || !mood.rng.percent(25) => Pass::Go,
            _ => Pass::Wait,
        })
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.mood(|mood| mood.quirk == Some(quirk))
    }
}

#[derive(Debug, Default)]
struct Out {
    bytes: Vec<u8>,
    gone: bool,
}

/// Where an answer goes, compressed as the server does it.
struct Wire {
    out: Arc<Mutex<Out>>,
    encoder: zstd::stream::write::Encoder<'static, Vec<u8>>,
    given: Arc<Mutex<Vec<SignedReceipt>>>,
    centre: Arc<Centre>,
    bug: Option<Bug>,
}

impl Wire {
    fn pass_on(&mut self) -> Result<(), Gone> {
        let ready = std::mem::take(self.encoder.get_mut());
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.gone {
            return Err(Gone);
        }
        out.bytes.extend(ready);
        Ok(())
    }

    fn finish(mut self) {
        if self.encoder.do_finish().is_ok() {
            let _ = self.pass_on();
        }
    }
}

#[async_trait]
impl Sink for Wire {
    async fn put(&mut self, frame: Frame) -> Result<(), Gone> {
        let frame = match frame {
            Frame::Receipt(receipt) => {
                let receipt = match (self.bug, receipt.verify(&self.centre.public())) {
                    (Some(Bug::WholeBatch), Ok(mut read)) => {
                        read.exceptions.clear();
                        SignedReceipt::seal(self.centre.key(), &read)
                    }
                    _ => receipt,
                };
                self.given.lock().unwrap_or_else(PoisonError::into_inner).push(receipt.clone());
                Frame::Receipt(receipt)
            }
            // These mistakes leave devices without items, which they would notice by the digest and mend.
            Frame::Feed(feed) if matches!(self.bug, Some(Bug::WallClockOrder | Bug::CursorBeforeItems)) => {
                Frame::Feed(Feed { digest: None, ..feed })
            }
            other => other,
        };
        let mut bytes = Vec::new();
        write_frame(&mut bytes, &frame);
        self.encoder.write_all(&bytes).and_then(|()| self.encoder.flush()).map_err(|_| Gone)?;
        self.pass_on()
    }
}

type Work1 = Pin<Box<dyn Future<Output = Result<(), ExchangeFault>> + Send>>;

/// One request under way, or one sweep.
pub struct Task {
    /// The request it answers; none for a sweep.
    pub flight: Option<u64>,
    process: usize,
    future: Work1,
    out: Arc<Mutex<Out>>,
}

/// What a device hears.
pub type Heard = Result<Response, TransportFault>;

/// The Centre.
pub struct Servers {
    /// Its medium.
    pub disk: MemoryDisk,
    /// The world's hand on its database.
    pub hand: Arc<Hand>,
    /// Its clock.
    pub clock: Arc<CentreClock>,
    /// Its identity.
    pub centre: Arc<Centre>,
    /// What is under way.
    pub tasks: Vec<Task>,
    entropy: Arc<Seeded>,
    processes: Vec<Exchange>,
    given: Arc<Mutex<Vec<SignedReceipt>>>,
    bug: Option<Bug>,
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
    unreachable!("a calm database lets everything pass")
}

fn rules() -> Arc<Rules> {
    static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
    Arc::clone(RULES.get_or_init(|| Arc::new(Rules::with_text_fields(text_fields(Catalogue::shipped())))))
}

impl Servers {
    /// Two processes on an empty database.
    #[must_use]
    pub fn new(seed: u64, now_ms: i64, bug: Option<Bug>) -> Self {
        let quirk = bug.and_then(Bug::quirk);
        let mood = Mood { rng: Rng::new(seed, 2), calm: true, full: false, quirk };
        let hand = Arc::new(Hand(Mutex::new(mood)));
        let disk = MemoryDisk::new();
        let clock = Arc::new(CentreClock::default());
        clock.set(now_ms);
        let entropy = Arc::new(Seeded(Mutex::new(SeededEntropy::new(seed ^ 0xce27))));
        let storage = MemoryStorage::open(disk.clone(), Arc::clone(&hand) as Arc<dyn Gate>);
        let centre = at_once(Centre::open(&storage, entropy.as_ref(), Catalogue::shipped(), now_ms));
        let centre = Arc::new(centre.expect("an empty database in memory opens"));
        let (tasks, given) = (Vec::new(), Arc::default());
        let mut servers = Self { disk, hand, clock, centre, tasks, entropy, processes: Vec::new(), given, bug };
        servers.processes = (0..2).map(|_| servers.process()).collect();
        if bug == Some(Bug::AcknowledgeBeforeDurable) {
            servers.disk.hold_back();
        }
        servers.hand.set_calm(false);
        servers
    }

    fn storage(&self) -> Arc<dyn Storage> {
        Arc::new(MemoryStorage::open(self.disk.clone(), Arc::clone(&self.hand) as Arc<dyn Gate>))
    }

    fn process(&self) -> Exchange {
        let (storage, centre, catalogue) = (self.storage(), Arc::clone(&self.centre), Catalogue::shipped());
        let clock: Arc<dyn Clock> = self.clock.clone();
        let parts = (Arc::clone(&storage), Arc::clone(&centre), Arc::clone(&clock));
        let admissions = Admissions::new(parts.0, parts.1, catalogue, parts.2, Work::Here);
        Exchange { storage, centre, catalogue, clock, admissions, rules: rules(), work: Work::Here }
    }

    /// The database is put back; both processes begin anew. If somebody says so, with a new epoch.
    pub fn restore(&mut self, backup: &MemoryDisk, is_told: bool) {
        self.disk.restore(backup);
        self.hand.set_calm(true);
        self.hand.set_full(false);
        let (storage, now_ms) = (self.storage(), self.clock.now_ms());
        if is_told {
            let begun = at_once(begin_epoch(storage.as_ref(), self.entropy.as_ref(), now_ms));
            begun.expect("a calm database in memory writes");
        }
        let centre = at_once(Centre::open(storage.as_ref(), self.entropy.as_ref(), Catalogue::shipped(), now_ms));
        self.centre = Arc::new(centre.expect("a calm database in memory opens"));
        self.processes = (0..2).map(|_| self.process()).collect();
        self.hand.set_calm(false);
    }

    /// The database, read and written calmly.
    pub fn calmly<T>(&self, work: impl FnOnce(&dyn Storage) -> T) -> T {
        self.hand.set_calm(true);
        let answer = work(self.storage().as_ref());
        self.hand.set_calm(false);
        answer
    }

    /// What operators do.
    #[must_use]
    pub fn operating(&self) -> Operating {
        let entropy: Arc<dyn Entropy> = self.entropy.clone();
        Operating::new(self.storage(), Arc::clone(&self.centre), Catalogue::shipped(), self.clock.clone(), entropy)
    }

    /// A request arrives at a process, piece by piece; or only so many bytes of it, when the line breaks.
    pub fn arrive(&mut self, flight: u64, body: &[u8], process: usize, upto: Option<usize>) {
        let process = process % self.processes.len().max(1);
        let Some(exchange) = self.processes.get(process).cloned() else { return };
        let out = Arc::new(Mutex::new(Out::default()));
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("memory is there");
        encoder.include_checksum(true).expect("the encoder has not begun");
        let (given, centre) = (Arc::clone(&self.given), Arc::clone(&self.centre));
        let mut wire = Wire { out: Arc::clone(&out), encoder, given, centre, bug: self.bug };
        let came = body.get(..upto.unwrap_or(body.len())).unwrap_or_default();
        let (one, other) = came.split_at(came.len() / 2);
        let pieces = [one, other].map(Bytes::copy_from_slice).into();
        let mut coming = Coming { pieces, breaks: upto.is_some() };
        let future = Box::pin(async move {
            exchange.run(&mut coming, &mut wire).await?;
            wire.finish();
            Ok(())
        });
        self.tasks.push(Task { flight: Some(flight), process, future, out });
    }

    /// A process looks for what was left behind.
    pub fn sweep(&mut self, process: usize) {
        let process = process % self.processes.len().max(1);
        let Some(exchange) = self.processes.get(process).cloned() else { return };
        let future = Box::pin(async move {
            exchange.admissions.sweep().await?;
            Ok(())
        });
        self.tasks.push(Task { flight: None, process, future, out: Arc::default() });
    }

    /// The caller of a request hangs up.
    pub fn hang_up(&mut self, task: usize) {
        if let Some(task) = self.tasks.get(task) {
            task.out.lock().unwrap_or_else(PoisonError::into_inner).gone = true;
        }
    }

    /// Goes on with a task until it waits. Answers what its caller hears, once it is over.
    pub fn go_on(&mut self, task: usize) -> Option<(u64, Heard)> {
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(ended) = self.tasks.get_mut(task)?.future.as_mut().poll(&mut context) else { return None };
        let task = self.tasks.remove(task);
        let received = std::mem::take(&mut task.out.lock().unwrap_or_else(PoisonError::into_inner).bytes);
        Some((task.flight?, heard(ended, received)))
    }

    /// The receipts given since the last call.
    #[must_use]
    pub fn given(&self) -> Vec<SignedReceipt> {
        std::mem::take(&mut self.given.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A process dies, or the machine with all of them. Answers what the callers hear.
    pub fn crash(&mut self, process: usize, machine: bool) -> Vec<(u64, Heard)> {
        let process = process % self.processes.len().max(1);
        let (dead, alive) =
            std::mem::take(&mut self.tasks).into_iter().partition(|task| machine || task.process == process);
        self.tasks = alive;
        let mut told = Vec::new();
        for Task { flight, out, .. } in dead {
            let received = std::mem::take(&mut out.lock().unwrap_or_else(PoisonError::into_inner).bytes);
            let status = (!received.is_empty()).then_some(200);
            told.extend(flight.map(|flight| (flight, Err(TransportFault::CutOff { status, received }))));
        }
        if machine {
            self.disk.crash();
            self.processes = (0..2).map(|_| self.process()).collect();
        } else {
            let fresh = self.process();
            self.processes.get_mut(process).into_iter().for_each(|old| *old = fresh.clone());
        }
        told
    }
}

/// A request on its way up.
struct Coming {
    pieces: VecDeque<Bytes>,
    breaks: bool,
}

#[async_trait]
impl Source for Coming {
    async fn next(&mut self) -> Result<Option<Bytes>, ExchangeFault> {
        // Others get on while it waits for the line.
        let mut waited = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
        match self.pieces.pop_front() {
            None if self.breaks => Err(ExchangeFault::CutOff),
            piece => Ok(piece),
        }
    }
}

fn heard(ended: Result<(), ExchangeFault>, received: Vec<u8>) -> Heard {
    let code = match ended {
        Ok(()) => return Ok(Response { status: 200, headers: Vec::new(), body: received }),
        Err(_) if !received.is_empty() => {
            return Err(TransportFault::CutOff { status: Some(200), received });
        }
        Err(ExchangeFault::Gone(_) | ExchangeFault::CutOff) => {
            return Err(TransportFault::CutOff { status: None, received });
        }
        Err(ExchangeFault::InvitationRefused) => Code::InvitationRefused,
        Err(ExchangeFault::BatchReused) => Code::BatchReused,
        Err(ExchangeFault::WrongCentre) => Code::WrongCentre,
        Err(ExchangeFault::Crowded | ExchangeFault::Busy) => Code::Busy,
        Err(ExchangeFault::Storage(_)) => Code::NotStored,
        Err(ExchangeFault::Body(_)) => Code::Damaged,
        Err(ExchangeFault::Batch(_)) => Code::BadSignature,
        Err(ExchangeFault::CutDown(_)) => Code::Internal,
    };
    let status = match code {
        Code::InvitationRefused => 403,
        Code::BatchReused => 409,
        Code::WrongCentre => 421,
        Code::Busy | Code::NotStored => 503,
        Code::Internal => 500,
        _ => 400,
    };
    let body = serde_json::to_vec(&Fault::from(code)).unwrap_or_default();
    Ok(Response { status, headers: Vec::new(), body })
}
