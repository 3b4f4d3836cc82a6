//! The lockdown summer: at one Centre, direct intake closed, thousands of dossiers by post and some online.
//!
//! In the summer of 2021 one branch took in more than 8,000 dossiers by post and 457 online in three months, mostly land
//! and construction, and had settled over four in five of them. [`play`] plays such a summer, day by day over 65 working
//! days of 2026, through real `client-core` devices against a real server: postal workers collect at the door and sync
//! when they find a network, citizens submit from home, officers accept, ask, pass on, decide and return.
//!
//! Everything follows from the seed. Each dossier has a [`plan`] of steps and delays, and what the plan led to is kept
//! beside it as [`Expected`]. At the end a head's device that has never synced takes everything in, and is compared with
//! that expectation, dossier by dossier.
//!
//! # Clocks
//!
//! Devices act in the simulated summer and sync in the present: what counts as the time of an act is the device's own,
//! however late it arrives, as long as its clock agrees with the Centre's at the sync. Only for the invitations does the
//! Centre's own clock stand before the summer, so that certificates are valid in it.

mod calendar;
mod check;
mod crew;
mod network;
mod plan;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use dossier::id::DossierId;

use crate::{Database, Server, ServerOptions, rng::Rng};
use calendar::Day;
use crew::Crew;
use plan::{Doer, Matter, Step};

/// How large a summer, from which seed, on which database.
#[derive(Debug, Clone, Copy)]
pub struct Summer {
    /// Everything follows from it.
    pub seed: u64,
    /// Dossiers that come by post.
    pub postal: usize,
    /// Dossiers that citizens submit themselves.
    pub online: usize,
    /// How many postal workers collect them.
    pub workers: usize,
    /// The server's database.
    pub database: Database,
}

impl Summer {
    /// As it was: 8,000 by post and 457 online, about 125 a day.
    #[must_use]
    pub fn full(seed: u64, database: Database) -> Self {
        Self { seed, postal: 8_000, online: 457, workers: 10, database }
    }

    /// A twentieth of it, with the same mix.
    #[must_use]
    pub fn reduced(seed: u64, database: Database) -> Self {
        Self { seed, postal: 400, online: 23, workers: 4, database }
    }
}

/// What came of a summer.
#[derive(Debug, Clone)]
pub struct Report {
    /// Dossiers played.
    pub dossiers: usize,
    /// Of these, not settled at the end.
    pub open: usize,
    /// Syncs that reached the Centre, those whose answer was lost among them.
    pub syncs: usize,
    /// Of these, whose answer was lost.
    pub lost_answers: usize,
    /// Items that devices made.
    pub items: usize,
    /// Due dates compared.
    pub due_dates: usize,
    /// What the database itself says.
    pub evidence: String,
    /// How long it took.
    pub took: Duration,
}

/// What must have come of one dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Expected {
    status: u8,
    procedure: String,
    channel: u8,
    accepted_ms: Option<i64>,
    /// When it was asked for a supplement, and when that came.
    pauses: Vec<(i64, Option<i64>)>,
}

/// One dossier on its way.
struct Running {
    matter: Matter,
    id: DossierId,
    /// Steps not yet taken, the next one last.
    left: Vec<Step>,
    /// The day on which the next one may be taken.
    next_day: usize,
    expected: Expected,
}

/// Plays it and checks everything that was promised.
///
/// # Panics
/// If a promise was broken.
#[must_use]
pub fn play(summer: Summer) -> Report {
    let begun = Instant::now();
    let mut rng = Rng::new(summer.seed);
    let days = calendar::working_days();
    let mut server = Server::prepare(summer.database, ServerOptions::default());
    let crew = Crew::enrol(&mut server, &days[0], &summer, &mut rng);
    let matters = plan::matters(&summer, days.len(), &mut rng);
    let played = through(crew, matters, &days, &mut rng);
    let report = check::all(&server, &summer, played, begun);
    server.stop();
    report
}

/// The crew at the end of the summer, and every dossier.
struct Played {
    crew: Crew,
    running: BTreeMap<DossierId, Running>,
}

fn through(mut crew: Crew, matters: Vec<Matter>, days: &[Day], rng: &mut Rng) -> Played {
    let mut running: BTreeMap<DossierId, Running> = BTreeMap::new();
    let mut waiting = matters.into_iter().peekable();
    for (number, day) in days.iter().enumerate() {
        crew.desk_day(day, number, &mut running);
        crew.supplements(day, number, &mut running);
        let mut today = Vec::new();
        while let Some(matter) = waiting.next_if(|matter| matter.day <= number) {
            today.push(matter);
        }
        for matter in today {
            let submitted = crew.take_in(day, matter, rng);
            running.insert(submitted.id, submitted);
        }
        crew.evening(day, rng);
    }
    assert!(waiting.next().is_none(), "every dossier was taken in");
    crew.last_evening();
    Played { crew, running }
}

/// Where a step leads, and what it does to the times that count.
fn follow(step: Step, at_ms: i64, expected: &mut Expected) {
    expected.status = match step {
        Step::Accept => {
            expected.accepted_ms = Some(at_ms);
            2
        }
        Step::Refuse => 3,
        Step::Route | Step::Pay => 4,
        Step::Ask => {
            expected.pauses.push((at_ms, None));
            5
        }
        Step::Supplement => {
            let pause = expected.pauses.last_mut().expect("a supplement answers a request");
            pause.1 = Some(at_ms);
            // Supplement requests are made from processing only.
            4
        }
        Step::AskPayment => 6,
        Step::AskWithdrawal => 7,
        Step::Stop => 8,
        Step::Decide => 9,
        Step::Return => 10,
    };
}

impl Step {
    fn doer(self) -> Doer {
        match self {
            Self::Supplement | Self::Pay | Self::AskWithdrawal => Doer::Applicant,
            Self::Accept
            | Self::Refuse
            | Self::Route
            | Self::Ask
            | Self::AskPayment
            | Self::Stop
            | Self::Decide
            | Self::Return => Doer::Officer,
        }
    }
}
