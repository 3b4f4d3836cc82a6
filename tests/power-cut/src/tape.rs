//! What happened to the files, in order; and when a call is to fail.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::ffi::{
    SQLITE_FULL, SQLITE_IOERR_DELETE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_READ, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE,
};

/// One thing that happened. Files go by their names without directories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// It is there from now on, if it was not.
    Open(String),
    /// Bytes at an offset.
    Write(String, usize, Vec<u8>),
    /// It has this size from now on.
    Truncate(String, usize),
    /// What was written before is safe.
    Sync(String),
    /// It is gone.
    Delete(String),
    /// So many commits have been answered.
    Acknowledged(usize),
}

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open(name) => write!(f, "open {name}"),
            Self::Write(name, at, bytes) => write!(f, "write {} bytes at {at} of {name}", bytes.len()),
            Self::Truncate(name, size) => write!(f, "cut {name} to {size}"),
            Self::Sync(name) => write!(f, "flush {name}"),
            Self::Delete(name) => write!(f, "delete {name}"),
            Self::Acknowledged(commits) => write!(f, "answer commit {commits}"),
        }
    }
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads.
    Read,
    /// Writes.
    Write,
    /// Cuts a file.
    Truncate,
    /// Flushes.
    Sync,
    /// Deletes a file.
    Delete,
}

/// How calls fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// This call, counted from 1, fails once, as a medium does.
    Once(u64),
    /// From this call on every write finds the disk full.
    FullFrom(u64),
}

#[derive(Debug)]
struct Tape {
    ops: Option<Vec<Op>>,
    calls: u64,
    failing: Option<Failing>,
    failed: u64,
}

static TAPE: Mutex<Tape> = Mutex::new(Tape { ops: None, calls: 0, failing: None, failed: 0 });

fn tape() -> MutexGuard<'static, Tape> {
    TAPE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to write down.
pub fn record() {
    tape().ops = Some(Vec::new());
}

/// Ends, and answers what was written down.
pub fn take() -> Vec<Op> {
    tape().ops.take().unwrap_or_default()
}

/// Writes something down, while it is wanted.
pub fn note(op: Op) {
    if let Some(ops) = &mut tape().ops {
        ops.push(op);
    }
}

/// Counts calls from here, and lets them fail so.
pub fn arm(failing: Option<Failing>) {
    let mut tape = tape();
    (tape.calls, tape.failing, tape.failed) = (0, failing, 0);
}

/// How many calls there were since the last [`arm`], and how many of them failed.
pub fn counted() -> (u64, u64) {
    let tape = tape();
    (tape.calls, tape.failed)
}

/// Whether the system's own flushes are wanted: never, since the tape stands for the medium.
pub fn flushes() -> bool {
    false
}

/// The code with which this call fails, if it does.
pub fn fails(kind: Kind) -> Option<i32> {
    let mut tape = tape();
    tape.calls += 1;
    let code = match tape.failing? {
        Failing::Once(at) if at == tape.calls => match kind {
            Kind::Read => SQLITE_IOERR_READ,
            Kind::Write => SQLITE_IOERR_WRITE,
            Kind::Truncate => SQLITE_IOERR_TRUNCATE,
            Kind::Sync => SQLITE_IOERR_FSYNC,
            Kind::Delete => SQLITE_IOERR_DELETE,
        },
        Failing::FullFrom(from) if tape.calls >= from && kind == Kind::Write => SQLITE_FULL,
        _ => return None,
    };
    tape.failed += 1;
    Some(code)
}
