//! A dossier taken from the store to be worked on, and put back: document, journal, events, who stands behind them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dossier::{
    certificate::Certificate,
    content::{Content, ContentFault, chunk},
    deadline::local,
    envelope::{self, Signed},
    event::Event,
    fault::{Code, Fault},
    form::{Form, FormError},
    id::{ActorId, BlobId, ChangeHash, DeviceId, DossierId},
    procedure::{Procedure, Version},
    state::{Received, Recorded},
    view::Author,
};

use crate::{
    card::{Card, Material},
    device::Device,
    ledger::{Put, Read, key, part},
    outbox::OutboxKind,
    record::{
        ChangeRecord, DeviceRecord, DossierRecord, EventRecord, FileRecord, JournalRecord, ProofRecord, Standing,
        TextRecord, WriterRecord,
    },
    store::{StoreFault, WriteBatch},
};

/// Why a dossier cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum ShelfFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// It is not here.
    #[error("the dossier is not on this device")]
    Unknown,
    /// Its own document would not take what this program made.
    #[error("the dossier's document is damaged")]
    Content(#[from] ContentFault),
}

impl From<ShelfFault> for Fault {
    fn from(fault: ShelfFault) -> Self {
        match fault {
            ShelfFault::Store(fault) => fault.into(),
            ShelfFault::Unknown => Code::UnknownDossier.into(),
            ShelfFault::Content(_) => Self::new(Code::StoreUnreadable).with("what", "document"),
        }
    }
}

/// A dossier on the table.
#[derive(Debug, Clone)]
pub struct Folder {
    pub dossier: DossierId,
    pub record: DossierRecord,
    pub content: Content,
    pub journal: Vec<JournalRecord>,
}

impl Device {
    pub(crate) fn folder(&self, dossier: &DossierId) -> Result<Folder, ShelfFault> {
        let record = self.store.record::<DossierRecord>(dossier.as_bytes())?.ok_or(ShelfFault::Unknown)?;
        self.folder_of(dossier, record)
    }

    pub(crate) fn folder_of(&self, dossier: &DossierId, record: DossierRecord) -> Result<Folder, ShelfFault> {
        let content = self.content(dossier, &BTreeSet::new())?;
        let journal = self.store.records::<JournalRecord>(dossier.as_bytes())?;
        let journal = journal.into_iter().map(|(_, entry)| entry).collect();
        Ok(Folder { dossier: *dossier, record, content, journal })
    }

    /// The document, made from its changes without some of them. No ready-made copy is kept beside them: making it costs
    /// less than reading another record would.
    pub(crate) fn content(&self, dossier: &DossierId, without: &BTreeSet<ChangeHash>) -> Result<Content, ShelfFault> {
        let mut content = Content::new(*dossier);
        let texts = self.store.records::<TextRecord>(dossier.as_bytes())?;
        content.make_texts(texts.iter().map(|(_, text)| text.field.as_str()));
        let mut changes = Vec::new();
        for (_, record) in self.store.records::<ChangeRecord>(dossier.as_bytes())? {
            if record.standing == Standing::Counts {
                let change = chunk::scan(&record.bytes).map_err(|_| StoreFault::Damaged("change"))?;
                if !without.contains(&change.hash) {
                    changes.push(change);
                }
            }
        }
        content.apply(&changes)?;
        Ok(content)
    }

    /// The dossier's events with what is needed to judge them; superseded ones are left out.
    pub(crate) fn recorded(&self, dossier: &DossierId) -> Result<Vec<Recorded>, StoreFault> {
        let proofs = self.received_by_proof(dossier, OutboxKind::Event)?;
        let mut records = Vec::new();
        for (_, record) in self.store.records::<EventRecord>(dossier.as_bytes())? {
            if record.standing == Standing::Superseded {
                continue;
            }
            let event = record.signed.verify(dossier).map_err(|_| StoreFault::Damaged("event"))?;
            let received = record.received.or_else(|| proofs.get(&event.id().0).copied());
            records.push(self.recorded_as(event, received)?);
        }
        Ok(records)
    }

    /// An event with the certificate under which its device acted.
    pub(crate) fn recorded_as(&self, event: Event, received: Option<Received>) -> Result<Recorded, StoreFault> {
        let certificate = match &event.body().acting {
            Some(_) => self.certificate_for(&event, received.as_ref())?,
            None => None,
        };
        Ok(Recorded { event, certificate, received })
    }

    fn certificate_for(&self, event: &Event, received: Option<&Received>) -> Result<Option<Certificate>, StoreFault> {
        let mut candidates = self.certificates_of(&event.device())?;
        if event.device() == self.id() {
            candidates.extend(self.certificate.as_ref().map(|(_, certificate)| certificate.clone()));
        }
        let acting = event.body().acting.as_ref();
        candidates.retain(|known| acting.is_some_and(|acting| known.role == acting.role && known.unit == acting.unit));
        let at = dossier::state::EventTime::of(event.body().at_ms, received).ms;
        let valid = candidates.iter().rposition(|known| known.is_valid_at(at));
        Ok(match valid {
            Some(position) => Some(candidates.swap_remove(position)),
            None => candidates.pop(),
        })
    }

    /// The certificates known of a device, oldest first. They were checked when they came.
    pub(crate) fn certificates_of(&self, device: &DeviceId) -> Result<Vec<Certificate>, StoreFault> {
        let (Some(centre), Some(record)) = (self.centre, self.store.record::<DeviceRecord>(device.as_bytes())?) else {
            return Ok(Vec::new());
        };
        let read = |signed: &Signed| envelope::decode::<Certificate>(&signed.body).ok();
        Ok(record.certificates.iter().filter_map(read).filter(|certificate| certificate.centre == centre).collect())
    }

    /// When the Centre received own items of a kind, by their hashes.
    pub(crate) fn received_by_proof(
        &self,
        dossier: &DossierId,
        kind: OutboxKind,
    ) -> Result<BTreeMap<[u8; 32], Received>, StoreFault> {
        let prefix = key(&[dossier.as_bytes(), &[kind as u8]]);
        let proofs = self.store.records::<ProofRecord>(&prefix)?;
        proofs.into_iter().map(|(key, proof)| Ok((part(&key, 17)?, proof.received))).collect()
    }

    /// When the Centre received each change.
    pub(crate) fn changes_received(&self, dossier: &DossierId) -> Result<BTreeMap<ChangeHash, Received>, StoreFault> {
        let proofs = self.received_by_proof(dossier, OutboxKind::Change)?;
        let mut all: BTreeMap<ChangeHash, Received> =
            proofs.into_iter().map(|(hash, received)| (ChangeHash(hash), received)).collect();
        for (key, record) in self.store.records::<ChangeRecord>(dossier.as_bytes())? {
            if let Some(received) = record.received {
                all.insert(ChangeHash(part(&key, 16)?), received);
            }
        }
        Ok(all)
    }

    /// Who stands behind each writer of a dossier.
    pub(crate) fn authors(&self, dossier: &DossierId) -> Result<BTreeMap<ActorId, Author>, StoreFault> {
        let mut by_device: BTreeMap<DeviceId, Author> = BTreeMap::new();
        let mut authors = BTreeMap::new();
        for (key, writer) in self.store.records::<WriterRecord>(dossier.as_bytes())? {
            let author = match by_device.get(&writer.device) {
                Some(known) => known.clone(),
                None => {
                    let author = self.author(writer.device)?;
                    by_device.insert(writer.device, author.clone());
                    author
                }
            };
            authors.insert(ActorId(part(&key, 16)?), author);
        }
        Ok(authors)
    }

    pub(crate) fn author(&self, device: DeviceId) -> Result<Author, StoreFault> {
        let known = if device == self.id() {
            self.certificate.as_ref().map(|(_, certificate)| certificate.clone())
        } else {
            self.certificates_of(&device)?.pop()
        };
        Ok(match known {
            Some(Certificate { name, role, unit, .. }) => {
                Author { device, name: Some(name), role: Some(role), unit: Some(unit) }
            }
            None => Author { device, name: None, role: None, unit: None },
        })
    }

    /// Attachments of a dossier that the Centre holds.
    pub(crate) fn arrived_of(&self, dossier: &DossierId) -> Result<BTreeSet<BlobId>, StoreFault> {
        let files = self.store.records::<FileRecord>(dossier.as_bytes())?;
        files.into_iter().filter(|(_, file)| file.arrived).map(|(key, _)| Ok(BlobId(part(&key, 16)?))).collect()
    }

    /// Writes what follows from the folder's state: its record and its card.
    pub(crate) fn put_back(
        &self,
        folder: &mut Folder,
        records: &[Recorded],
        batch: &mut WriteBatch,
    ) -> Result<Card, StoreFault> {
        folder.record.touched_ms = self.now_ms();
        batch.record(folder.dossier.as_bytes(), &folder.record);
        let card = self.card_of(
            &Material {
                dossier: folder.dossier,
                content: &folder.content,
                journal: &folder.journal,
                records,
                provisional_code: folder.record.provisional_code.as_deref(),
                touched_ms: folder.record.touched_ms,
            },
            batch,
        )?;
        batch.record(folder.dossier.as_bytes(), &card);
        Ok(card)
    }

    /// Makes a batch durable, then lets the search index follow the cards in it.
    pub(crate) fn commit(&mut self, batch: WriteBatch, cards: Vec<Card>) -> Result<(), StoreFault> {
        self.store.commit(batch)?;
        if let Some(index) = &mut self.index {
            cards.into_iter().for_each(|card| index.follow(card));
        }
        Ok(())
    }

    /// Today by this device's clock, in local time.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        local(self.now_ms()).date()
    }

    /// The version in force today; the last one if none is, so that a wrong clock keeps nobody from writing.
    pub(crate) fn version_of<'a>(&self, procedure: &'a Procedure) -> Option<&'a Version> {
        procedure.version_on(self.today()).ok().or_else(|| procedure.versions.last())
    }

    pub(crate) fn form_of(&self, procedure: &Procedure) -> Result<Arc<Form>, FormError> {
        match self.version_of(procedure) {
            Some(version) => self.catalogue.form(procedure, version),
            None => self.catalogue.form_on(procedure, self.today()),
        }
    }
}
