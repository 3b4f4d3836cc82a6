//! A group of a batch, read: everything that can be said of each item without knowing what the Centre holds.

use std::collections::BTreeSet;

use dossier::{
    content::{ContentPath, Root, chunk, chunk::Scanned, genesis},
    event::Event,
    fault::Code,
    id::{ActorId, ChangeHash, DeviceId, Digest, DossierId},
    wire::DossierItems,
};

use crate::storage::Needs;

/// One item, read.
#[derive(Debug, Clone)]
pub enum ReadItem {
    /// The making of a text object.
    Text {
        /// The field.
        field: String,
        /// The hash of its deterministic change.
        hash: ChangeHash,
        /// The actor that makes it.
        actor: ActorId,
    },
    /// A change that passed the scan.
    Change(Scanned),
    /// An event whose signature fits.
    Event(Box<Event>),
    /// Something that is not taken, whatever the Centre holds.
    Refused(Refusal),
}

/// Why an item is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// Hashes, numbers and names of limits; nothing personal.
    pub detail: String,
}

impl Refusal {
    /// A refusal with what it is about.
    #[must_use]
    pub fn new(code: Code, detail: impl std::fmt::Display) -> Self {
        Self { code, detail: detail.to_string() }
    }
}

/// One dossier's items, read, in the order of their numbers.
#[derive(Debug, Clone)]
pub struct ReadDossier {
    /// The dossier.
    pub dossier: DossierId,
    /// The hash of its skeleton, which everybody has.
    pub skeleton: ChangeHash,
    /// Its items.
    pub items: Vec<ReadItem>,
}

/// The items that are made durable and receipted together.
#[derive(Debug, Clone)]
pub struct ReadGroup {
    /// The number of the first item in the batch.
    pub first: u32,
    /// How many items there are.
    pub count: u32,
    /// By dossier, in the order of the batch.
    pub dossiers: Vec<ReadDossier>,
}

impl ReadGroup {
    /// Reads the items of some dossiers of a batch signed by `device`; `first` is the number of their first item.
    #[must_use]
    pub fn read(dossiers: &[DossierItems], first: u32, device: &DeviceId, centre: &DeviceId) -> Self {
        let dossiers: Vec<ReadDossier> = dossiers.iter().map(|items| read_dossier(items, device, centre)).collect();
        let count = dossiers.iter().map(|dossier| dossier.items.len()).sum::<usize>();
        Self { first, count: u32::try_from(count).unwrap_or(u32::MAX), dossiers }
    }

    /// What must be known of the database to judge it.
    #[must_use]
    pub fn needs(&self, device: DeviceId) -> Needs {
        let mut needs = Needs { device: Some(device), ..Needs::default() };
        for read in &self.dossiers {
            let of = needs.dossiers.entry(read.dossier).or_default();
            for item in &read.items {
                match item {
                    ReadItem::Text { hash, actor, .. } => {
                        of.hashes.insert(Digest(hash.0));
                        of.actors.insert(*actor);
                    }
                    ReadItem::Change(change) => {
                        of.hashes.insert(Digest(change.hash.0));
                        of.hashes.extend(change.deps.iter().map(|dep| Digest(dep.0)));
                        of.actors.insert(change.actor);
                    }
                    ReadItem::Event(event) => {
                        of.hashes.insert(Digest(event.id().0));
                        of.hashes.extend(event.body().heads.iter().map(|head| Digest(head.0)));
                    }
                    ReadItem::Refused(_) => {}
                }
            }
        }
        needs
    }

    /// The names of its items, but for those that cannot be read.
    pub fn hashes(&self) -> impl Iterator<Item = Digest> {
        self.dossiers.iter().flat_map(|read| &read.items).filter_map(|item| match item {
            ReadItem::Text { hash, .. } => Some(Digest(hash.0)),
            ReadItem::Change(change) => Some(Digest(change.hash.0)),
            ReadItem::Event(event) => Some(Digest(event.id().0)),
            ReadItem::Refused(_) => None,
        })
    }

    /// The dossiers it speaks of.
    #[must_use]
    pub fn dossier_ids(&self) -> BTreeSet<DossierId> {
        self.dossiers.iter().map(|read| read.dossier).collect()
    }
}

fn read_dossier(items: &DossierItems, device: &DeviceId, centre: &DeviceId) -> ReadDossier {
    let DossierItems { dossier, texts, changes, events } = items;
    let texts = texts.iter().map(|field| read_text(dossier, field));
    let changes = changes.iter().map(|bytes| match chunk::scan(bytes) {
        Ok(change) => ReadItem::Change(change),
        Err(fault) => ReadItem::Refused(Refusal::new(Code::ChangeRefused, fault)),
    });
    let events = events.iter().map(|event| match event.verify(dossier) {
        // Events of other devices travel in bags, with their own evidence; in a batch a device speaks for itself alone. Its
        // own events the Centre takes from anybody: it may have lost them when a backup was put back.
        Ok(event) if event.device() != *device && event.device() != *centre => {
            ReadItem::Refused(Refusal::new(Code::EventRefused, "the event is another device's"))
        }
        Ok(event) => ReadItem::Event(Box::new(event)),
        Err(fault) => ReadItem::Refused(Refusal::new(Code::EventRefused, fault)),
    });
    ReadDossier {
        dossier: *dossier,
        skeleton: genesis::skeleton(dossier).hash,
        items: texts.chain(changes).chain(events).collect(),
    }
}

fn read_text(dossier: &DossierId, field: &str) -> ReadItem {
    if ContentPath::new(Root::Texts, field).is_err() {
        return ReadItem::Refused(Refusal::new(Code::ChangeRefused, "not the path of a text"));
    }
    ReadItem::Text {
        field: field.to_owned(),
        hash: genesis::text(dossier, field).hash,
        actor: genesis::text_actor(dossier, field),
    }
}
