//! A disk in memory that loses power, fails and fills up when told to.

use std::{
    io,
    sync::{Arc, Mutex},
};

use crate::browser::file::File;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

#[derive(Debug, Clone)]
enum Op {
    Write(usize, Vec<u8>),
    Cut(usize),
}

#[derive(Debug, Default)]
struct State {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// What is not yet durable, in order.
    pending: Vec<Op>,
    /// Writes, cuts and flushes so far.
    done: u64,
    flushes: u64,
    fails_at: Option<u64>,
    dead_from: Option<u64>,
    most: Option<usize>,
}

/// The disk. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

/// A small generator, so that every run is the same.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn apply(bytes: &mut Vec<u8>, op: &Op, mut chosen: impl FnMut() -> bool) {
    match op {
        Op::Cut(size) if chosen() => bytes.truncate(*size),
        Op::Cut(_) => {}
        Op::Write(offset, data) => {
            let mut from = 0;
            while from < data.len() {
                let until = data.len().min((offset + from) / SECTOR * SECTOR + SECTOR - offset);
                if chosen() {
                    bytes.resize(bytes.len().max(offset + until), 0);
                    bytes[offset + from..offset + until].copy_from_slice(&data[from..until]);
                }
                from = until;
            }
        }
    }
}

impl Disk {
    /// A disk that holds this, durably.
    pub fn holding(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.with(|state| (state.now, state.durable) = (bytes.clone(), bytes));
        disk
    }

    fn with<T>(&self, of: impl FnOnce(&mut State) -> T) -> T {
        of(&mut self.0.lock().unwrap())
    }

    /// Everything, as a program sees it.
    pub fn bytes(&self) -> Vec<u8> {
        self.with(|state| state.now.clone())
    }

    pub fn done(&self) -> u64 {
        self.with(|state| state.done)
    }

    pub fn flushes(&self) -> u64 {
        self.with(|state| state.flushes)
    }

    /// The power goes within the `at`-th step from now (1 is the very next).
    pub fn dies_at(&self, at: u64) {
        self.with(|state| state.dead_from = Some(state.done + at));
    }

    /// The `at`-th step from now fails, having done some of what it should.
    pub fn fails_at(&self, at: u64) {
        self.with(|state| state.fails_at = Some(state.done + at));
    }

    /// It takes so many bytes more; `None` for as many as there are.
    pub fn room(&self, bytes: Option<usize>) {
        self.with(|state| state.most = bytes.map(|bytes| state.now.len() + bytes));
    }

    /// The same disk when the power is back: of what was not flushed any sectors are there.
    pub fn after_the_power_cut(&self, dice: &mut Dice) -> Self {
        let (mut bytes, pending) = self.with(|state| (state.durable.clone(), state.pending.clone()));
        for op in &pending {
            // All of it, nothing of it, or any part of it.
            let kind = dice.below(3);
            apply(&mut bytes, op, || kind == 0 || (kind == 2 && dice.below(2) == 0));
        }
        Self::holding(bytes)
    }

    fn step(&self, op: Option<Op>) -> io::Result<()> {
        self.with(|state| {
            state.done += 1;
            let dead = state.dead_from.is_some_and(|from| state.done >= from);
            let fails = state.fails_at == Some(state.done);
            if let Some(Op::Write(offset, data)) = &op
                && state.most.is_some_and(|most| offset + data.len() > most.max(state.now.len()))
            {
                return Err(io::ErrorKind::StorageFull.into());
            }
            if dead && state.dead_from != Some(state.done) {
                return Err(io::ErrorKind::NotConnected.into());
            }
            match op {
                Some(mut op) => {
                    if fails && let Op::Write(_, data) = &mut op {
                        data.truncate(data.len() / 2);
                    }
                    apply(&mut state.now, &op, || true);
                    state.pending.push(op);
                }
                None if dead || fails => {}
                None => {
                    state.flushes += 1;
                    for op in std::mem::take(&mut state.pending) {
                        apply(&mut state.durable, &op, || true);
                    }
                }
            }
            if dead || fails { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
        })
    }
}

impl File for Disk {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.with(|state| state.now.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        self.with(|state| {
            out.copy_from_slice(state.now.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.step(Some(Op::Write(usize::try_from(offset).unwrap(), data.to_vec())))
    }

    fn cut(&self, size_bytes: u64) -> io::Result<()> {
        self.step(Some(Op::Cut(usize::try_from(size_bytes).unwrap())))
    }

    fn flush(&self) -> io::Result<()> {
        self.step(None)
    }
}
