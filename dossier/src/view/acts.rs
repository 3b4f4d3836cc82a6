use super::{Deed, EventView, Sources, State, moment, person};
use crate::id::EventId;

pub fn all(sources: &Sources<'_>, state: &State) -> Vec<EventView> {
    state.entries.iter().map(|entry| one(sources, state, &entry.event)).collect()
}

pub fn one(sources: &Sources<'_>, state: &State, id: &EventId) -> EventView {
    let record = sources.records.iter().find(|record| record.event.id() == *id);
    let entry = state.entry(id);
    let body = record.map(|record| record.event.body());
    let deed = Deed {
        event: *id,
        kind: body.map(|body| body.act.name()),
        act: body.map(|body| body.act.clone()),
        role: body.and_then(|body| body.acting.as_ref().map(|acting| acting.role)),
        unit: body.and_then(|body| body.acting.as_ref().map(|acting| acting.unit.clone())),
        audience: body.map(|body| body.audience),
        received_ms: record.and_then(|record| record.received.map(|received| received.at_ms)),
        heads: body.map(|body| body.heads.clone()).unwrap_or_default(),
        ineffective: entry.and_then(|entry| entry.ineffective),
    };
    EventView {
        deed,
        by: record.map(|record| person(record.event.device(), record.certificate.as_ref().map(|c| c.name.as_str()))),
        at: entry.map(|entry| moment(entry.at)),
    }
}
