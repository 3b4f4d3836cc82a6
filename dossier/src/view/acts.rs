use super::{EventView, Sources, State, moment, person};
use crate::id::EventId;

pub fn all(sources: &Sources<'_>, state: &State) -> Vec<EventView> {
    state.entries.iter().map(|entry| one(sources, state, &entry.event)).collect()
}

pub fn one(sources: &Sources<'_>, state: &State, id: &EventId) -> EventView {
    let record = sources.records.iter().find(|record| record.event.id() == *id);
    let entry = state.entry(id);
    EventView {
        event: *id,
        kind: record.map(|record| record.event.body().act.name()),
        act: record.map(|record| record.event.body().act.clone()),
        by: record.map(|record| person(record.event.device(), record.certificate.as_ref().map(|c| c.name.as_str()))),
        role: record.and_then(|record| record.event.body().acting.as_ref().map(|acting| acting.role)),
        unit: record.and_then(|record| record.event.body().acting.as_ref().map(|acting| acting.unit.clone())),
        audience: record.map(|record| record.event.body().audience),
        at: entry.map(|entry| moment(entry.at)),
        received_ms: record.and_then(|record| record.received.map(|received| received.at_ms)),
        heads: record.map(|record| record.event.body().heads.clone()).unwrap_or_default(),
        ineffective: entry.and_then(|entry| entry.ineffective),
    }
}
