//! The hunt: so many inputs, spread over the gates, each measured.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::{
    meter::{Cost, measure},
    mutate::mutate,
    rng::Rng,
    target::{GATES, Gate, Target, Verdict},
};

/// The most memory that an input may take.
pub const MOST_BYTES: usize = 64 << 20;
/// The longest that an input may take.
pub const MOST_TIME: Duration = Duration::from_millis(100);
/// How often an input that seemed slow is timed again: others use the machine, too.
const TIMED_AGAIN: u32 = 3;

/// After so many at one gate the hunt there ends: they are probably one.
const OFFENCES_MAX: usize = 5;

/// An input that did what none may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    /// The gate.
    pub gate: &'static str,
    /// What it did.
    pub what: String,
    /// The input.
    pub input: Vec<u8>,
}

/// What came of one gate.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Inputs refused at the gate, refused behind it, taken.
    pub refused: u64,
    /// Refused behind the gate.
    pub deep: u64,
    /// Taken.
    pub accepted: u64,
    /// The most memory that one took.
    pub peak_bytes: usize,
    /// The slowest one.
    pub slowest: Duration,
    /// How long all took.
    pub all: Duration,
}

impl Tally {
    /// How many inputs there were.
    #[must_use]
    pub fn inputs(&self) -> u64 {
        self.refused + self.deep + self.accepted
    }

    /// A gate that only refuses, or only takes, or was hardly tried, proves nothing.
    #[must_use]
    pub fn proves(&self) -> bool {
        self.refused + self.deep > 0 && self.accepted > 0
    }
}

/// What came of a hunt.
#[derive(Debug, Default)]
pub struct Hunt {
    /// By gate, in the order of [`GATES`].
    pub tallies: Vec<(&'static str, Tally)>,
    /// What was found.
    pub offences: Vec<Offence>,
}

fn say_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// Feeds one input; an error says how it panicked.
fn feed(target: &mut Target, input: &[u8]) -> Result<(Verdict, Cost), String> {
    let (fed, cost) = measure(|| catch_unwind(AssertUnwindSafe(|| (target.feed)(input))));
    fed.map(|verdict| (verdict, cost)).map_err(|panic| format!("panic: {}", say_of(panic.as_ref())))
}

/// How long this thread has run, if the system tells.
fn processor_time() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Feeds one input to a fresh target and judges what it cost: how crashers are kept as cases.
pub fn judge(gate: &Gate, input: &[u8]) -> Result<(Verdict, Cost), String> {
    let mut best: Option<(Verdict, Cost)> = None;
    for _ in 0..TIMED_AGAIN {
        let mut target = (gate.make)();
        let before = processor_time();
        let (verdict, mut cost) = feed(&mut target, input)?;
        // Where the system says how long this thread really ran, what others took of the processor is not counted.
        if let (Some(before), Some(after)) = (before, processor_time()) {
            cost.time = cost.time.min(after.saturating_sub(before));
        }
        if cost.peak_bytes > MOST_BYTES {
            return Err(format!("{} bytes", cost.peak_bytes));
        }
        if best.is_none_or(|(_, before)| cost.time < before.time) {
            best = Some((verdict, cost));
        }
        if cost.time <= MOST_TIME {
            break;
        }
    }
    match best {
        Some((_, cost)) if cost.time > MOST_TIME => Err(format!("{} ms", cost.time.as_millis())),
        Some(fed) => Ok(fed),
        None => Err("it was not fed".to_owned()),
    }
}

/// Hunts at one gate.
fn at(gate: &Gate, number: u64, inputs: u64, seed: u64, offences: &mut Vec<Offence>) -> Tally {
    let mut target = (gate.make)();
    let mut rng = Rng::new(seed, number);
    let mut tally = Tally::default();
    for _ in 0..inputs {
        let input = mutate(&mut rng, target.shape, &target.honest);
        let offence = |what: String| Offence { gate: gate.name, what, input: input.clone() };
        match feed(&mut target, &input) {
            Ok((verdict, cost)) => {
                let mut time = cost.time;
                if cost.time > MOST_TIME || cost.peak_bytes > MOST_BYTES {
                    match judge(gate, &input) {
                        Ok((_, again)) => time = again.time,
                        Err(what) => offences.push(offence(what)),
                    }
                }
                match verdict {
                    Verdict::Refused => tally.refused += 1,
                    Verdict::Deep => tally.deep += 1,
                    Verdict::Accepted => tally.accepted += 1,
                }
                tally.peak_bytes = tally.peak_bytes.max(cost.peak_bytes);
                tally.slowest = tally.slowest.max(time);
                tally.all += cost.time;
            }
            Err(what) => {
                offences.push(offence(what));
                tally.refused += 1;
                // What it panicked in the middle of is not to be trusted.
                target = (gate.make)();
            }
        }
        if offences.len() >= OFFENCES_MAX {
            break;
        }
    }
    tally
}

/// Hunts with so many inputs in all; `only` names the one gate to hunt at.
#[must_use]
pub fn hunt(inputs: u64, seed: u64, only: Option<&str>) -> Hunt {
    let gates = || GATES.iter().zip(0u64..).filter(|(gate, _)| only.is_none_or(|only| only == gate.name));
    let weights: u64 = gates().map(|(gate, _)| gate.weight).sum();
    let shares: Vec<_> =
        gates().map(|(gate, number)| (gate, number, (inputs * gate.weight).div_ceil(weights.max(1)))).collect();
    // One gate after the other is taken by whichever thread is free; what comes of it does not depend on that.
    let next = std::sync::atomic::AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(shares.len().max(1));
    let work = || {
        let mut done = Vec::new();
        loop {
            let at_share = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some((gate, number, share)) = shares.get(at_share) else { return done };
            let mut offences = Vec::new();
            let tally = at(gate, *number, *share, seed, &mut offences);
            done.push((*number, gate.name, tally, offences));
        }
    };
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("the hunt itself does not panic")).collect()
    });
    done.sort_by_key(|(number, ..)| *number);
    let mut hunt = Hunt::default();
    for (_, name, tally, offences) in done {
        hunt.tallies.push((name, tally));
        hunt.offences.extend(offences);
    }
    hunt
}

impl Hunt {
    /// How many inputs there were.
    #[must_use]
    pub fn inputs(&self) -> u64 {
        self.tallies.iter().map(|(_, tally)| tally.inputs()).sum()
    }

    /// Gates at which the hunt proved nothing.
    #[must_use]
    pub fn proofless(&self) -> Vec<&'static str> {
        self.tallies.iter().filter(|(_, tally)| !tally.proves()).map(|(name, _)| *name).collect()
    }

    /// The report for a program.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let tallies = self.tallies.iter().map(|(name, tally)| {
            json!({"gate": name, "inputs": tally.inputs(), "refused": tally.refused, "deep": tally.deep,
                "accepted": tally.accepted, "peak_bytes": tally.peak_bytes,
                "slowest_us": u64::try_from(tally.slowest.as_micros()).unwrap_or(u64::MAX)})
        });
        let offences = self.offences.iter().map(
            |offence| json!({"gate": offence.gate, "what": offence.what, "input": HEXLOWER.encode(&offence.input)}),
        );
        json!({"inputs": self.inputs(), "gates": tallies.collect::<Vec<_>>(), "offences": offences.collect::<Vec<_>>(),
            "proofless": self.proofless()})
    }
}
