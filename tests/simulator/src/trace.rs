//! What happened: as text if somebody wants to read it, as a hash always, and counted by kind.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Arguments,
};

use dossier::id::sha256;

/// How many of the last lines a failure shows.
const LAST: usize = 40;

/// The record of one run.
#[derive(Debug, Default)]
pub struct Trace {
    hash: [u8; 32],
    step: u64,
    whole: Option<Vec<String>>,
    last: VecDeque<String>,
    counts: BTreeMap<&'static str, u64>,
}

impl Trace {
    /// An empty record; with all its lines if they are wanted.
    #[must_use]
    pub fn new(whole: bool) -> Self {
        Self { whole: whole.then(Vec::new), ..Self::default() }
    }

    /// Begins the next step.
    pub fn step(&mut self) {
        self.step += 1;
    }

    /// The number of the present step.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.step
    }

    /// Notes something of a kind.
    pub fn note(&mut self, kind: &'static str, what: Arguments<'_>) {
        *self.counts.entry(kind).or_default() += 1;
        let line = format!("{:>4} {kind}: {what}", self.step);
        self.hash = sha256(&[&self.hash, line.as_bytes()]);
        if let Some(whole) = &mut self.whole {
            whole.push(line.clone());
        }
        self.last.push_back(line);
        if self.last.len() > LAST {
            self.last.pop_front();
        }
    }

    /// The hash of every line so far.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// How often each kind occurred.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// Every line if they were wanted, else the last ones.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.whole.clone().unwrap_or_else(|| self.last.iter().cloned().collect())
    }
}
