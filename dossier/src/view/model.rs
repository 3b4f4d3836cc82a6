use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    certificate::Role,
    content::Scalar,
    event::{Act, Audience},
    form::Label,
    id::{BlobId, ChangeHash, DeviceId, DossierId, EventId},
    state::{ClockFlag, Ineffective, Status},
};

/// A dossier as `show` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DossierView {
    /// The dossier.
    pub dossier: DossierId,
    /// The official code.
    pub code: Option<String>,
    /// The code given before any official one.
    pub provisional_code: Option<String>,
    /// Every other code it is or was known by.
    pub aliases: Vec<String>,
    /// The procedure's code.
    pub procedure: Option<String>,
    /// The procedure's name.
    pub procedure_name: Option<Label>,
    /// The catalogue under which it was filled in.
    pub catalogue: Option<String>,
    /// The business status.
    pub status: StatusView,
    /// Official acts that contradict each other.
    pub disputed: Vec<EventView>,
    /// The unit that handles it.
    pub unit: Option<String>,
    /// The channel, 1–3.
    pub channel: Option<u8>,
    /// Answers by field path. Of several values, the one shown first among its conflict's.
    pub answers: BTreeMap<String, Scalar>,
    /// Fields with several values.
    pub conflicts: Vec<ConflictView>,
    /// Papers.
    pub components: Vec<ComponentView>,
    /// Everything that was done, in causal order.
    pub events: Vec<EventView>,
    /// When it was first submitted.
    pub submitted_at: Option<Moment>,
    /// When it was accepted.
    pub accepted_at: Option<Moment>,
    /// When the result was there, or it ended otherwise.
    pub finished_at: Option<Moment>,
    /// When the result is due: local date and time, ISO 8601 with `+07:00`.
    pub due_at: Option<String>,
    /// Whether the due date rests on days of the calendar that are not final, or on an unconfirmed clock.
    pub due_provisional: bool,
    /// How many supplement requests took effect.
    pub supplement_requests: usize,
    /// The version of the content shown here.
    pub heads: Vec<ChangeHash>,
    /// The version that counts, once accepted.
    pub accepted_heads: Option<Vec<ChangeHash>>,
    /// What was written after the version that counts.
    pub pending_amendment: Option<AmendmentView>,
    /// Events that others refer to and that are not here.
    pub missing_events: Vec<EventId>,
}

/// The business status with its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusView {
    /// The national code, 1–10; none for a draft.
    pub business: Option<u8>,
    /// The exact national name.
    pub name: &'static str,
    /// In English.
    pub name_en: &'static str,
}

impl StatusView {
    /// The view of a status.
    #[must_use]
    pub fn of(status: Option<Status>) -> Self {
        match status {
            Some(status) => Self { business: Some(status.code()), name: status.name_vi(), name_en: status.name_en() },
            None => Self { business: None, name: "Đang soạn", name_en: "Draft" },
        }
    }
}

/// A moment as people and programs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// Local time, ISO 8601 with `+07:00`.
    pub at: String,
    /// Unix milliseconds.
    #[serde(rename = "at_ms")]
    pub ms: i64,
    /// How sure that is.
    pub clock: ClockFlag,
}

/// One value of a field with who said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VoiceView {
    /// The value.
    pub value: Scalar,
    /// The person's name, or their device's short name.
    pub by: String,
    /// Their role.
    pub role: Option<Role>,
    /// Their device.
    pub device: Option<DeviceId>,
    /// When: local time, ISO 8601 with `+07:00`.
    pub at: String,
    /// How sure that is.
    pub clock: ClockFlag,
    /// What they saw in the field before; none if it was empty.
    pub base: Option<Scalar>,
    /// The change that said so.
    pub change: ChangeHash,
}

/// A field about which people disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConflictView {
    /// The field.
    pub field: String,
    /// Every value; the first is the one shown elsewhere.
    pub values: Vec<VoiceView>,
}

/// A paper of the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComponentView {
    /// Its id in the catalogue.
    pub id: String,
    /// Originals counted.
    pub originals: Option<i64>,
    /// Copies counted.
    pub copies: Option<i64>,
    /// Photos and files, by page.
    pub files: Vec<FileView>,
}

impl ComponentView {
    pub(super) fn empty(id: &str) -> Self {
        Self { id: id.to_owned(), originals: None, copies: None, files: Vec::new() }
    }
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileView {
    /// Its id: the hash of its content.
    pub blob: BlobId,
    /// Its size.
    pub bytes: u64,
    /// Its media type.
    pub media: String,
    /// Its page.
    pub page: u32,
    /// Who attached it.
    pub by: String,
    /// Whether the Centre holds it.
    pub arrived: bool,
}

/// An event with who, when, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventView {
    /// What was done.
    #[serde(flatten)]
    pub deed: Deed,
    /// Who did it; none if the event is not here.
    pub by: Option<String>,
    /// When.
    #[serde(flatten)]
    pub at: Option<Moment>,
}

/// What was done, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deed {
    /// The event.
    pub event: EventId,
    /// The act's name, such as `accepted`; none if the event is not here.
    pub kind: Option<&'static str>,
    /// The act with everything that belongs to it.
    pub act: Option<Act>,
    /// In which role.
    pub role: Option<Role>,
    /// For which unit.
    pub unit: Option<String>,
    /// Who may see it.
    pub audience: Option<Audience>,
    /// When the Centre received it (Unix milliseconds).
    pub received_ms: Option<i64>,
    /// The version it was done on.
    pub heads: Vec<ChangeHash>,
    /// Why it took no effect, if so.
    pub ineffective: Option<Ineffective>,
}

/// What was written after the version that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AmendmentView {
    /// The version that counts.
    pub accepted_heads: Vec<ChangeHash>,
    /// The version as it is now.
    pub heads: Vec<ChangeHash>,
    /// The fields that differ.
    pub changes: Vec<AmendedField>,
}

/// A field that differs from the version that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AmendedField {
    /// The field.
    pub field: String,
    /// What was accepted.
    pub accepted: Option<Scalar>,
    /// What stands there now, with who said it; empty if it was cleared.
    pub now: Vec<VoiceView>,
}
