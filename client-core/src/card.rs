//! What lists and search show of a dossier, without opening it: a projection, refreshed in the commit that changes it.

use std::collections::BTreeMap;

use dossier::{
    content::{Content, ContentPath, Root, Scalar},
    event::Act,
    form::Role,
    id::DossierId,
    state::{self, Recorded, State},
    view::{self, StatusView},
};
use minicbor::{Decode, Encode};
use serde::Serialize;

use crate::{
    device::Device,
    due::Due,
    ledger::Read,
    record::{FileRecord, JournalRecord, OutboxRecord, Record},
    store::{Space, StoreFault, Write, WriteBatch},
    truth::{Facts, Truth},
};

/// One dossier in a list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
pub struct Card {
    /// The dossier.
    #[n(0)]
    pub dossier: DossierId,
    /// The official code.
    #[n(1)]
    pub code: Option<String>,
    /// The code this device gave it, or the first that somebody else gave it.
    #[n(2)]
    pub provisional_code: Option<String>,
    /// Every other code it is or was known by.
    #[n(3)]
    pub aliases: Vec<String>,
    /// The procedure's code.
    #[n(4)]
    pub procedure: Option<String>,
    /// The procedure's Vietnamese name; empty if the catalogue on this device does not know it.
    #[n(5)]
    pub procedure_name: String,
    /// The applicant's name.
    #[n(6)]
    pub applicant: Option<String>,
    /// The national status, 1–10; `None` for a draft.
    #[n(7)]
    pub status: Option<u8>,
    /// Its exact national name.
    #[n(8)]
    pub status_name: String,
    /// The unit that handles it.
    #[n(9)]
    pub unit: Option<String>,
    /// Sealed items that the Centre has not signed for.
    #[n(10)]
    pub unsent: u32,
    /// Of these, how many it refused.
    #[n(11)]
    pub refused: u32,
    /// Cells typed and not yet sealed.
    #[n(12)]
    pub unsealed: u32,
    /// Fields about which people disagree.
    #[n(13)]
    pub conflicts: u32,
    /// Whether official acts contradict each other.
    #[n(14)]
    pub disputed: bool,
    /// Whether content moved on from the version that counts.
    #[n(15)]
    pub pending_amendment: bool,
    /// Attachments it names.
    #[n(16)]
    pub files: u32,
    /// Of these, how many the Centre holds.
    #[n(17)]
    pub files_arrived: u32,
    /// When it was last touched here, Unix milliseconds by this device's clock.
    #[n(18)]
    pub touched_ms: i64,
    /// The name of the person the matter is about, when another than the applicant.
    #[n(19)]
    pub subject: Option<String>,
    /// The channel, 1–3.
    #[n(20)]
    pub channel: Option<u8>,
    /// When it was first submitted, Unix milliseconds.
    #[n(21)]
    pub submitted_ms: Option<i64>,
    /// When it was accepted, Unix milliseconds.
    #[n(22)]
    pub accepted_ms: Option<i64>,
    /// When the result is due: local date and time, ISO 8601 with `+07:00`.
    #[n(23)]
    pub due_at: Option<String>,
    /// How far the work on it has come.
    #[n(24)]
    pub truth: Truth,
    /// Whether its papers were taken over from the applicant.
    #[n(25)]
    pub collected: bool,
    /// How it stands to its due date: laid over when it is listed, since it changes with the hour.
    #[cbor(skip)]
    pub due: Due,
}

/// One value per cell: the sealed one that stands, under what was typed since.
pub fn effective(content: &Content, journal: &[JournalRecord]) -> BTreeMap<ContentPath, Scalar> {
    let mut cells: BTreeMap<ContentPath, Scalar> = content
        .cells()
        .into_iter()
        .filter_map(|(path, state)| Some((path, state.versions.into_iter().next()?.value)))
        .collect();
    for entry in journal {
        let Ok(path) = entry.path.parse::<ContentPath>() else { continue };
        match &entry.value {
            Some(value) => cells.insert(path, value.clone()),
            None => cells.remove(&path),
        };
    }
    cells
}

/// Answers by field path, long texts among them: what the form judges.
pub fn answers(cells: &BTreeMap<ContentPath, Scalar>) -> BTreeMap<String, Scalar> {
    cells
        .iter()
        .filter(|(path, _)| matches!(path.root(), Root::Answers | Root::Texts))
        .map(|(path, value)| (path.key().to_owned(), value.clone()))
        .collect()
}

/// The text of a cell.
pub fn text_of(cells: &BTreeMap<ContentPath, Scalar>, root: Root, key: &str) -> Option<String> {
    cells.get(&ContentPath::new(root, key).ok()?).map(ToString::to_string)
}

/// What a card is made from.
pub struct Material<'a> {
    pub dossier: DossierId,
    pub content: &'a Content,
    pub journal: &'a [JournalRecord],
    pub records: &'a [Recorded],
    pub provisional_code: Option<&'a str>,
    pub touched_ms: i64,
}

impl Device {
    /// The card as it will be once `batch` is durable.
    pub(crate) fn card_of(&self, material: &Material<'_>, batch: &WriteBatch) -> Result<Card, StoreFault> {
        let state = state::fold(material.records, self.catalogue);
        let cells = effective(material.content, material.journal);
        let procedure = text_of(&cells, Root::Procedure, "code").or_else(|| state.procedure.clone());
        let known = procedure.as_deref().and_then(|code| self.catalogue.procedure_of(code).ok());
        let form = known.and_then(|procedure| self.form_of(procedure).ok());
        let named = |role| text_of(&cells, Root::Answers, &form.as_ref()?.role(role)?.id);
        let (applicant, subject) = (named(Role::ApplicantName), named(Role::SubjectName));
        let typed: Vec<ContentPath> = material.journal.iter().filter_map(|entry| entry.path.parse().ok()).collect();
        let conflicts = material
            .content
            .cells()
            .iter()
            .filter(|(path, state)| state.is_conflict() && !typed.contains(path))
            .count();
        let (unsent, refused) = self.outbox_counts(&material.dossier, batch)?;
        let arrived = self.arrived_after(&material.dossier, batch)?;
        let files: Vec<_> = cells.keys().filter_map(|path| path.as_file().map(|(_, blob)| blob)).collect();
        let status = StatusView::of(state.status);
        let amended = state.has_pending_amendment(&material.content.heads());
        let files_arrived = count(files.iter().filter(|blob| arrived.contains(*blob)).count());
        let facts = Facts {
            status: state.status,
            unsent,
            refused,
            unsealed: count(material.journal.len()),
            conflicts: count(conflicts),
            is_disputed: !state.disputed.is_empty(),
            is_amended: amended,
            files: count(files.len()),
            files_arrived,
            has_lost: self.has_lost(&material.dossier, material.content, material.records, &state)?,
            // What the Centre says of items after their receipt is laid over the cards when they are listed.
            is_quarantined: false,
        };
        Ok(Card {
            dossier: material.dossier,
            code: state.code.clone(),
            provisional_code: provisional(material, &state),
            aliases: state.aliases.clone(),
            procedure_name: known.map(|procedure| procedure.name.vi.clone()).unwrap_or_default(),
            procedure,
            applicant,
            subject,
            status: status.business,
            status_name: status.name.to_owned(),
            unit: state.unit.clone(),
            unsent,
            refused,
            unsealed: count(material.journal.len()),
            conflicts: count(conflicts),
            disputed: !state.disputed.is_empty(),
            pending_amendment: amended,
            files_arrived,
            files: count(files.len()),
            touched_ms: material.touched_ms,
            channel: state.channel.map(|channel| channel.code()),
            submitted_ms: state.submitted_at.map(|time| time.ms),
            accepted_ms: state.acceptance.as_ref().map(|acceptance| acceptance.at.ms),
            due_at: view::due_of(&state, self.catalogue).map(|due| view::local_iso(due.at)),
            truth: Truth::of(&facts),
            collected: collected(material.records, &state),
            due: Due::default(),
        })
    }

    /// Unsent and refused items of a dossier once `batch` is durable.
    pub(crate) fn outbox_counts(&self, dossier: &DossierId, batch: &WriteBatch) -> Result<(u32, u32), StoreFault> {
        let mut entries: BTreeMap<Vec<u8>, bool> = self
            .store
            .records::<OutboxRecord>(dossier.as_bytes())?
            .into_iter()
            .map(|(key, entry)| (key, entry.refused.is_some()))
            .collect();
        for write in batch.writes() {
            match write {
                Write::Put(Space::Outbox, key, value) if key.starts_with(dossier.as_bytes()) => {
                    entries.insert(key.clone(), OutboxRecord::from_value(value)?.refused.is_some());
                }
                Write::Delete(Space::Outbox, key) => {
                    entries.remove(key);
                }
                _ => {}
            }
        }
        Ok((count(entries.len()), count(entries.values().filter(|refused| **refused).count())))
    }

    fn arrived_after(
        &self,
        dossier: &DossierId,
        batch: &WriteBatch,
    ) -> Result<std::collections::BTreeSet<dossier::id::BlobId>, StoreFault> {
        let mut arrived = self.arrived_of(dossier)?;
        for write in batch.writes() {
            let Write::Put(Space::Files, key, value) = write else { continue };
            if key.starts_with(dossier.as_bytes()) {
                let blob = dossier::id::BlobId(crate::ledger::part(key, 16)?);
                if FileRecord::from_value(value)?.arrived {
                    arrived.insert(blob)
                } else {
                    arrived.remove(&blob)
                };
            }
        }
        Ok(arrived)
    }
}

/// Whether a taking over of papers took effect.
fn collected(records: &[Recorded], state: &State) -> bool {
    let is_hand_in = |record: &&Recorded| matches!(record.event.body().act, Act::Collected { .. });
    let effective = |event| state.entries.iter().any(|entry| entry.event == event && entry.ineffective.is_none());
    records.iter().filter(is_hand_in).any(|record| effective(record.event.id()))
}

fn provisional(material: &Material<'_>, state: &State) -> Option<String> {
    let given = material.provisional_code.map(str::to_owned);
    given.or_else(|| state.aliases.iter().find(|alias| alias.starts_with("T-")).cloned())
}

/// A number of things; nobody has more of them than fit.
pub fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
