//! One device with its medium, its clock, and what its person was promised.

use std::collections::{BTreeMap, BTreeSet};

use client_core::{
    Device, Errand, Space,
    ports::{FixedClock, SeededEntropy},
};
use dossier::id::{DeviceId, DossierId, EventId};

use crate::medium::LogDisk;

/// What was said to be durable, and so must be somewhere at the end.
#[derive(Debug, Clone, Default)]
pub struct Promises {
    /// The last text typed into each field.
    pub cells: BTreeMap<(DossierId, String), String>,
    /// Acts done and not taken back, in their order.
    pub acts: Vec<(DossierId, EventId)>,
}

/// A request on its way, seen from the device.
#[derive(Debug)]
pub struct Away {
    /// The errand that waits.
    pub errand: Errand,
    /// The request it waits for.
    pub flight: u64,
}

/// A device.
#[derive(Debug)]
pub struct Phone {
    /// How the trace calls it.
    pub name: String,
    /// Whether internal notes are for its person.
    pub is_desk: bool,
    /// The unit its person works for.
    pub unit: Option<&'static str>,
    /// Its medium.
    pub disk: LogDisk,
    /// The device, while it is switched on.
    pub device: Option<Device>,
    /// Who it is.
    pub id: DeviceId,
    /// Its clock.
    pub clock: FixedClock,
    /// How far its clock is from the truth.
    pub skew_ms: i64,
    /// What its person was promised.
    pub promises: Promises,
    /// The errand under way.
    pub away: Option<Away>,
    /// A copy of the medium, with the promises of that time.
    pub backup: Option<(Vec<u8>, Promises)>,
    /// Whether another device has or had the same key: a clone, or itself before a backup.
    pub has_double: bool,
    /// Whether an operator took it out of use.
    pub is_revoked: bool,
    /// Dossiers that it ever wrote in or took over.
    pub touched: BTreeSet<DossierId>,
    /// From what its next randomness follows; never the same twice.
    pub entropy_seed: u64,
}

/// So few that a day's work travels in several parcels.
pub const PARCEL_DOSSIERS: usize = 2;

impl Phone {
    /// The randomness of the next opening.
    pub fn next_entropy(&mut self) -> SeededEntropy {
        self.entropy_seed = self.entropy_seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        SeededEntropy::new(self.entropy_seed)
    }

    /// Whether its medium holds an item that it made or may bring.
    #[must_use]
    pub fn brings(&self, dossier: &DossierId, hash: &[u8; 32]) -> bool {
        let at = [&dossier.0[..], hash].concat();
        let has = |space| self.disk.records(space, &at).iter().any(|(key, _)| *key == at);
        !self.is_revoked && (has(Space::Texts) || has(Space::Events) || has(Space::Changes)) && self.made(dossier, hash)
    }

    /// Whether it has ever had a receipt for an item or still owes it.
    fn made(&self, dossier: &DossierId, hash: &[u8; 32]) -> bool {
        (0..3u8).any(|kind| {
            let at = [&dossier.0[..], &[kind], hash].concat();
            let has = |space| self.disk.records(space, &at).iter().any(|(key, _)| *key == at);
            has(Space::Proofs) || has(Space::Outbox)
        })
    }

    /// Switches it off, however it stands.
    pub fn switch_off(&mut self) {
        self.device = None;
        self.away = None;
    }

    /// Switches it on. Answers whether the medium had a torn end; an error is what the device says of its medium.
    pub fn switch_on(&mut self) -> Result<bool, dossier::fault::Fault> {
        self.switch_off();
        let entropy = self.next_entropy();
        let (store, torn) = self.disk.open()?;
        let mut device = Device::open(store, self.clock.clone(), entropy)?;
        device.cut_parcels(PARCEL_DOSSIERS);
        self.device = Some(device);
        Ok(torn)
    }
}
