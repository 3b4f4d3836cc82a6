//! The people of the summer and their devices.

use std::collections::{BTreeMap, BTreeSet};

use client_core::{
    ActRequest, Device, ListQuery, MemoryStore, Proceed, Submission,
    native::SystemClock,
    ports::{Clock, FixedClock, SeededEntropy},
};
use dossier::id::DossierId;

use super::{Day, Doer, Expected, Matter, Running, Step, Summer, follow, network::Network};
use crate::{Role, Server, UNIT, rng::Rng};

/// Officers at the desk.
pub const OFFICERS: usize = 2;
/// How many syncs in a hundred lose their answer.
const LOST_PERCENT: u64 = 5;
/// How many evenings in a hundred a postal worker finds no network.
const NO_NETWORK_PERCENT: u64 = 15;
/// Between two acts of one person.
const ACT_MS: i64 = 40_000;

/// One person with a device.
pub struct Member {
    pub device: Device,
    clock: FixedClock,
    at_ms: i64,
    pub accepted: usize,
    pub syncs: usize,
    pub lost_answers: usize,
}

impl Member {
    fn new(server: &Server, seed: u64) -> Self {
        let clock = FixedClock::at(SystemClock.now_ms());
        let device = Device::init(MemoryStore::new(), clock.clone(), SeededEntropy::new(seed), &server.url());
        let device = device.expect("an empty store takes a device");
        Self { device, clock, at_ms: 0, accepted: 0, syncs: 0, lost_answers: 0 }
    }

    /// The next moment of this person's day.
    fn moment(&mut self, day: &Day) -> i64 {
        self.at_ms = (self.at_ms + ACT_MS).max(day.at(7, 45));
        assert!(self.at_ms < day.at(16, 50), "a day's work fits into the day");
        self.clock.set(self.at_ms);
        self.at_ms
    }

    /// Syncs in the present, again if the answer was lost.
    pub fn sync(&mut self, network: &Network, lose: bool) {
        self.clock.set(SystemClock.now_ms());
        if lose {
            network.lose_next_answer();
            let report = self.device.sync(network, &mut |_| Proceed::Go);
            assert!(report.fault.is_some(), "a lost answer is told");
            self.syncs += 1;
            self.lost_answers += 1;
        }
        let report = self.device.sync(network, &mut |_| Proceed::Go);
        assert_eq!(report.fault, None, "{report:?}");
        assert!(report.refused.is_empty() && report.notices.is_empty() && report.skipped == 0, "{report:?}");
        assert_eq!(report.pending, 0, "{report:?}");
        self.accepted += report.accepted;
        self.syncs += 1;
    }

    fn known(&mut self) -> BTreeSet<DossierId> {
        let cards = self.device.list(&ListQuery::default()).expect("a list");
        cards.cards.into_iter().map(|card| card.dossier).collect()
    }

    fn status(&mut self, dossier: &DossierId) -> Option<u8> {
        self.device.show(dossier).expect("the dossier is here").view.status.business
    }
}

/// Everybody.
pub struct Crew {
    pub network: Network,
    pub workers: Vec<Member>,
    pub officers: Vec<Member>,
    pub citizens: Vec<Member>,
    /// Which citizen submitted a dossier.
    by_citizen: BTreeMap<DossierId, usize>,
    /// Who has something to send this evening.
    busy: BTreeSet<usize>,
    head_invitation: String,
    server_url: String,
    seed: u64,
}

impl Crew {
    /// Invites everybody before the summer begins, and starts the server in the present.
    pub fn enrol(server: &mut Server, first: &Day, summer: &Summer, rng: &mut Rng) -> Self {
        let network = Network::to(&server.url());
        let mut seeds = (0..).map(|number| summer.seed.wrapping_mul(1_000_003).wrapping_add(number));
        let mut enrolled = |role, name: &str| {
            let mut member = Member::new(server, seeds.next().expect("numbers do not end"));
            member.device.enrol(&server.invite(role, UNIT, name)).expect("the invitation is sound");
            member.sync(&network, false);
            let certificate = member.device.identity().certificate.expect("the first sync brings the certificate");
            assert!(certificate.from_ms <= first.at(7, 30), "the certificate is valid in the summer: {certificate:?}");
            member
        };
        let worker = |number| format!("Bưu tá tuyến {number}");
        let officer = |number| format!("Cán bộ {number}");
        let (workers, officers) = server.with_clock_at(first.at(7, 0) - 86_400_000, || {
            let workers: Vec<Member> =
                (1..=summer.workers).map(|number| enrolled(Role::Postal, &worker(number))).collect();
            let officers: Vec<Member> =
                (1..=OFFICERS).map(|number| enrolled(Role::Officer, &officer(number))).collect();
            (workers, officers)
        });
        let head_invitation = server.invite(Role::Head, UNIT, "Lãnh đạo đơn vị");
        server.up();
        // What follows counts: a new network, with no memory of the enrolment.
        let network = Network::to(&server.url());
        Self {
            network,
            workers,
            officers,
            citizens: Vec::new(),
            by_citizen: BTreeMap::new(),
            busy: BTreeSet::new(),
            head_invitation,
            server_url: server.url(),
            seed: rng.draw(),
        }
    }

    /// A head's device that has never synced.
    pub fn head(&self) -> Member {
        let clock = FixedClock::at(SystemClock.now_ms());
        let store = MemoryStore::new();
        let entropy = SeededEntropy::new(self.seed);
        let mut device = Device::init(store, clock.clone(), entropy, &self.server_url).expect("an empty store");
        device.enrol(&self.head_invitation).expect("the invitation is sound");
        Member { device, clock, at_ms: 0, accepted: 0, syncs: 0, lost_answers: 0 }
    }

    /// Everybody who made something.
    pub fn members(&mut self) -> impl Iterator<Item = &mut Member> {
        self.workers.iter_mut().chain(&mut self.officers).chain(&mut self.citizens)
    }

    /// Somebody fills in and submits a dossier.
    pub fn take_in(&mut self, day: &Day, matter: Matter, rng: &mut Rng) -> Running {
        let member = match matter.worker {
            Some(worker) => {
                self.busy.insert(worker);
                &mut self.workers[worker]
            }
            None => {
                // A citizen's phone has a bare key: nobody invited it.
                let clock = FixedClock::at(day.at(8, 0));
                let entropy = SeededEntropy::new(rng.draw());
                let device = Device::init(MemoryStore::new(), clock.clone(), entropy, &self.server_url);
                let device = device.expect("an empty store takes a device");
                self.citizens.push(Member { device, clock, at_ms: 0, accepted: 0, syncs: 0, lost_answers: 0 });
                self.citizens.last_mut().expect("just added")
            }
        };
        member.moment(day);
        let id = member.device.new_dossier(matter.procedure, None).expect("a new dossier").dossier;
        let typed: Vec<(&str, &str)> =
            matter.answers.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
        // In two goes, as a form of two pages is filled in. A row's cells must go together.
        let half = typed.iter().position(|(field, _)| field.contains('/')).unwrap_or(typed.len() / 2);
        let (first, second) = typed.split_at(half);
        for page in [first, second].into_iter().filter(|page| !page.is_empty()) {
            member.device.set(&id, page).unwrap_or_else(|fault| panic!("{} {page:?}: {fault:?}", matter.procedure));
        }
        for component in matter.components.iter().take(2) {
            member.device.count(&id, component, 1, 1).expect("papers are counted");
        }
        member.moment(day);
        let submission = Submission { channel: None, unit: Some(UNIT.to_owned()) };
        let submitted = member.device.submit(&id, &submission);
        submitted.unwrap_or_else(|fault| panic!("{} is submitted: {fault:?}", matter.procedure));
        let expected = Expected {
            status: 1,
            procedure: matter.procedure.to_owned(),
            channel: if matter.worker.is_some() { 3 } else { 2 },
            accepted_ms: None,
            pauses: Vec::new(),
        };
        if matter.worker.is_none() {
            let lose = rng.percent(LOST_PERCENT);
            member.sync(&self.network, lose);
            self.by_citizen.insert(id, self.citizens.len() - 1);
        }
        let left = matter.steps.iter().rev().copied().collect();
        Running { next_day: matter.day + 1, matter, id, left, expected }
    }

    /// The desk's day: sync, work on what has arrived, sync.
    pub fn desk_day(&mut self, day: &Day, number: usize, running: &mut BTreeMap<DossierId, Running>) {
        for (seat, officer) in self.officers.iter_mut().enumerate() {
            officer.sync(&self.network, number % 20 == seat);
            let known = officer.known();
            let mine = running.values_mut().filter(|dossier| {
                dossier.matter.officer == seat && dossier.next_day <= number && known.contains(&dossier.id)
            });
            for dossier in mine {
                let Some(step) = dossier.left.last().copied().filter(|step| step.doer() == Doer::Officer) else {
                    continue;
                };
                // What the applicant answered may still be on a postal worker's phone that found no network.
                if officer.status(&dossier.id) == Some(dossier.expected.status) {
                    act(officer, day, dossier, step, number);
                }
            }
            officer.sync(&self.network, false);
        }
    }

    /// Applicants answer what they were asked, on the device that submitted.
    pub fn supplements(&mut self, day: &Day, number: usize, running: &mut BTreeMap<DossierId, Running>) {
        let mut synced = BTreeSet::new();
        for dossier in running.values_mut().filter(|dossier| dossier.next_day <= number) {
            let Some(step) = dossier.left.last().copied().filter(|step| step.doer() == Doer::Applicant) else {
                continue;
            };
            let member = match dossier.matter.worker {
                Some(worker) => {
                    self.busy.insert(worker);
                    let member = &mut self.workers[worker];
                    if synced.insert(worker) {
                        member.sync(&self.network, false);
                    }
                    member
                }
                None => {
                    let member = &mut self.citizens[self.by_citizen[&dossier.id]];
                    member.sync(&self.network, false);
                    member
                }
            };
            // The desk's request was synced on an earlier day.
            assert_eq!(member.status(&dossier.id), Some(dossier.expected.status), "{}", dossier.id);
            act(member, day, dossier, step, number);
            if dossier.matter.worker.is_none() {
                member.sync(&self.network, false);
            }
        }
    }

    /// Postal workers who collected something sync, if they find a network.
    pub fn evening(&mut self, _: &Day, rng: &mut Rng) {
        let busy: Vec<usize> = self.busy.iter().copied().collect();
        for worker in busy {
            if !rng.percent(NO_NETWORK_PERCENT) {
                let lose = rng.percent(LOST_PERCENT);
                self.workers[worker].sync(&self.network, lose);
                self.busy.remove(&worker);
            }
        }
    }

    /// On the last evening everybody finds a network, and so does the desk.
    pub fn last_evening(&mut self) {
        for member in self.workers.iter_mut().chain(&mut self.officers) {
            member.sync(&self.network, false);
        }
    }
}

fn act(member: &mut Member, day: &Day, dossier: &mut Running, step: Step, number: usize) {
    let at_ms = member.moment(day);
    let done = match step {
        Step::Supplement => {
            member.device.submit(&dossier.id, &Submission::default()).map(|done| assert!(done.supplemented))
        }
        _ => member.device.act(&dossier.id, request(step)).map(drop),
    };
    done.unwrap_or_else(|fault| panic!("{step:?} of {}: {fault:?}", dossier.id));
    follow(step, at_ms, &mut dossier.expected);
    dossier.left.pop();
    // Routing follows at once; everything else takes its days.
    dossier.next_day = number + if step == Step::Accept { 1 } else { 2 };
}

fn request(step: Step) -> ActRequest {
    match step {
        Step::Accept => ActRequest::Accept { case: None },
        Step::Refuse => ActRequest::Refuse { reason: "Không thuộc thẩm quyền tiếp nhận.".to_owned() },
        Step::Route => ActRequest::Route { unit: None },
        Step::Ask => ActRequest::Ask { reason: "Thiếu bản vẽ.".to_owned(), items: vec![] },
        Step::Supplement => ActRequest::Supplement,
        Step::AskPayment => {
            ActRequest::RequestPayment { amount_dong: 50_000, reason: "Lệ phí cấp giấy.".to_owned() }
        }
        Step::Pay => ActRequest::Paid { amount_dong: 50_000, reference: "UNC 1".to_owned() },
        Step::AskWithdrawal => ActRequest::Withdraw { reason: "Gia đình đổi ý.".to_owned() },
        Step::Stop => {
            ActRequest::Stop { reason: "Người nộp không còn là chủ sử dụng đất.".to_owned() }
        }
        Step::Decide => ActRequest::Decide { result: "Giấy chứng nhận đã ký.".to_owned() },
        Step::Return => ActRequest::Return { to: "Bưu tá giao tận nhà.".to_owned() },
    }
}
