//! A dossier from its stored bytes: content, records and writers. The bytes are the truth; this is made anew each time.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{
    catalogue::Catalogue,
    certificate::Certificate,
    content::{Content, chunk, chunk::Scanned},
    envelope,
    event::SignedEvent,
    id::{ActorId, BlobId, ChangeHash, DeviceId, Digest, DossierId},
    state::{Received, Recorded},
    view::{Author, Sources},
};

use crate::{
    access::{certificate_for, certificates},
    centre::Centre,
    storage::{DeviceRow, DossierRecord, ItemKind, ItemRow, ItemState},
};

/// The certificates of everybody who wrote in a dossier.
#[derive(Debug, Clone, Default)]
pub struct People(BTreeMap<DeviceId, Vec<Certificate>>);

impl People {
    /// From the rows of their devices. The Centre knows itself.
    #[must_use]
    pub fn of(centre: &Centre, rows: &[DeviceRow]) -> Self {
        let mut people: BTreeMap<_, _> =
            rows.iter().map(|row| (DeviceId::of(&row.key), certificates(centre, row))).collect();
        people.insert(centre.device(), vec![centre.certificate().clone()]);
        Self(people)
    }

    /// The certificates of a device, oldest first.
    #[must_use]
    pub fn certificates(&self, device: &DeviceId) -> &[Certificate] {
        self.0.get(device).map_or(&[], Vec::as_slice)
    }
}

/// A dossier made from its items.
#[derive(Debug)]
pub struct Rebuilt {
    /// The dossier.
    pub dossier: DossierId,
    /// Its content.
    pub content: Content,
    /// Its events.
    pub records: Vec<Recorded>,
    /// Who stands behind each writer.
    pub authors: BTreeMap<ActorId, Author>,
    /// When each change was received.
    pub received: BTreeMap<ChangeHash, Received>,
    /// Items that could not be taken in, whatever the reason.
    pub failed: BTreeSet<Digest>,
}

/// Which items to build from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Include {
    /// Only what was admitted: what readers see.
    Admitted,
    /// Also what was received and waits to be admitted.
    Waiting,
}

impl Rebuilt {
    /// Builds a dossier. An item that cannot be taken in fails alone, together with what rests on it.
    #[must_use]
    pub fn of(dossier: DossierId, record: &DossierRecord, people: &People, include: Include) -> Self {
        let mut rebuilt = Self {
            dossier,
            content: Content::new(dossier),
            records: Vec::new(),
            authors: BTreeMap::new(),
            received: BTreeMap::new(),
            failed: BTreeSet::new(),
        };
        let items: Vec<&ItemRow> = record
            .items
            .iter()
            .filter(|item| match item.state {
                ItemState::Admitted => true,
                ItemState::Received => include == Include::Waiting,
                ItemState::Quarantined | ItemState::Revoked => false,
            })
            .collect();
        // Texts first: so nobody who wrote as a text's maker can keep the text itself out.
        rebuilt.take_texts(&items);
        rebuilt.take_changes(&items, people);
        rebuilt.take_events(&items, people);
        rebuilt
    }

    /// What views are composed of.
    #[must_use]
    pub fn sources<'a>(&'a self, arrived: &'a BTreeSet<BlobId>, catalogue: &'a Catalogue) -> Sources<'a> {
        Sources {
            dossier: self.dossier,
            content: &self.content,
            records: &self.records,
            authors: &self.authors,
            received: &self.received,
            arrived,
            catalogue,
            provisional_code: None,
        }
    }

    fn take_texts(&mut self, items: &[&ItemRow]) {
        let fields = items.iter().filter_map(|item| match &item.kind {
            ItemKind::Text { field } => Some(field.as_str()),
            ItemKind::Change { .. } | ItemKind::Event { .. } => None,
        });
        self.content.make_texts(fields);
    }

    fn take_changes(&mut self, items: &[&ItemRow], people: &People) {
        let mut scanned: Vec<Scanned> = Vec::new();
        for item in items {
            let ItemKind::Change { actor, .. } = item.kind else { continue };
            match chunk::scan(&item.bytes) {
                Ok(change) => scanned.push(change),
                Err(_) => {
                    self.failed.insert(item.hash);
                }
            }
            self.received.insert(ChangeHash(item.hash.0), item.received);
            let certificate = people.certificates(&item.author).last();
            self.authors.entry(actor).or_insert_with(|| Author {
                device: item.author,
                name: certificate.map(|certificate| certificate.name.clone()),
                role: certificate.map(|certificate| certificate.role),
                unit: certificate.map(|certificate| certificate.unit.clone()),
            });
        }
        self.failed.extend(self.content.take(&scanned).into_iter().map(|(hash, _)| Digest(hash.0)));
    }

    fn take_events(&mut self, items: &[&ItemRow], people: &People) {
        for item in items {
            if !matches!(item.kind, ItemKind::Event { .. }) {
                continue;
            }
            let event =
                envelope::decode::<SignedEvent>(&item.bytes).ok().and_then(|signed| signed.verify(&self.dossier).ok());
            let Some(event) = event else {
                self.failed.insert(item.hash);
                continue;
            };
            let held = people.certificates(&event.device());
            let certificate = certificate_for(held, event.body(), &item.received).cloned();
            self.records.push(Recorded { event, certificate, received: Some(item.received) });
        }
    }
}
