use serde::Serialize;

use super::{Moment, Sources, acts, change_time, field_name, model::Deed, moment, person};
use crate::{
    content::Scalar,
    id::{ChangeHash, DeviceId},
    state,
};

/// What an entry of the history is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum HistoryKind {
    /// Somebody sealed what they had written.
    Change {
        /// The change.
        change: ChangeHash,
        /// What it said, in order.
        set: Vec<SetField>,
    },
    /// Somebody did something.
    Event(Box<Deed>),
}

/// A field as a change set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetField {
    /// The field.
    pub field: String,
    /// The value; none if it was cleared.
    pub value: Option<Scalar>,
}

/// One entry of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// When it counts as done.
    #[serde(flatten)]
    pub at: Moment,
    /// Who.
    pub by: String,
    /// Their device.
    pub device: Option<DeviceId>,
    /// Whether the Centre has it.
    pub received: bool,
    /// What.
    #[serde(flatten)]
    pub kind: HistoryKind,
}

/// Everything that was ever sealed or done: changes in causal order, each event after the version it was done on.
#[must_use]
pub fn history(sources: &Sources<'_>) -> Vec<HistoryEntry> {
    let state = state::fold(sources.records, sources.catalogue);
    let mut entries: Vec<(Vec<ChangeHash>, HistoryEntry)> = Vec::new();
    for note in sources.content.changes() {
        let author = sources.authors.get(&note.actor);
        let set = sources.content.edits_of(&note.hash);
        entries.push((
            vec![note.hash],
            HistoryEntry {
                at: moment(change_time(sources, &note.hash, note.time_s)),
                by: author.map_or_else(String::new, |author| person(author.device, author.name.as_deref())),
                device: author.map(|author| author.device),
                received: sources.received.contains_key(&note.hash),
                kind: HistoryKind::Change {
                    change: note.hash,
                    set: set
                        .into_iter()
                        .map(|edit| SetField { field: field_name(&edit.path), value: edit.value })
                        .collect(),
                },
            },
        ));
    }
    // Causal order of events is theirs; among the changes each stands right after the last one that it cites.
    let mut at_least = 0;
    for view in acts::all(sources, &state) {
        let cited = entries
            .iter()
            .rposition(|(hashes, _)| hashes.iter().any(|hash| view.deed.heads.contains(hash)))
            .map_or(0, |position| position + 1);
        let mut position = cited.max(at_least).min(entries.len());
        while entries.get(position).is_some_and(|(_, entry)| matches!(entry.kind, HistoryKind::Event(_))) {
            position += 1;
        }
        let device = sources
            .records
            .iter()
            .find(|record| record.event.id() == view.deed.event)
            .map(|record| record.event.device());
        let entry = HistoryEntry {
            at: view.at.unwrap_or_else(|| moment(state::EventTime::of(0, None))),
            by: view.by.unwrap_or_default(),
            device,
            received: view.deed.received_ms.is_some(),
            kind: HistoryKind::Event(Box::new(view.deed)),
        };
        entries.insert(position, (Vec::new(), entry));
        at_least = position + 1;
    }
    entries.into_iter().map(|(_, entry)| entry).collect()
}
