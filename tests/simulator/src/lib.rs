//! The simulator: whole days of devices and servers from one number.
//!
//! The real engines of `client-core` and `sync-server` run here with no thread, no socket, no file and no clock of their
//! own: everything they ask of their surroundings comes from one seed. So a run that fails can be run again, byte for
//! byte.
//!
//! ```text
//!            ┌── people: begin, take over, write, submit, act, undo, attach
//!   seed ──▶ │   mishaps: power, disks, clocks, backups, clones, revocations, thieves, upgrades
//!            └── network: lose, cut, delay, repeat, reorder
//!      phones (Device over LogDisk) ──flights──▶ two processes (Exchange over MemoryStorage) ──answers──▶ phones
//!                                        ▼
//!   calm: everything heals, everybody syncs until nobody has anything to say, within bounds
//!                                        ▼
//!   invariants: nothing acknowledged lost · each item once · replicas equal · chains whole · scopes kept · …
//! ```
//!
//! The Centre's requests are futures that stop wherever the database's gate says so. Between two stops another request
//! comes in, the caller hangs up, or the process dies. Planted mistakes ([`bugs::Bug`]) show that the invariants bite:
//! each must be found within a few hundred seeds.

pub mod bugs;
mod calm;
mod faults;
mod hostile;
mod invariants;
pub mod medium;
mod network;
mod people;
mod phone;
mod receipts;
mod rng;
mod server;
mod trace;
mod world;

use std::collections::BTreeMap;

use bugs::Bug;
use world::World;

/// Steps of one run before the calm.
const STEPS: usize = 110;

/// How a run is to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The mistake to plant.
    pub bug: Option<Bug>,
    /// Whether to keep every line of the trace.
    pub whole_trace: bool,
}

/// A run that went as it must.
#[derive(Debug, Clone)]
pub struct Run {
    /// The hash of its trace.
    pub hash: [u8; 32],
    /// How often each kind of thing happened.
    pub counts: BTreeMap<&'static str, u64>,
    /// The lines of its trace that were kept.
    pub lines: Vec<String>,
}

/// A run that did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The step at which it showed.
    pub step: u64,
    /// What does not hold.
    pub what: String,
    /// What happened last, or everything if it was wanted.
    pub last: Vec<String>,
}

/// Every kind of thing that must happen in a run of many seeds: a simulator that never did it tested nothing.
pub const KINDS: [&str; 47] = [
    "begin",
    "take-over",
    "write",
    "submit",
    "act",
    "undo",
    "attach",
    "declined",
    "request",
    "arrival",
    "answer",
    "heard",
    "receipt",
    "refusal",
    "lost request",
    "repeated request",
    "altered request",
    "reordered",
    "lost answer",
    "cut answer",
    "carried again",
    "hang-up",
    "lost write",
    "unanswered write",
    "torn write",
    "switched on",
    "disk full",
    "room again",
    "clock",
    "backup",
    "restored",
    "cloned",
    "revoked",
    "hostile batch",
    "forged batch",
    "process dies",
    "machine dies",
    "centre full",
    "centre has room",
    "centre backup",
    "centre restored",
    "repair",
    "sweep",
    "upgrade",
    "calm",
    "calm sync",
    "end",
];

/// Runs one seed to its end.
pub fn run(seed: u64, options: &Options) -> Result<Run, Failure> {
    let mut world = World::new(seed, options)?;
    for _ in 0..STEPS {
        world.trace.step();
        world.live()?;
    }
    world.come_to_rest()?;
    world.judge()?;
    Ok(Run { hash: world.trace.hash(), counts: world.trace.counts().clone(), lines: world.trace.lines() })
}

impl World {
    /// One step: somebody does something, something moves, or something goes wrong.
    fn live(&mut self) -> Result<(), Failure> {
        let minutes = i64::try_from(self.rng.below(90)).unwrap_or(0);
        self.pass(minutes * 60_000);
        if self.rng.percent(70) {
            self.switch_on_the_dead()?;
        }
        let phone = self.rng.below(self.phones.len());
        match self.rng.below(100) {
            0..=26 => self.work(phone),
            27..=39 => self.ask(phone),
            40..=55 => self.carry(),
            56..=81 => {
                for _ in 0..=self.rng.below(12) {
                    self.centre_works()?;
                }
                Ok(())
            }
            82..=90 => self.bring(),
            _ => self.mishap(phone),
        }
    }
}
