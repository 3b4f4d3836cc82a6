//! Reading: lists, one dossier, history, conflicts, the catalogue.

mod board;
mod catalogue;
mod form;
mod list;
pub mod search;

pub use board::Board;
pub use catalogue::{ProcedureSheet, UnitHit};
pub use list::{ListQuery, Listed, Order, ProcedureHere};

use std::collections::BTreeSet;

use dossier::{
    catalogue::{FormLookupError, UnknownProcedure},
    code::ProvisionalCode,
    content::Content,
    deadline::local,
    fault::{Code, Fault},
    id::{ActorId, DossierId},
    state::{self, Recorded, State},
    view::{self, ConflictView, DossierView, EventView, HistoryEntry, Sources},
};
use serde::Serialize;

use crate::{
    card::{Card, count},
    device::Device,
    draft::unknown_procedure,
    due::Due,
    ledger::{Put, Read, part},
    outbox::OutboxKind,
    record::{ChangeRecord, DossierRecord, EventRecord, FileRecord, OutboxRecord, ProofRecord, Standing, TextRecord},
    seal::edits,
    shelf::{Folder, ShelfFault},
    store::{StoreFault, WriteBatch},
    truth::{Facts, Truth},
};

/// What is typed and not yet sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsealed {
    /// The cell, such as `answers/child_name`.
    pub path: String,
    /// When it was typed, Unix milliseconds by this device's clock.
    pub at_ms: i64,
}

/// How the attachments of a dossier stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Attachments {
    /// How many it names.
    pub total: u32,
    /// How many the Centre holds.
    pub arrived: u32,
    /// How many are wholly on this device.
    pub here: u32,
}

/// One dossier with everything about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The dossier, with this device's unsealed edits in it.
    #[serde(flatten)]
    pub view: DossierView,
    /// Sealed items that the Centre has not signed for.
    pub unsent: u32,
    /// Of these, how many it refused.
    pub refused: u32,
    /// What is typed and not yet sealed.
    pub unsealed: Vec<Unsealed>,
    /// How its attachments stand.
    pub attachments: Attachments,
    /// How far the work on it has come.
    pub truth: Truth,
    /// How it stands to its due date.
    pub due: Due,
    /// Which acts the rules allow this device now, by their names as in [`ActRequest`](crate::ActRequest), and `submit`.
    pub may: Vec<&'static str>,
}

/// What people disagree about in one dossier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DossierConflicts {
    /// The dossier.
    pub dossier: DossierId,
    /// Its official or provisional code.
    pub code: Option<String>,
    /// Fields with several values.
    pub conflicts: Vec<ConflictView>,
    /// Official acts that contradict each other.
    pub disputed: Vec<EventView>,
}

/// Why something is not shown.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// The dossier cannot be opened.
    #[error(transparent)]
    Shelf(#[from] ShelfFault),
    /// The text names no dossier.
    #[error("the text is no dossier id and no code")]
    NotAnId,
    /// The text names several dossiers.
    #[error("{0} dossiers fit")]
    Ambiguous(usize),
    /// No such procedure.
    #[error(transparent)]
    Procedure(#[from] UnknownProcedure),
    /// The procedure has no usable form.
    #[error("the procedure has no usable form")]
    Form,
    /// The board has no such view.
    #[error("the board has no such view")]
    NoView,
}

impl From<FormLookupError> for ReadFault {
    fn from(fault: FormLookupError) -> Self {
        match fault {
            FormLookupError::Unknown(unknown) => unknown.into(),
            FormLookupError::Form(_) => Self::Form,
        }
    }
}

impl From<StoreFault> for ReadFault {
    fn from(fault: StoreFault) -> Self {
        Self::Shelf(fault.into())
    }
}

impl From<ReadFault> for Fault {
    fn from(fault: ReadFault) -> Self {
        match fault {
            ReadFault::Shelf(fault) => fault.into(),
            ReadFault::NotAnId => Code::BadDossierId.into(),
            ReadFault::Ambiguous(fit) => Self::new(Code::BadDossierId).with("reason", "ambiguous").with("fit", fit),
            ReadFault::Procedure(unknown) => unknown_procedure(&unknown),
            ReadFault::NoView => Self::new(Code::BadRequest).with("argument", "view"),
            ReadFault::Form => Self::new(Code::UnknownProcedure).with("reason", "form"),
        }
    }
}

/// The shortest beginning of an id that is taken for one.
const PREFIX_CHARS: usize = 8;

impl Device {
    pub(crate) fn resolve_dossier(&mut self, text: &str) -> Result<DossierId, ReadFault> {
        let text = text.trim();
        if let Ok(id) = text.parse::<DossierId>() {
            return match self.store.record::<DossierRecord>(id.as_bytes())? {
                Some(_) => Ok(id),
                None => Err(ShelfFault::Unknown.into()),
            };
        }
        let code = match ProvisionalCode::parse(text) {
            Ok(code) => code.to_string(),
            Err(_) => text.to_ascii_uppercase(),
        };
        let prefix = text.to_ascii_lowercase();
        let is_prefix =
            prefix.len() >= PREFIX_CHARS && prefix.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        let mut found: BTreeSet<DossierId> = BTreeSet::new();
        for card in self.index()?.cards() {
            let codes = card.code.iter().chain(&card.provisional_code).chain(&card.aliases);
            let named = codes.into_iter().any(|known| known.eq_ignore_ascii_case(&code));
            if named || (is_prefix && card.dossier.to_string().starts_with(&prefix)) {
                found.insert(card.dossier);
            }
        }
        match (found.len(), found.first()) {
            (1, Some(dossier)) => Ok(*dossier),
            (0, _) if is_prefix || code.starts_with("T-") || code.contains('-') => Err(ShelfFault::Unknown.into()),
            (0, _) => Err(ReadFault::NotAnId),
            (fit, _) => Err(ReadFault::Ambiguous(fit)),
        }
    }

    /// The index of all cards, read at its first use.
    pub(crate) fn index(&mut self) -> Result<&search::Index, StoreFault> {
        if self.index.is_none() {
            let cards = self.store.records::<Card>(&[])?;
            self.index = Some(search::Index::new(cards.into_iter().map(|(_, card)| card)));
        }
        Ok(self.index.as_ref().expect("it was just made"))
    }

    /// The view of a document and everything around it.
    fn view_of(
        &self,
        folder: &Folder,
        content: &Content,
        actor: Option<ActorId>,
        (records, state): (&[Recorded], &State),
    ) -> Result<DossierView, ReadFault> {
        let mut authors = self.authors(&folder.dossier)?;
        if let Some(actor) = actor {
            authors.insert(actor, self.author(self.id())?);
        }
        let sources = Sources {
            dossier: folder.dossier,
            content,
            records,
            authors: &authors,
            received: &self.changes_received(&folder.dossier)?,
            arrived: &self.arrived_of(&folder.dossier)?,
            catalogue: self.catalogue,
            provisional_code: folder.record.provisional_code.as_deref(),
        };
        Ok(view::compose_with(&sources, state))
    }

    fn effective_view(&self, folder: &Folder, events: (&[Recorded], &State)) -> Result<DossierView, ReadFault> {
        if folder.journal.is_empty() {
            return self.view_of(folder, &folder.content, None, events);
        }
        let (content, actor) = self.with_journal(folder)?;
        self.view_of(folder, &content, Some(actor), events)
    }

    pub(crate) fn show_dossier(&mut self, dossier: &DossierId) -> Result<Shown, ReadFault> {
        let folder = self.folder(dossier)?;
        let records = self.recorded(dossier)?;
        let state = state::fold(&records, self.catalogue);
        let view = self.effective_view(&folder, (&records, &state))?;
        let (unsent, refused) = self.outbox_counts(dossier, &WriteBatch::new())?;
        let mut attachments = Attachments { total: 0, arrived: 0, here: 0 };
        for file in view.components.iter().flat_map(|component| &component.files) {
            attachments.total += 1;
            attachments.arrived += u32::from(file.arrived);
            let blob = self.store.record::<crate::record::BlobRecord>(file.blob.as_bytes())?;
            attachments.here += u32::from(blob.is_some_and(|blob| blob.size_bytes.is_some()));
        }
        let unsealed: Vec<Unsealed> =
            folder.journal.iter().map(|entry| Unsealed { path: entry.path.clone(), at_ms: entry.at_ms }).collect();
        let truth = Truth::of(&Facts {
            status: state.status,
            unsent,
            refused,
            unsealed: count(unsealed.len()),
            conflicts: count(view.conflicts.len()),
            is_disputed: !state.disputed.is_empty(),
            is_amended: state.has_pending_amendment(&folder.content.heads()),
            files: attachments.total,
            files_arrived: attachments.arrived,
            has_lost: self.has_lost(dossier, &folder.content, &records, &state)?,
            is_quarantined: self.quarantined(dossier.as_bytes())?.contains(dossier),
        });
        let may = self.acts_allowed(&folder, &records, &state)?;
        let due_at = view::due_of(&state, self.catalogue).map(|due| due.at);
        let due = Due::of(state.status, state.acceptance.is_some(), due_at, local(self.now_ms()));
        Ok(Shown { view, unsent, refused, unsealed, attachments, truth, due, may })
    }

    pub(crate) fn dossier_history(&mut self, dossier: &DossierId) -> Result<Vec<HistoryEntry>, ReadFault> {
        let folder = self.folder(dossier)?;
        Ok(view::history(&Sources {
            dossier: *dossier,
            content: &folder.content,
            records: &self.recorded(dossier)?,
            authors: &self.authors(dossier)?,
            received: &self.changes_received(dossier)?,
            arrived: &self.arrived_of(dossier)?,
            catalogue: self.catalogue,
            provisional_code: folder.record.provisional_code.as_deref(),
        }))
    }

    pub(crate) fn all_conflicts(&mut self) -> Result<Vec<DossierConflicts>, ReadFault> {
        let contested: Vec<DossierId> =
            self.index()?.cards().filter(|card| card.conflicts > 0 || card.disputed).map(|card| card.dossier).collect();
        let mut all = Vec::new();
        for dossier in contested {
            let folder = self.folder(&dossier)?;
            let records = self.recorded(&dossier)?;
            let state = state::fold(&records, self.catalogue);
            let view = self.effective_view(&folder, (&records, &state))?;
            if view.conflicts.is_empty() && view.disputed.is_empty() {
                continue;
            }
            let code = view.code.or(view.provisional_code);
            all.push(DossierConflicts { dossier, code, conflicts: view.conflicts, disputed: view.disputed });
        }
        Ok(all)
    }

    /// Makes cards and outbox anew from what they follow from.
    pub(crate) fn rebuild_caches(&mut self) -> Result<usize, ReadFault> {
        self.index = None;
        let dossiers: Vec<(Vec<u8>, DossierRecord)> = self.store.records::<DossierRecord>(&[])?;
        for (key, record) in &dossiers {
            let dossier = DossierId(part(key, 0)?);
            let content = self.content(&dossier, &BTreeSet::new())?;
            let journal = self.store.records(dossier.as_bytes())?.into_iter().map(|(_, entry)| entry).collect();
            let mut folder = Folder { dossier, record: record.clone(), content, journal };
            edits(&folder.journal)?;
            let mut batch = WriteBatch::new();
            self.rebuild_outbox(&dossier, &mut batch)?;
            let touched_ms = folder.record.touched_ms;
            let records = self.recorded(&dossier)?;
            self.put_back(&mut folder, &records, &mut batch)?;
            // Rebuilding is not touching.
            folder.record.touched_ms = touched_ms;
            batch.record(dossier.as_bytes(), &folder.record);
            self.store.commit(batch)?;
        }
        Ok(dossiers.len())
    }

    /// Own items that count and have no proof are in the outbox; a refusal noted there stays.
    fn rebuild_outbox(&self, dossier: &DossierId, batch: &mut WriteBatch) -> Result<(), StoreFault> {
        let mut own: Vec<Vec<u8>> = Vec::new();
        let mut of_own_change = false;
        for (key, change) in self.store.records::<ChangeRecord>(dossier.as_bytes())? {
            if change.author == self.id() && change.standing == Standing::Counts && change.received.is_none() {
                own.push(OutboxKind::Change.key(dossier, &part(&key, 16)?));
                of_own_change = true;
            }
        }
        if of_own_change {
            // Which of the texts were ours to announce is not kept; announcing one that is known costs a few bytes.
            for key in self.store.keys::<TextRecord>(dossier.as_bytes())? {
                own.push(OutboxKind::Text.key(dossier, &part(&key, 16)?));
            }
        }
        for (key, event) in self.store.records::<EventRecord>(dossier.as_bytes())? {
            let is_own = event.signed.verify(dossier).is_ok_and(|event| event.device() == self.id());
            if is_own && event.standing == Standing::Counts && event.received.is_none() {
                own.push(OutboxKind::Event.key(dossier, &part(&key, 16)?));
            }
        }
        for key in own {
            let held = self.store.record::<ProofRecord>(&key)?.is_some();
            let noted = self.store.record::<OutboxRecord>(&key)?.is_some();
            if !held && !noted {
                batch.record(&key, &OutboxRecord::default());
            }
        }
        Ok(())
    }

    /// Marks of attachments that this device is to bring and the Centre lacks.
    pub(crate) fn files_to_bring(&self) -> Result<Vec<(DossierId, dossier::id::BlobId)>, StoreFault> {
        let files = self.store.records::<FileRecord>(&[])?;
        files
            .into_iter()
            .filter(|(_, file)| file.ours && !file.arrived)
            .map(|(key, _)| Ok((DossierId(part(&key, 0)?), dossier::id::BlobId(part(&key, 16)?))))
            .collect()
    }
}
