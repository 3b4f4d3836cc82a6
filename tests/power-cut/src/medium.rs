//! The medium as it stands at any moment of a recording, and what a power cut leaves of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::tape::Op;

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// Chance that follows from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below a bound that is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// What is safe, and what was done since to each file.
#[derive(Debug, Default)]
pub struct Medium {
    safe: Files,
    pending: Vec<Op>,
    /// Names that the directory shows now, safe or not.
    shown: BTreeSet<String>,
    /// Logs and journals whose first flush makes their place in the directory safe, too, as SQLite does it on Unix.
    fresh: BTreeSet<String>,
    /// How many commits have been answered.
    pub acknowledged: usize,
}

fn name_of(op: &Op) -> &str {
    match op {
        Op::Open(name) | Op::Write(name, ..) | Op::Truncate(name, _) | Op::Sync(name) | Op::Delete(name) => name,
        Op::Acknowledged(_) => "",
    }
}

/// Does it to the files; of what is written, only the sectors that `keeps`.
fn apply(files: &mut Files, op: &Op, mut keeps: impl FnMut() -> bool) {
    match op {
        Op::Open(name) => {
            files.entry(name.clone()).or_default();
        }
        Op::Write(name, at, bytes) => {
            let file = files.entry(name.clone()).or_default();
            // Sectors are those of the file, not of the write.
            let mut from = 0;
            while from < bytes.len() {
                let until = (((at + from) / SECTOR_BYTES + 1) * SECTOR_BYTES - at).min(bytes.len());
                if keeps() {
                    file.resize(file.len().max(at + until), 0);
                    file[at + from..at + until].copy_from_slice(&bytes[from..until]);
                }
                from = until;
            }
        }
        Op::Truncate(name, size) => {
            if keeps() {
                files.entry(name.clone()).or_default().resize(*size, 0);
            }
        }
        Op::Delete(name) => {
            if keeps() {
                files.remove(name);
            }
        }
        Op::Sync(_) | Op::Acknowledged(_) => {}
    }
}

impl Medium {
    /// The next thing happens.
    pub fn step(&mut self, op: &Op) {
        match op {
            Op::Acknowledged(commits) => self.acknowledged = *commits,
            Op::Sync(name) => self.flush(name),
            other => {
                match other {
                    Op::Open(name) if self.shown.insert(name.clone()) && !name.ends_with("sqlite") => {
                        self.fresh.insert(name.clone());
                    }
                    Op::Delete(name) => _ = self.shown.remove(name),
                    _ => {}
                }
                self.pending.push(other.clone());
            }
        }
    }

    fn flush(&mut self, name: &str) {
        let with_directory = self.fresh.remove(name);
        let mut pending: Vec<Op> = Vec::new();
        for op in std::mem::take(&mut self.pending) {
            if name_of(&op) == name {
                apply(&mut self.safe, &op, || true);
            } else if with_directory && let Op::Delete(gone) = &op {
                // What was written into a file that is gone for good is gone as well.
                pending.retain(|before| name_of(before) != gone);
                apply(&mut self.safe, &op, || true);
            } else {
                pending.push(op);
            }
        }
        self.pending = pending;
    }

    /// The power goes while the next thing happens: of what was not flushed, each piece is there or not. Writes what is
    /// left into a directory.
    pub fn cut(&self, next: Option<&Op>, dice: &mut Dice, into: &Path) -> std::io::Result<()> {
        let mut files = self.safe.clone();
        // A file whose deletion did not reach the medium is still the old one, whatever stood in its place since.
        let mut old: BTreeSet<&str> = BTreeSet::new();
        for op in self.pending.iter().chain(next) {
            if old.contains(name_of(op)) {
                continue;
            }
            // All of it, nothing of it, or any part of it.
            let kind = dice.below(3);
            let mut kept = false;
            apply(&mut files, op, || {
                kept = kind == 0 || (kind == 2 && dice.below(2) == 0);
                kept
            });
            if matches!(op, Op::Delete(_)) && !kept {
                old.insert(name_of(op));
            }
        }
        for (name, bytes) in files {
            std::fs::write(into.join(name), bytes)?;
        }
        Ok(())
    }
}
