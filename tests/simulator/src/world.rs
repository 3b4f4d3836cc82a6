//! The world: devices, requests on their way, the Centre, and a clock that belongs to nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use client_core::{
    Device,
    ports::{FixedClock, SeededEntropy},
};
use dossier::{
    content::{chunk, genesis},
    event::SignedEvent,
    form::FieldKind,
    id::{BatchId, DeviceId, Digest, DossierId},
    wire::{Batch, ItemRef, Receipt, SignedBatch},
};

use sync_server::storage::memory::MemoryDisk;

use crate::{
    Failure, Options,
    bugs::Bug,
    medium::LogDisk,
    phone::{PARCEL_DOSSIERS, Phone, Promises},
    rng::Rng,
    server::{Heard, Servers, at_once},
    trace::Trace,
};

/// When every run begins: a Wednesday morning in November 2026.
pub const BEGIN_MS: i64 = 1_795_000_000_000;
/// The procedure of every dossier.
pub const PROCEDURE: &str = "1.001193";
/// Two units.
pub const UNITS: [&str; 2] = ["25747", "25750"];

/// An item: its dossier and its hash.
pub type Item = (DossierId, [u8; 32]);

/// A request on its way.
#[derive(Debug, Clone)]
pub struct Flight {
    /// Its number.
    pub number: u64,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What was seen going over the network, for whoever listens and repeats.
#[derive(Debug, Default)]
pub struct Overheard {
    /// Whole requests.
    pub bodies: Vec<Vec<u8>>,
    /// Events.
    pub events: Vec<(DossierId, SignedEvent)>,
    /// Changes.
    pub changes: Vec<(DossierId, Vec<u8>)>,
}

/// What receipts were given to a device, by number.
#[derive(Debug, Default)]
pub struct Line {
    /// Each with its hash.
    pub receipts: BTreeMap<u64, (Digest, Receipt)>,
}

/// Everything of one run.
pub struct World {
    /// The seed it follows from.
    pub seed: u64,
    /// Chance.
    pub rng: Rng,
    /// What happened.
    pub trace: Trace,
    /// The mistake that was planted.
    pub bug: Option<Bug>,
    /// The true time.
    pub now_ms: i64,
    /// The Centre.
    pub servers: Servers,
    /// Every device.
    pub phones: Vec<Phone>,
    /// Every dossier.
    pub dossiers: Vec<DossierId>,
    /// Requests that have not arrived.
    pub flights: Vec<Flight>,
    /// Answers that have not arrived.
    pub answers: Vec<(u64, Heard)>,
    /// What was seen on the network.
    pub overheard: Overheard,
    /// What each batch holds, by its id: the items in the order of their numbers; `None` for what is no item.
    pub batches: BTreeMap<BatchId, Vec<Option<Item>>>,
    /// What the Centre signed for.
    pub acknowledged: BTreeSet<Item>,
    /// What it did not take, with the code.
    pub refused: Vec<(DeviceId, Option<Item>, String)>,
    /// Receipts of each device.
    pub lines: BTreeMap<DeviceId, Line>,
    /// The latest backup of the Centre.
    pub centre_backup: Option<MemoryDisk>,
    /// Whether one was put back.
    pub centre_was_restored: bool,
    /// Texts typed so far, each another.
    pub typed: u64,
    next_flight: u64,
}

/// Fields that take any text: one-line ones, and long ones.
pub fn fields() -> &'static [String] {
    static FIELDS: OnceLock<Vec<String>> = OnceLock::new();
    FIELDS.get_or_init(|| {
        let (store, _) = LogDisk::new(None).open().expect("an empty medium opens");
        let device = Device::init(store, FixedClock::at(BEGIN_MS), SeededEntropy::new(1), "http://centre");
        let sheet = device.and_then(|device| device.procedure(PROCEDURE)).expect("the catalogue has the procedure");
        let takes_text = |kind: &FieldKind| matches!(kind, FieldKind::Text | FieldKind::LongText);
        let plain = sheet
            .fields
            .into_iter()
            .filter(|field| takes_text(&field.kind) && field.repeated.is_none() && field.visible_when.is_none());
        plain.map(|field| field.id).take(4).collect()
    })
}

impl World {
    /// A fresh world with its devices enrolled, none of which has spoken to the Centre.
    pub fn new(seed: u64, options: &Options) -> Result<Self, Failure> {
        let mut world = Self {
            seed,
            rng: Rng::new(seed, 1),
            trace: Trace::new(options.whole_trace),
            bug: options.bug,
            now_ms: BEGIN_MS,
            servers: Servers::new(seed, BEGIN_MS, options.bug),
            phones: Vec::new(),
            dossiers: Vec::new(),
            flights: Vec::new(),
            answers: Vec::new(),
            overheard: Overheard::default(),
            batches: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            refused: Vec::new(),
            lines: BTreeMap::new(),
            centre_backup: None,
            centre_was_restored: false,
            typed: 0,
            next_flight: 0,
        };
        let [here, there] = UNITS;
        for (name, role, unit) in [
            ("citizen-1", None, here),
            ("citizen-2", None, there),
            ("postal-1", Some("postal"), here),
            ("officer-1", Some("officer"), here),
            ("officer-2", Some("officer"), there),
        ] {
            world.add_phone(name, role, unit)?;
        }
        Ok(world)
    }

    /// A failure here and now.
    pub fn fail(&self, what: impl Into<String>) -> Failure {
        Failure { seed: self.seed, step: self.trace.at(), what: what.into(), last: self.trace.lines() }
    }

    fn add_phone(&mut self, name: &str, role: Option<&str>, unit: &'static str) -> Result<(), Failure> {
        let disk = LogDisk::new(self.bug);
        let clock = FixedClock::at(self.now_ms);
        let entropy_seed = self.rng.next();
        let (store, _) = disk.open().map_err(|fault| self.fail(fault.to_string()))?;
        let device = Device::init(store, clock.clone(), SeededEntropy::new(entropy_seed), "http://centre");
        let mut device = device.map_err(|fault| self.fail(format!("{fault:?}")))?;
        device.cut_parcels(PARCEL_DOSSIERS);
        if let Some(role) = role {
            self.servers.hand.set_calm(true);
            let invited = at_once(self.servers.operating().invite(role, unit, name, 14));
            self.servers.hand.set_calm(false);
            let invitation = invited.map_err(|fault| self.fail(fault.to_string()))?.invitation.to_string();
            device.enrol(&invitation).map_err(|fault| self.fail(format!("{fault:?}")))?;
        }
        let id = device.id();
        self.trace.note("device", format_args!("{name} is {id}"));
        self.phones.push(Phone {
            name: name.to_owned(),
            is_desk: role == Some("officer"),
            unit: role.map(|_| unit),
            disk,
            device: Some(device),
            id,
            clock,
            skew_ms: 0,
            promises: Promises::default(),
            away: None,
            backup: None,
            has_double: false,
            is_revoked: false,
            touched: BTreeSet::new(),
            entropy_seed,
        });
        Ok(())
    }

    /// Time passes.
    pub fn pass(&mut self, ms: i64) {
        self.now_ms += ms;
        self.servers.clock.set(self.now_ms);
        for phone in &self.phones {
            phone.clock.set(self.now_ms + phone.skew_ms);
        }
    }

    /// A request leaves a device, or is carried by somebody else.
    pub fn send(&mut self, body: Vec<u8>) -> u64 {
        self.next_flight += 1;
        let number = self.next_flight;
        self.flights.push(Flight { number, body });
        number
    }

    /// Reads what goes over the network, as anybody could who has the bytes.
    pub fn overhear(&mut self, body: &[u8]) {
        let Some(batch) = read(body) else { return };
        let mut items = Vec::new();
        for item in batch.items() {
            items.push(match item {
                ItemRef::Text(dossier, field) => Some((*dossier, genesis::text(dossier, field).hash.0)),
                ItemRef::Change(dossier, bytes) => {
                    self.overheard.changes.push((*dossier, bytes.to_vec()));
                    chunk::scan(bytes).ok().map(|change| (*dossier, change.hash.0))
                }
                ItemRef::Event(dossier, event) => {
                    self.overheard.events.push((*dossier, event.clone()));
                    Some((*dossier, event.id().0))
                }
            });
        }
        self.batches.insert(batch.hello.batch, items);
        self.overheard.bodies.push(body.to_vec());
    }

    /// The true name of the device at this place, for the trace.
    #[must_use]
    pub fn name(&self, phone: usize) -> String {
        self.phones.get(phone).map(|phone| phone.name.clone()).unwrap_or_default()
    }
}

/// The batch in a request.
fn read(body: &[u8]) -> Option<Batch> {
    let bytes = zstd::stream::decode_all(body).ok()?;
    Some(SignedBatch::read(&bytes).ok()?.batch().clone())
}
